"""canary abort: a canary loses its clients at once, then its connections end, and it goes."""

from __future__ import annotations

from typing import TYPE_CHECKING

from jenkinsgen.deploy.strategies.canary.owner import canary_of_another
from jenkinsgen.errors import LeaseHeld
from jenkinsgen.stages.canary.end import PATIENCE, end_canary, remove_canary
from jenkinsgen.stages.canary.give import NAME
from jenkinsgen.stages.context.real import REAL
from jenkinsgen.stages.context.stage import Stage
from jenkinsgen.stages.context.transaction import urgent_transaction

if TYPE_CHECKING:
    from jenkinsgen.report import Report
    from jenkinsgen.spec.pipeline import Pipeline
    from jenkinsgen.stages.context.outside import Outside

STAGE = f"{NAME} abort"


def canary_abort(pipeline: Pipeline, report: Report, outside: Outside = REAL) -> None:
    """Take all clients from the canary, which needs NGINX alone; then remove it from the servers.

    A build ends its own canary alone, and it is no error when there is none to end. Raises HostError when a server
    cannot be reached: then the canary has no clients any more, and its containers stay.
    """
    stage = Stage(STAGE, pipeline, report, outside)
    try:
        if _end_at_once(stage):
            _remove(stage)
    except LeaseHeld as held:
        if stage.build is None:
            raise
        report.line(f"nothing is left of this build to take back: {held.message}")


def _end_at_once(stage: Stage) -> bool:
    """False when there can be nothing to remove."""
    build, report = stage.build, stage.report
    me = stage.outside.holder(STAGE, build).build
    with stage.connected(with_servers=False) as session:
        found = session.state.read()
        if found is None:
            report.title("nothing was ever deployed, so there is no canary")
            return False
        if build is not None and (other := canary_of_another(found.journal, found.gate, me)):
            report.line(f"the canary is not of this build, so it stays: {other.build}")
            return False
        if found.gate is not None:
            with urgent_transaction(session, wait=PATIENCE) as work:
                # In a build, another canary may have begun while this waited for the lease.
                if build is None or not work.canary_of_another:
                    end_canary(work, f"by {work.who}")
    return True


def _remove(stage: Stage) -> None:
    with stage.connected() as session, urgent_transaction(session, wait=PATIENCE) as work:
        if work.has_canary:
            stage.report.line("another canary has begun meanwhile, so it stays")
            return
        remove_canary(work, stage.build)
