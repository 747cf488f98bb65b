"""canary show: a look at the canary, without the lease."""

from __future__ import annotations

from typing import TYPE_CHECKING

from jenkinsgen.deploy.strategies.canary.owner import SeenCanary
from jenkinsgen.edge import workspace
from jenkinsgen.stages.context.session import open_session

if TYPE_CHECKING:
    from jenkinsgen.report import Report
    from jenkinsgen.spec.pipeline import Pipeline


def look_at_canary(pipeline: Pipeline, report: Report) -> SeenCanary | None:
    """What has some of the clients now; None when nothing has."""
    with open_session(pipeline, workspace.login(pipeline, report), with_servers=False) as session:
        found, live = session.state.read(), session.nginx.live()
        if found is None or found.gate is None or found.gate.live is not live:
            return None
        return SeenCanary(found.gate, found.journal.canary, found.now)
