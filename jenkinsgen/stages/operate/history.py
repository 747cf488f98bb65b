"""history: who deployed what, when, with what result."""

from __future__ import annotations

from typing import TYPE_CHECKING

from jenkinsgen.edge import workspace
from jenkinsgen.stages.context.real import open_state

if TYPE_CHECKING:
    from jenkinsgen.deploy.state.history import Event
    from jenkinsgen.report import Report
    from jenkinsgen.spec.pipeline import Pipeline


def history(pipeline: Pipeline, report: Report) -> tuple[tuple[Event, ...], int]:
    """All events, the newest first, and how many lines cannot be read. Raises HostError."""
    with open_state(pipeline, workspace.login(pipeline, report)) as folder:
        events, damaged = folder.history()
    return events[::-1], damaged
