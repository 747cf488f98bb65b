"""canary show: a look at the canary, without the lease."""

from __future__ import annotations

from typing import TYPE_CHECKING

from jenkinsgen.deploy.strategies.canary.owner import SeenCanary
from jenkinsgen.stages.canary.give import NAME
from jenkinsgen.stages.context.real import REAL
from jenkinsgen.stages.context.stage import Stage

if TYPE_CHECKING:
    from jenkinsgen.report import Report
    from jenkinsgen.spec.pipeline import Pipeline
    from jenkinsgen.stages.context.outside import Outside


def look_at_canary(pipeline: Pipeline, report: Report, outside: Outside = REAL) -> SeenCanary | None:
    """The canary that has some of the clients now; None when there is none."""
    with Stage(f"{NAME} show", pipeline, report, outside).connected(with_servers=False) as session:
        found, live = session.state.read(), session.nginx.live()
        if found is None or found.gate is None or found.gate.live is not live:
            return None
        return SeenCanary(found.gate, found.journal.canary, found.now)
