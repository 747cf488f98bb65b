"""switch-nginx: all traffic to the release, at one moment, proven; or back."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

from jenkinsgen.deploy.guard.judgement import Baseline
from jenkinsgen.deploy.plan.switch import plan_switch
from jenkinsgen.deploy.release import Release, check_release
from jenkinsgen.deploy.run import run_plan
from jenkinsgen.deploy.state.journal import became_live
from jenkinsgen.edge import workspace
from jenkinsgen.stages.context.session import open_session
from jenkinsgen.stages.context.transaction import DONE, transaction
from jenkinsgen.stages.perform.actions import Actions
from jenkinsgen.stages.watch.bake import usual

if TYPE_CHECKING:
    from jenkinsgen.deploy.world import World
    from jenkinsgen.report import Report
    from jenkinsgen.spec.pipeline import Pipeline
    from jenkinsgen.stages.context.session import Session
    from jenkinsgen.stages.context.transaction import Transaction

NAME = "switch-nginx"


def switch_nginx(pipeline: Pipeline, report: Report) -> Release:
    """Make the release live and return when NGINX was seen to answer with it.

    Raises NginxError when it could not be proven: then the old colour is live again.
    """
    release = workspace.required_release()
    build = workspace.current_build()
    check_release(release, pipeline, build)
    with (
        open_session(pipeline, workspace.login(pipeline, report), with_servers=True) as session,
        transaction(session, NAME, report, build=build, allow_older=release.allow_older) as work,
    ):
        switch_to(session, work, report, release)
        work.hand_over = True
    return release


def switch_to(session: Session, work: Transaction, report: Report, release: Release) -> None:
    """The switch itself, for whoever holds the lease."""
    world = work.observe(session)
    work.begin(release.version, release.colour)
    plan = plan_switch(session.pipeline, release, world)
    report.title(f"{NAME}: from {world.live or 'nothing'} to {release.colour}, {release.version}")
    usually = _usually(session, world, release, report)
    actions = Actions(session, work, report)
    run_plan(plan, actions, report)
    work.write(became_live(work.journal, release, work.now, usually.to_dict()))
    work.tell(DONE, f"from {world.live or 'nothing'}")
    summary = {
        "from": world.live,
        "to": release.colour,
        "version": release.version,
        "switch_ms": actions.switch_ms,
        "nginx": world.nginx.version,
    }
    workspace.write_report(NAME, json.dumps(summary))
    took = f" (the flag took {actions.switch_ms:.1f} ms)" if actions.switch_ms is not None else ""
    report.title(f"{release.colour} is live: {'; '.join(actions.seen)}{took}")


def _usually(session: Session, world: World, release: Release, report: Report) -> Baseline:
    """What the live colour does; with a canary of this release, what it did while it had all the traffic."""
    canary = world.journal.canary
    if world.canary and canary and canary.release.version == release.version:
        return Baseline.from_dict(canary.baseline)
    return usual(session, world.live, report)
