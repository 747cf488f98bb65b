"""rollback: all traffic back to an older release: one flag where it is still warm, else a deployment of its digest."""

from __future__ import annotations

from typing import TYPE_CHECKING

from jenkinsgen.deploy.plan.deploy import plan_deploy
from jenkinsgen.deploy.plan.rollback import is_warm, plan_look
from jenkinsgen.deploy.plan.switch import plan_switch
from jenkinsgen.deploy.state.journal import became_live, was_left
from jenkinsgen.deploy.strategies.registry import strategy_of
from jenkinsgen.errors import ReleaseRefused
from jenkinsgen.masks import shown
from jenkinsgen.stages.canary.end import end_canary, remove_canary
from jenkinsgen.stages.context.real import REAL
from jenkinsgen.stages.context.stage import Stage
from jenkinsgen.stages.context.transaction import DONE, urgent_transaction
from jenkinsgen.stages.perform.actions import perform
from jenkinsgen.stages.roll_out import roll

if TYPE_CHECKING:
    from jenkinsgen.deploy.release import Release
    from jenkinsgen.deploy.world import World
    from jenkinsgen.report import Report
    from jenkinsgen.spec.pipeline import Pipeline
    from jenkinsgen.stages.context.outside import Outside
    from jenkinsgen.stages.context.transaction import Transaction

NAME = "rollback"


def rollback(
    pipeline: Pipeline, report: Report, outside: Outside = REAL, *, version: str = "", wait: float = 0.0
) -> Release:
    """Go back to `version`; without it, to the release before the one that is live.

    Returns what is live now. Raises LeaseHeld while another deployment is under way, and what a deployment raises;
    then the live release keeps serving.
    """
    with (
        Stage(NAME, pipeline, report, outside).connected() as session,
        urgent_transaction(session, wait=wait) as work,
    ):
        if work.has_canary and work.observe().canary:
            end_canary(work, f"rolled back by {work.who}")
            remove_canary(work, None)
            entry = work.journal.entry(work.journal.live)
            if not version and entry is not None:
                # Back from the canary is where the live release is.
                return entry.release
        return go_back(work, version)


def go_back(work: Transaction, version: str, why: str = "", *, bad: str = "") -> Release:
    """Roll back under the lease that the caller holds. `why` is empty when a person wants it; with `bad`, only from
    that release.
    """
    pipeline, report = work.pipeline, work.report
    world = work.observe()
    left = work.journal.live
    strategy = strategy_of(pipeline)
    release = strategy.target(world, version, bad=bad)
    if strategy.in_place:
        return _roll_back(work, release)
    work.begin(release.version, release.colour)
    report.title(f"{NAME}: from {world.live}, {left} to {release.colour}, {release.version}")
    warm = is_warm(world, pipeline, release) and _answers(work, release)
    if not warm:
        world = _make_again(work, release, world)
    done = perform(work, plan_switch(pipeline, release, world, back=True))
    said = shown(why) or f"by {work.who}"
    work.write(became_live(was_left(work.journal, left, release.version, said), release, work.now))
    work.tell(DONE, f"from {left}: {why}" if why else f"from {left}")
    summary = {"from": left, "to": release.version, "colour": release.colour, "warm": warm}
    work.write_report(NAME, {**summary, "switch_ms": done.switch_ms})
    took = f" (the flag took {done.switch_ms:.1f} ms)" if done.switch_ms is not None else ""
    report.title(f"{release.version} is live again: {'; '.join(done.seen)}{took}")
    report.line(f"{left} stays on the servers without traffic; the next deployment, or jenkinsgen cleanup, removes it")
    return release


def _roll_back(work: Transaction, release: Release) -> Release:
    """Batch by batch, as it came; where a roll-out did not come to its end, back is to where it began."""
    report, left = work.report, work.journal.live
    origin = left if release.version != left else "a roll-out that did not come to its end"
    report.title(f"{NAME}: from {origin} to {release.version}")
    seen = roll(work, release)
    work.write(became_live(was_left(work.journal, left, release.version, f"by {work.who}"), release, work.now))
    work.tell(DONE, f"from {origin}")
    work.write_report(NAME, {"from": left, "to": release.version, "colour": release.colour})
    report.title(f"{release.version} is live again: {seen}")
    return release


def _answers(work: Transaction, release: Release) -> bool:
    """Is what is warm also healthy? If not, it is made anew."""
    try:
        perform(work, plan_look(work.pipeline, release))
    except ReleaseRefused as error:
        work.report.line(f"{release.version} still runs, but is not healthy: {error.message}")
        return False
    return True


def _make_again(work: Transaction, release: Release, world: World) -> World:
    stage = work.session.stage
    work.report.line(f"{release.version} is no longer warm; it is started again from {release.reference}")
    perform(work, plan_deploy(work.pipeline, release, world), registry=stage.pull_login(), secrets=stage.secrets())
    return work.observe()
