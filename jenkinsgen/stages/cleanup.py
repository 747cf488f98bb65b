"""cleanup: the old colour stays warm for the bake, then drains, stops and goes."""

from __future__ import annotations

from typing import TYPE_CHECKING

from jenkinsgen.deploy.guard.judgement import UNKNOWN, Baseline
from jenkinsgen.deploy.plan.cleanup import bake_left, check_live, plan_cleanup
from jenkinsgen.deploy.release import check_release
from jenkinsgen.errors import LeaseHeld, ReleaseRefused, Unproven
from jenkinsgen.spec.values import show_duration
from jenkinsgen.stages.context.real import REAL
from jenkinsgen.stages.context.stage import Stage
from jenkinsgen.stages.context.transaction import transaction
from jenkinsgen.stages.perform.actions import perform
from jenkinsgen.stages.rollback import go_back
from jenkinsgen.stages.watch.bake import watch

if TYPE_CHECKING:
    from jenkinsgen.deploy.guard.evidence import Evidence
    from jenkinsgen.deploy.release import Release
    from jenkinsgen.deploy.world import World
    from jenkinsgen.report import Report
    from jenkinsgen.spec.colour import Colour
    from jenkinsgen.spec.pipeline import Pipeline
    from jenkinsgen.stages.context.outside import Outside
    from jenkinsgen.stages.context.session import Session

NAME = "cleanup"


def cleanup(pipeline: Pipeline, report: Report, outside: Outside = REAL, *, wait: bool = False) -> None:
    """Remove the colour that is not live, when its bake is over, after its connections have ended.

    Before that, images alone; with `wait`, the rest of the bake is waited for, watched by the spec's guard. Raises
    ReleaseRefused when the new colour did badly meanwhile: then the old one is live again.
    """
    stage = Stage(NAME, pipeline, report, outside)
    release = stage.workspace.read_release()
    if release is not None:
        check_release(release, pipeline, stage.build)
    with stage.connected() as session:
        world, left = _remove(session, release)
        if left and wait:
            _bake(session, world, left)
            try:
                _remove(session, release)
            except LeaseHeld as held:
                # This release has baked well; the next deployment removes the old colour, which is in its way.
                report.line(f"{held.message}; the old colour is left to it")


def _remove(session: Session, release: Release | None) -> tuple[World, float]:
    """Remove what may go. Returns for how many seconds the old colour has to stay; if any, it was left alone."""
    pipeline, report = session.pipeline, session.report
    with transaction(session, allow_older=True) as work:
        world = work.observe()
        live = check_live(release, world)
        work.begin(work.journal.live, live)
        left = bake_left(pipeline, world, work.now)
        report.title(f"{NAME}: {live} stays, {live.other} {'is kept warm' if left else 'goes'}")
        done = perform(work, plan_cleanup(pipeline, live, world, warm=left > 0))
    session.stage.write_report(live=live, connections_left=done.left, bake_left=left)
    if left:
        report.line(
            f"{live.other} stays for {show_duration(round(left))} (bake); jenkinsgen rollback goes back to it at once"
        )
    else:
        report.title(f"only {live} is left")
    return world, left


def _bake(session: Session, world: World, left: float) -> None:
    """Watch the bake without the lease, so that a person who wants to roll back need not wait for it."""
    live, pipeline, report = world.live, session.pipeline, session.report
    assert live is not None  # noqa: S101 - `_remove` has looked
    entry = world.journal.entry(world.journal.live)
    baseline = Baseline.from_dict(entry.baseline) if entry and entry.baseline else UNKNOWN
    report.title(f"bake: {live} is watched for {show_duration(round(left))}" if pipeline.guard else "bake")
    try:
        evidence = watch(session, live, baseline, left)
    except ReleaseRefused as refused:
        report.title(refused.message.partition("\n")[0])
        why, bad = refused.message.partition("\n")[0], world.journal.live
        # The next build may have begun. It is not interrupted, but between two of its stages this goes first.
        with transaction(session, allow_older=True, wait=pipeline.timeouts.cleanup, urgent=True) as work:
            back = go_back(work, "", why, bad=bad)
        refused.message += f"\n{back.version} is live again"
        raise
    _settle(pipeline, live, evidence, report)


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
