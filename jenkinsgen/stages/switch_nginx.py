"""switch-nginx: all traffic to the release, at one moment, proven; or back."""

from __future__ import annotations

from typing import TYPE_CHECKING

from jenkinsgen.deploy.guard.judgement import Baseline
from jenkinsgen.deploy.plan.switch import plan_switch
from jenkinsgen.deploy.state.journal import became_live
from jenkinsgen.stages.context.real import REAL
from jenkinsgen.stages.context.stage import Stage
from jenkinsgen.stages.context.transaction import DONE
from jenkinsgen.stages.perform.actions import perform
from jenkinsgen.stages.watch.bake import usual

if TYPE_CHECKING:
    from jenkinsgen.deploy.release import Release
    from jenkinsgen.deploy.world import World
    from jenkinsgen.report import Report
    from jenkinsgen.spec.pipeline import Pipeline
    from jenkinsgen.stages.context.outside import Outside
    from jenkinsgen.stages.context.transaction import Transaction

NAME = "switch-nginx"


def switch_nginx(pipeline: Pipeline, report: Report, outside: Outside = REAL) -> Release:
    """Make the release live and return when NGINX was seen to answer with it.

    Raises NginxError when it could not be proven: then the old colour is live again.
    """
    stage = Stage(NAME, pipeline, report, outside)
    release = stage.release()
    with stage.transaction(allow_older=release.allow_older) as work:
        switch_to(work, release)
        work.hand_over = True
    return release


def switch_to(work: Transaction, release: Release) -> None:
    """Switch under the lease that the caller holds."""
    report = work.report
    world = work.observe()
    work.begin(release.version, release.colour)
    plan = plan_switch(work.pipeline, release, world)
    report.title(f"{NAME}: from {world.live or 'nothing'} to {release.colour}, {release.version}")
    usually = _usually(work, world, release)
    done = perform(work, plan)
    work.write(became_live(work.journal, release, work.now, usually.to_dict()))
    work.tell(DONE, f"from {world.live or 'nothing'}")
    work.write_report(
        NAME,
        {
            "from": world.live,
            "to": release.colour,
            "version": release.version,
            "switch_ms": done.switch_ms,
            "nginx": world.nginx.version,
        },
    )
    took = f" (the flag took {done.switch_ms:.1f} ms)" if done.switch_ms is not None else ""
    report.title(f"{release.colour} is live: {'; '.join(done.seen)}{took}")


def _usually(work: Transaction, world: World, release: Release) -> Baseline:
    """The live colour's usual answers; with a canary of this release, those from when it had all the traffic."""
    canary = world.journal.canary
    if world.canary and canary and canary.release.version == release.version:
        return Baseline.from_dict(canary.baseline)
    return usual(work.session, world.live)
