"""The end of a canary that does not become live: the live colour has all clients again, at one moment."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from jenkinsgen.deploy.plan_canary import plan_abort
from jenkinsgen.deploy.run import run_plan
from jenkinsgen.stages.actions import Actions

if TYPE_CHECKING:
    from jenkinsgen.report import Report
    from jenkinsgen.stages.session import Session
    from jenkinsgen.stages.transaction import Transaction

ENDED = "canary ended"


def end_canary(session: Session, work: Transaction, report: Report, why: str = "") -> None:
    """No clients for a canary, if there is one. Its containers are left to whoever makes room, or aborts it."""
    if not work.has_canary:
        return
    began = work.now
    work.end_canary()
    canary = work.journal.canary
    if canary is not None:
        work.write(replace(work.journal, canary=replace(canary, percent=0, since=began)))
    whose = f"{canary.release.version} of {canary.build}" if canary else "nobody knows whose"
    work.tell(ENDED, why or f"left by {canary.build if canary else 'nobody knows whom'}")
    live = session.nginx.live()
    report.line(f"ended a canary ({whose}): {live or 'the live colour'} has all the traffic again")


def abort_canary(session: Session, work: Transaction, report: Report, why: str) -> None:
    """The same; then its connections and containers, too."""
    end_canary(session, work, report, why)
    world = work.observe(session)
    run_plan(plan_abort(session.pipeline, world, work.build), Actions(session, work, report), report)
    work.write(replace(work.journal, canary=None))
