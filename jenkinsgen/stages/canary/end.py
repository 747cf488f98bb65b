"""The end of a canary that does not become live: the live colour has all clients again, at one moment."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from jenkinsgen.deploy.strategies.canary.plan import plan_removal
from jenkinsgen.stages.perform.actions import perform

if TYPE_CHECKING:
    from jenkinsgen.deploy.release import Build
    from jenkinsgen.stages.context.transaction import Transaction

ENDED = "canary ended"
PATIENCE = 10.0
"""For so many seconds the lease is waited for: a step holds it for the second in which it gives clients to a release,
and Jenkins waits 20 s for a stop.
"""


def end_canary(work: Transaction, why: str = "") -> None:
    """Take all clients from a canary, if there is one. Its containers stay until a deployment or an abort."""
    if not work.has_canary:
        return
    began = work.now
    work.end_canary()
    canary = work.journal.canary
    version, build = "an unknown release", "an unknown build"
    if canary is not None:
        version, build = canary.release.version, canary.build
        work.write(replace(work.journal, canary=replace(canary, percent=0, since=began)))
    work.tell(ENDED, f"{version}: {why or f'left by {build}'}")
    live = work.session.nginx.live()
    work.report.line(f"ended a canary ({version} of {build}): {live or 'the live colour'} has all the traffic again")


def remove_canary(work: Transaction, build: Build | None) -> None:
    """Drain and remove a canary without clients: a `build` removes only its own, a person any."""
    perform(work, plan_removal(work.pipeline, work.observe(), None if build is None else work.build))
