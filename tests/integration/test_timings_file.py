"""A whole deployment on the sandbox, and where its time went."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from timings_file import check_nesting, tracks

from jenkinsgen.timings import PROCESS, VARIABLE

if TYPE_CHECKING:
    from pathlib import Path

    from sandbox_workspace import Workspace

pytestmark = pytest.mark.sandbox
STAGES = ("build-image", "deploy-colour", "switch-nginx", "cleanup")


def test_every_stage_says_where_its_time_went(workspace: Workspace, tmp_path: Path):
    path = tmp_path / "timings.json"
    workspace.extra[VARIABLE] = str(path)
    workspace.deploy()

    found = tracks(path)

    for spans in found.values():
        check_nesting(spans)
    processes = {f"jenkinsgen {stage}" for stage in STAGES}
    assert {title for title, _ in found} == processes
    for title in processes:
        names = {span["name"] for span in found[title, PROCESS]}
        assert {"start Python", "import", "read the spec", "take the lease", "end"} <= names
    for server in workspace.sandbox.servers:
        names = {
            span["name"].partition(" ")[0]
            for (title, track), spans in found.items()
            if title == "jenkinsgen deploy-colour" and server.address in track
            for span in spans
        }
        assert {"connect", "open", "observe", "pull", "start", "check"} <= names
    assert workspace.sandbox.registry_password not in path.read_text()
    # The order of the stages is the order of the clock.
    begins = [min(span["ts"] for span in found[f"jenkinsgen {stage}", PROCESS]) for stage in STAGES]
    assert begins == sorted(begins)
