"""rollback: all traffic back to an older release: one flag where it is still warm, else a deployment of its digest."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

from jenkinsgen.deploy.plan.deploy import plan_deploy
from jenkinsgen.deploy.plan.rollback import choose_target, is_warm, plan_look
from jenkinsgen.deploy.plan.switch import plan_switch
from jenkinsgen.deploy.run import run_plan
from jenkinsgen.deploy.state.journal import became_live, was_left
from jenkinsgen.deploy.strategies.rolling.rollback import half_way, in_place
from jenkinsgen.edge import workspace
from jenkinsgen.errors import ReleaseRefused
from jenkinsgen.masks import shown
from jenkinsgen.stages.canary.end import end_canary, remove_canary
from jenkinsgen.stages.context.session import open_session
from jenkinsgen.stages.context.transaction import DONE, urgent_transaction
from jenkinsgen.stages.perform.actions import Actions
from jenkinsgen.stages.roll_out import roll

if TYPE_CHECKING:
    from jenkinsgen.deploy.release import Release
    from jenkinsgen.deploy.world import World
    from jenkinsgen.report import Report
    from jenkinsgen.spec.pipeline import Pipeline
    from jenkinsgen.stages.context.session import Session
    from jenkinsgen.stages.context.transaction import Transaction

NAME = "rollback"


def rollback(pipeline: Pipeline, report: Report, *, version: str = "", wait: float = 0.0) -> Release:
    """Go back to `version`; without it, to the release before the one that is live.

    Returns what is live now. Raises LeaseHeld while another deployment is under way, and what a deployment raises;
    then the release that was live serves on.
    """
    build = workspace.current_build()
    with (
        open_session(pipeline, workspace.login(pipeline, report), with_servers=True) as session,
        urgent_transaction(session, NAME, report, build=build, wait=wait) as work,
    ):
        if work.has_canary and work.observe(session).canary:
            end_canary(session, work, report, f"rolled back by {work.who}")
            remove_canary(session, work, report, None)
            entry = work.journal.entry(work.journal.live)
            if not version and entry is not None:
                # Back from the canary is where the live release is.
                return entry.release
        return go_back(session, work, report, version)


def go_back(
    session: Session, work: Transaction, report: Report, version: str, why: str = "", *, bad: str = ""
) -> Release:
    """The rollback itself, for whoever holds the lease already. `why` is empty when a person wants it; with `bad`,
    only from that release.
    """
    pipeline = session.pipeline
    world = work.observe(session)
    left = work.journal.live
    if pipeline.strategy == "rolling":
        return _roll_back(session, work, report, world, version)
    release = choose_target(work.journal, world.live, version, bad=bad)
    work.begin(release.version, release.colour)
    report.title(f"{NAME}: from {world.live}, {left} to {release.colour}, {release.version}")
    warm = is_warm(world, pipeline, release) and _answers(session, work, report, release)
    if not warm:
        world = _make_again(session, work, report, release, world)
    actions = Actions(session, work, report)
    run_plan(plan_switch(pipeline, release, world, back=True), actions, report)
    said = shown(why) or f"by {work.who}"
    work.write(became_live(was_left(work.journal, left, release.version, said), release, work.now))
    work.tell(DONE, f"from {left}: {why}" if why else f"from {left}")
    summary = {"from": left, "to": release.version, "colour": release.colour, "warm": warm}
    workspace.write_report(NAME, json.dumps({**summary, "switch_ms": actions.switch_ms}))
    took = f" (the flag took {actions.switch_ms:.1f} ms)" if actions.switch_ms is not None else ""
    report.title(f"{release.version} is live again: {'; '.join(actions.seen)}{took}")
    report.line(f"{left} stays on the servers without traffic; the next deployment, or jenkinsgen cleanup, removes it")
    return release


def _roll_back(session: Session, work: Transaction, report: Report, world: World, version: str) -> Release:
    """Batch by batch, as it came; where a roll-out did not come to its end, back is to where it began."""
    pipeline, left = session.pipeline, work.journal.live
    release = half_way(work.journal, world, pipeline) if not version else None
    if release is None:
        release = in_place(choose_target(work.journal, world.live, version))
    origin = left if release.version != left else "a roll-out that did not come to its end"
    report.title(f"{NAME}: from {origin} to {release.version}")
    seen = roll(session, work, report, release)
    work.write(became_live(was_left(work.journal, left, release.version, f"by {work.who}"), release, work.now))
    work.tell(DONE, f"from {origin}")
    workspace.write_report(NAME, json.dumps({"from": left, "to": release.version, "colour": release.colour}))
    report.title(f"{release.version} is live again: {seen}")
    return release


def _answers(session: Session, work: Transaction, report: Report, release: Release) -> bool:
    """Is what is warm also healthy? If not, it is made anew."""
    try:
        run_plan(plan_look(session.pipeline, release), Actions(session, work, report), report)
    except ReleaseRefused as error:
        report.line(f"{release.version} still runs, but is not healthy: {error.message}")
        return False
    return True


def _make_again(session: Session, work: Transaction, report: Report, release: Release, world: World) -> World:
    pipeline = session.pipeline
    report.line(f"{release.version} is no longer warm; it is started again from {release.reference}")
    registry = workspace.pull_login(pipeline, report)
    secrets = workspace.secrets(pipeline, report)
    actions = Actions(session, work, report, registry=registry, secrets=secrets)
    run_plan(plan_deploy(pipeline, release, world), actions, report)
    return work.observe(session)
