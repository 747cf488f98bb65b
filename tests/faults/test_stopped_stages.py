"""A stage is killed, or told to end, before each of its steps and before each note that it writes."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from boundaries import NOTES, WRITES, Boundary, note_boundaries, step_boundaries
from sandbox_workspace import on
from stopping import NEVER_REACHED, kill, stop, terminate

if TYPE_CHECKING:
    from conftest import Fault, Rows

pytestmark = pytest.mark.faults

STAGES = ("build-image", "deploy-colour", "switch-nginx", "cleanup")
STEPS = [(stage, [each for each in step_boundaries() if each.stage == stage]) for stage in STAGES]
NOTED = [(stage, [each for each in note_boundaries() if each.stage == stage]) for stage in STAGES]


def rows(places: list[tuple[str, list[Boundary]]]) -> list[object]:
    """A row for each stage."""
    return [pytest.param(stage, boundaries, id=stage) for stage, boundaries in places]


@pytest.mark.timeout(900)
@pytest.mark.parametrize(("stage", "boundaries"), rows(STEPS))
def test_sigkill_at_each_step(stage: str, boundaries: list[Boundary], fault: Rows):
    with fault(f"SIGKILL at each of {len(boundaries)} steps of {stage}") as row:
        kill_at_each(row, boundaries)


@pytest.mark.timeout(900)
@pytest.mark.parametrize(("stage", "boundaries"), rows(NOTED))
def test_sigkill_at_each_note(stage: str, boundaries: list[Boundary], fault: Rows):
    with fault(f"SIGKILL at each of {len(boundaries)} notes of {stage}") as row:
        kill_at_each(row, boundaries)


@pytest.mark.timeout(900)
@pytest.mark.parametrize(("stage", "boundaries"), rows(STEPS))
def test_sigterm_at_each_step(stage: str, boundaries: list[Boundary], fault: Rows):
    with fault(f"SIGTERM at each of {len(boundaries)} steps of {stage}") as row:
        row.goes_back = stage == "switch-nginx"
        for boundary in boundaries:
            reach(row, boundary)
            said = terminate(row, boundary, may_have_served=row.goes_back or stage == "cleanup")
            if stage == "deploy-colour":
                check_taken_back(row, said)


def kill_at_each(row: Fault, boundaries: list[Boundary]) -> None:
    """Every build but the last finds what the one before it has left."""
    for boundary in boundaries:
        reach(row, boundary)
        kill(row, boundary, may_have_served=boundary.stage in {"cleanup", "switch-nginx"})


def check_taken_back(row: Fault, said: str) -> None:
    """What was begun is gone; before anything had changed, the release before the live one is warm as it was.

    By what the stage said: a server may have an image to remove first, so the place alone does not tell. A server that
    was still to make room when the other one was stopped keeps what is warm.
    """
    new = row.workspace.release["version"]
    for server in row.sandbox.servers:
        told = on(row.sandbox, server, "docker", "ps", "-a", "--format", '{{.Names}} {{.Label "jenkinsgen.version"}}')
        versions = dict(line.split() for line in told.splitlines())
        assert f"shop-{row.live}" in versions, said
        assert new not in versions.values(), said
        assert "take back" in said or set(versions) == {"shop-blue", "shop-green"}, said


@pytest.mark.timeout(900)
def test_no_note_was_forgotten(fault: Rows):
    """The lists of places end where the stages do."""
    with fault("no signal at all") as row:
        row.build()
        for stage in STAGES:
            boundary = Boundary(stage, NOTES, WRITES[stage], "the end")
            row.ended(stage, stop(row, "KILL", boundary), NEVER_REACHED, may_have_served=True)


def reach(row: Fault, boundary: Boundary) -> None:
    """Everything before the stage; before a deployment with the release before the live one still warm."""
    if boundary.stage == "deploy-colour" and boundary.host != NOTES:
        row.build()
        row.succeed(*STAGES[:3])
        row.workspace.succeed("lock release", options=("--force",))
    row.build()
    row.succeed(*STAGES[: STAGES.index(boundary.stage)])
