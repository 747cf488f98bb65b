"""cleanup: the old colour stays warm for the bake, then drains, stops and goes."""

from __future__ import annotations

import json
import time
from typing import TYPE_CHECKING

from jenkinsgen.deploy.guard.judgement import UNKNOWN, Baseline
from jenkinsgen.deploy.plan.cleanup import bake_left, check_live, plan_cleanup
from jenkinsgen.deploy.release import check_release
from jenkinsgen.deploy.run import run_plan
from jenkinsgen.edge import workspace
from jenkinsgen.errors import LeaseHeld, ReleaseRefused, Unproven
from jenkinsgen.spec.values import show_duration
from jenkinsgen.stages.context.session import open_session
from jenkinsgen.stages.context.transaction import transaction
from jenkinsgen.stages.perform.actions import Actions
from jenkinsgen.stages.rollback import go_back
from jenkinsgen.stages.watch.bake import watch

if TYPE_CHECKING:
    from jenkinsgen.deploy.guard.evidence import Evidence
    from jenkinsgen.deploy.release import Build, Release
    from jenkinsgen.deploy.world import World
    from jenkinsgen.report import Report
    from jenkinsgen.spec.colour import Colour
    from jenkinsgen.spec.pipeline import Pipeline
    from jenkinsgen.stages.context.session import Session

NAME = "cleanup"


def cleanup(pipeline: Pipeline, report: Report, *, wait: bool = False) -> None:
    """Remove the colour that is not live, when its bake is over, after its connections have ended.

    Before that, images alone; with `wait`, the rest of the bake is waited for, watched by the spec's guard. Raises
    ReleaseRefused when the new colour did badly meanwhile: then the old one is live again.
    """
    release = workspace.read_release()
    build = workspace.current_build()
    if release is not None:
        check_release(release, pipeline, build)
    with open_session(pipeline, workspace.login(pipeline, report), with_servers=True) as session:
        world, left = _remove(session, release, build, report)
        if left and wait:
            _bake(session, world, left, build, report)
            try:
                _remove(session, release, build, report)
            except LeaseHeld as held:
                # This release has baked well; what it leaves is in the way of the next one, which removes it.
                report.line(f"{held.message}; the old colour is left to it")


def _remove(session: Session, release: Release | None, build: Build | None, report: Report) -> tuple[World, float]:
    """What may go, goes. Returns for how many seconds the old colour has to stay; then it was left alone."""
    pipeline = session.pipeline
    with transaction(session, NAME, report, build=build, allow_older=True) as work:
        world = work.observe(session)
        live = check_live(release, world)
        work.begin(work.journal.live, live)
        left = bake_left(pipeline, world, work.now)
        report.title(f"{NAME}: {live} stays, {live.other} {'is kept warm' if left else 'goes'}")
        actions = Actions(session, work, report)
        run_plan(plan_cleanup(pipeline, live, world, warm=left > 0), actions, report)
    workspace.write_report(NAME, json.dumps({"live": live, "connections_left": actions.left, "bake_left": left}))
    if left:
        report.line(
            f"{live.other} stays for {show_duration(round(left))} (bake); jenkinsgen rollback goes back to it at once"
        )
    else:
        report.title(f"only {live} is left")
    return world, left


def _bake(session: Session, world: World, left: float, build: Build | None, report: Report) -> None:
    """Without the lease: a person who wants to go back must not wait for the one who watches."""
    live = world.live
    assert live is not None  # noqa: S101 - `_remove` has looked
    entry = world.journal.entry(world.journal.live)
    baseline = Baseline.from_dict(entry.baseline) if entry and entry.baseline else UNKNOWN
    report.title(f"bake: {live} is watched for {show_duration(round(left))}" if session.pipeline.guard else "bake")
    try:
        evidence = watch(session, live, baseline, left, report=report, sleep=time.sleep)
    except ReleaseRefused as refused:
        report.title(refused.message.partition("\n")[0])
        why, bad = refused.message.partition("\n")[0], world.journal.live
        # The next build may have begun. It is not interrupted, but between two of its stages this goes first.
        wait = session.pipeline.timeouts.cleanup
        with transaction(session, NAME, report, build=build, allow_older=True, wait=wait, urgent=True) as work:
            back = go_back(session, work, report, "", why, bad=bad)
        refused.message += f"\n{back.version} is live again"
        raise
    _settle(session.pipeline, live, evidence, report)


def _settle(pipeline: Pipeline, live: Colour, evidence: Evidence, report: Report) -> None:
    """Was there anything to judge by? Raises Unproven when there was not, and the spec refuses that."""
    for line in evidence.lines:
        report.line(line)
    if not evidence.lacking or pipeline.guard is None:
        return
    if pipeline.guard.unjudged == "refuse":
        raise Unproven(
            f"nobody can tell how {live} does: {evidence.lacking}; {live.other} stays warm",
            hint="jenkinsgen rollback goes back to it, jenkinsgen cleanup removes it, and so does the next deployment; "
            "guard.unjudged says what to do (docs/guard.md)",
        )
    report.line(f"so nobody can tell how {live} does with its requests; {live.other} goes (guard.unjudged)")
