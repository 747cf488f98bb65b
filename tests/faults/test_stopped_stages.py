"""A stage is killed, or told to end, before each of its steps and before each note that it writes."""

from __future__ import annotations

import re
import subprocess
import sys
import time
from pathlib import Path
from typing import TYPE_CHECKING

import pytest
from boundaries import NOTES, SERVER, WRITES, Boundary, note_boundaries, step_boundaries

if TYPE_CHECKING:
    from conftest import Fault, Rows

pytestmark = pytest.mark.faults

PROGRAM = Path(__file__).with_name("stopped_stage.py")
STAGES = ("build-image", "deploy-colour", "switch-nginx", "cleanup")
KILLED, TERMINATED, NEVER_REACHED = -9, 143, 99
# Jenkins waits for 20 s after SIGTERM before it goes on as if the stage were gone.
COMPENSATED_SECONDS = 15
# A switch, a crash, and one bad cleanup: the places where most is at stake run with all other tests.
CI = {("switch-nginx", "ProveLive"), ("deploy-colour", "StartContainer")}


def cases(boundaries: list[Boundary]) -> list[object]:
    return [
        pytest.param(each, marks=[pytest.mark.faults_ci] if (each.stage, each.what) in CI else [], id=str(each))
        for each in boundaries
    ]


@pytest.mark.parametrize("boundary", cases([*step_boundaries(), *note_boundaries()]))
def test_sigkill(boundary: Boundary, fault: Rows):
    with fault(f"SIGKILL in {boundary}") as row:
        reach(row, boundary)
        switched = boundary.stage in {"cleanup", "switch-nginx"}
        row.ended(boundary.stage, stop(row, "KILL", boundary), KILLED, may_have_served=switched)


@pytest.mark.parametrize("boundary", cases(step_boundaries()))
def test_sigterm(boundary: Boundary, fault: Rows):
    with fault(f"SIGTERM in {boundary}") as row:
        reach(row, boundary)
        row.goes_back = boundary.stage == "switch-nginx"
        code, said = stop(row, "TERM", boundary)
        ended = time.time()
        served = boundary.stage == "cleanup" or row.goes_back
        row.ended(boundary.stage, (code, said), TERMINATED, "stopped by SIGTERM", may_have_served=served)
        sent = re.search(r"^signal ([\d.]+)$", said, re.MULTILINE)
        assert sent is not None, said
        assert ended - float(sent[1]) < COMPENSATED_SECONDS
        if boundary.stage == "deploy-colour":
            assert row.workspace.containers() == [[f"shop-{row.live}"]] * 2, said


@pytest.mark.parametrize("stage", STAGES)
def test_no_note_was_forgotten(stage: str, fault: Rows):
    """The list of places ends where the stage does."""
    with fault(f"no signal in {stage}") as row:
        boundary = Boundary(stage, NOTES, WRITES[stage], "the end")
        reach(row, boundary)
        row.ended(stage, stop(row, "KILL", boundary), NEVER_REACHED, may_have_served=True)


def reach(row: Fault, boundary: Boundary) -> None:
    """Everything before the stage; before a deployment with the release before the live one still warm."""
    if boundary.stage == "deploy-colour" and boundary.host != NOTES:
        row.build()
        row.succeed(*STAGES[:3])
        row.workspace.succeed("lock release", options=("--force",))
    row.build()
    row.succeed(*STAGES[: STAGES.index(boundary.stage)])


def stop(row: Fault, signal: str, boundary: Boundary) -> tuple[int, str]:
    """The exit code of the stage, and what it said."""
    host = row.sandbox.servers[0].address if boundary.host == SERVER else boundary.host
    done = subprocess.run(
        [sys.executable, PROGRAM, signal, host, str(boundary.place), boundary.stage, "pipelines/shop.yaml"],
        cwd=row.workspace.folder,
        env=row.workspace.environment,
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        timeout=60,
        check=False,
    )
    return done.returncode, done.stdout
