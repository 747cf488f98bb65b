"""history: who deployed what, when, with what result."""

from __future__ import annotations

from typing import TYPE_CHECKING

from jenkinsgen.edge import workspace
from jenkinsgen.stages.session import open_session

if TYPE_CHECKING:
    from jenkinsgen.deploy.history import Event
    from jenkinsgen.report import Report
    from jenkinsgen.spec.pipeline import Pipeline


def history(pipeline: Pipeline, report: Report) -> tuple[tuple[Event, ...], int]:
    """All events, the newest first, and how many lines cannot be read. Raises HostError."""
    with open_session(pipeline, workspace.login(pipeline, report), with_servers=False) as session:
        events, damaged = session.state.history()
    return events[::-1], damaged
