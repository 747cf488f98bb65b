"""`make bench` and `make soak` in short: they still run, and what does not depend on the machine holds."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

from jenkinsgen.sandbox.place import NAME_VARIABLE

if TYPE_CHECKING:
    from conftest import Workspace

pytestmark = pytest.mark.sandbox

BENCHMARKS = Path(__file__).parents[2] / "benchmarks"
RUN_SECONDS = 240


def figures(workspace: Workspace, tmp_path: Path, program: str, *options: str) -> dict[str, Any]:
    """What it wrote; how it ended says whether this machine was fast enough, which is not asked here."""
    written = tmp_path / "figures.json"
    done = subprocess.run(
        [sys.executable, str(BENCHMARKS / program), *options, "--json", str(written)],
        env={**os.environ, NAME_VARIABLE: workspace.sandbox.prefix.rpartition("-")[2]},
        capture_output=True,
        text=True,
        check=False,
        timeout=RUN_SECONDS,
    )
    assert done.returncode in (0, 1), done.stderr
    assert written.exists(), done.stdout + done.stderr
    found: dict[str, Any] = json.loads(written.read_text())
    return found


def test_the_benchmark_measures_everything(workspace: Workspace, tmp_path: Path):
    short = ("--servers", "2", "--rounds", "1", "--routing", "2", "--stand-ins", "20")
    found = figures(workspace, tmp_path, "bench.py", *short)

    assert all(figure["value"] > 0 for figure in found["figures"])
    (deployments,) = found["rounds"]["deployments"]
    # The app alone takes two seconds.
    assert all(deployments[kind][0] > 2 for kind in ("ours", "serial", "floor"))
    assert len(deployments["rollback"]) == 2
    assert deployments["peak"]["threads"] > 2
    assert found["machine"]["NGINX"]


def test_switches_in_a_row_lose_nothing(workspace: Workspace, tmp_path: Path):
    found = figures(workspace, tmp_path, "soak.py", "--switches", "20")

    values = {figure["what"]: figure["value"] for figure in found["figures"]}
    assert values["requests that failed"] == 0
    assert values["orders handled twice"] == 0
    assert values["orders lost"] == 0
    assert values["kept connections that a switch closed"] == 0
    assert values["the agent: files that it grew by"] == 0
    assert len(found["rounds"]["flag_ms"]) == 20
