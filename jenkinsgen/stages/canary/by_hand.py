"""canary set and promote: a person decides who gets a release."""

from __future__ import annotations

from typing import TYPE_CHECKING

from jenkinsgen.deploy.strategies.canary.plan import canary_release
from jenkinsgen.errors import StateError
from jenkinsgen.stages.canary.give import NAME, give, required_canary
from jenkinsgen.stages.context.real import REAL
from jenkinsgen.stages.context.stage import Stage
from jenkinsgen.stages.context.transaction import urgent_transaction
from jenkinsgen.stages.switch_nginx import switch_to

if TYPE_CHECKING:
    from jenkinsgen.report import Report
    from jenkinsgen.spec.pipeline import Pipeline
    from jenkinsgen.stages.context.outside import Outside


def canary_set(pipeline: Pipeline, report: Report, outside: Outside = REAL, *, percent: int, wait: float = 0.0) -> None:
    """Give so many percent to what runs in the colour that is not live. It is not watched."""
    required_canary(pipeline)
    stage = Stage(f"{NAME} {percent} %", pipeline, report, outside)
    with stage.connected() as session, urgent_transaction(session, wait=wait) as work:
        release = canary_release(pipeline, work.observe())
        give(work, release, percent)
    report.title(f"{release.version} has {percent} % of the clients; nobody watches it")


def canary_promote(pipeline: Pipeline, report: Report, outside: Outside = REAL, *, wait: float = 0.0) -> None:
    """Move all traffic to the canary. Raises NginxError when that could not be proven: then no client has it."""
    stage = Stage(f"{NAME} promote", pipeline, report, outside)
    with stage.connected() as session, urgent_transaction(session, wait=wait) as work:
        world = work.observe()
        if not world.canary:
            raise StateError("there is no canary to promote", hint="jenkinsgen canary set begins one")
        switch_to(work, canary_release(pipeline, world))
