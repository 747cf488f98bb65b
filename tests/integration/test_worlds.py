"""The demo in a world that is not the one in which everything else is tested."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

from jenkinsgen.sandbox import groovy_runtime
from jenkinsgen.sandbox.place import NAME_VARIABLE

pytestmark = [pytest.mark.sandbox, pytest.mark.groovy]

PROGRAM = Path(__file__).parents[2] / "benchmarks" / "worlds.py"
NAME = "worldtest"


@pytest.mark.timeout(900)
@pytest.mark.parametrize(
    ("world", "engine", "nginx", "openssh"),
    [
        ("trixie", "Docker 26.", "1.26.", "10."),
        ("sid", "Docker ", "1.", "10."),
        ("bookworm with podman", "Podman 4.3.", "1.22.", "9.2"),
    ],
    ids=["trixie", "sid", "podman"],
)
def test_the_demos_releases_lose_no_request_in_another_world(
    world: str, engine: str, nginx: str, openssh: str, tmp_path: Path
):
    groovy_runtime.find()
    written = tmp_path / "worlds.json"
    command = [sys.executable, str(PROGRAM), "--world", world, "--json", str(written)]
    done = subprocess.run(
        command, env=os.environ | {NAME_VARIABLE: NAME}, capture_output=True, text=True, check=False, timeout=880
    )

    assert done.returncode == 0, done.stdout + done.stderr
    (seen,) = json.loads(written.read_text())
    assert (seen["deployed"], seen["refused"], seen["failed"], seen["duplicated"]) == (3, 1, 0, 0)
    assert seen["requests"] > 1000
    said = seen["versions"]
    assert said["engine"].startswith(engine)
    assert said["nginx"].startswith(nginx)
    assert said["openssh"].startswith(openssh)
