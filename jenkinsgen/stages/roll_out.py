"""roll-out: the release on one batch of servers after the other; or the one before on all of them again."""

from __future__ import annotations

import json
from dataclasses import replace
from typing import TYPE_CHECKING

from jenkinsgen.deploy.engines.docker.plan import DockerPlan
from jenkinsgen.deploy.nginx_hosts import refuse_apart
from jenkinsgen.deploy.origin import check_origin
from jenkinsgen.deploy.plan.deploy import plan_deploy
from jenkinsgen.deploy.plan.switch import plan_switch
from jenkinsgen.deploy.release import Release, check_release
from jenkinsgen.deploy.run import run_plan
from jenkinsgen.deploy.state.journal import became_live
from jenkinsgen.deploy.steps import Plan
from jenkinsgen.deploy.strategies.rolling.plan import plan_roll
from jenkinsgen.edge import workspace
from jenkinsgen.errors import JenkinsgenError
from jenkinsgen.stages.context.session import open_session
from jenkinsgen.stages.context.transaction import DONE, transaction
from jenkinsgen.stages.perform.actions import Actions

if TYPE_CHECKING:
    from jenkinsgen.deploy.world import World
    from jenkinsgen.report import Report
    from jenkinsgen.spec.pipeline import Pipeline
    from jenkinsgen.stages.context.session import Session
    from jenkinsgen.stages.context.transaction import Transaction

NAME = "roll-out"


def roll_out(pipeline: Pipeline, report: Report) -> Release:
    """Replace the containers of the live colour, batch by batch; the very first time, start it and make it live.

    Raises ReleaseRefused when a server does not become healthy: then those that had the release run the one before
    again. Raises other JenkinsgenErrors with the same guarantee.
    """
    release = workspace.required_release()
    build = workspace.current_build()
    check_release(release, pipeline, build)
    check_origin(pipeline, release.reference)
    with (
        open_session(pipeline, workspace.login(pipeline, report), with_servers=True) as session,
        transaction(session, NAME, report, build=build, allow_older=release.allow_older) as work,
    ):
        seen = roll(session, work, report, release)
        work.write(became_live(work.journal, release, work.now))
        work.tell(DONE)
        work.hand_over = True
    names = [str(server) for server in pipeline.servers]
    workspace.write_report(NAME, json.dumps({"colour": release.colour, "version": release.version, "servers": names}))
    report.title(f"{release.version} runs on {', '.join(names)}: {seen}")
    return release


def roll(session: Session, work: Transaction, report: Report, release: Release) -> str:
    """The roll-out itself, for whoever holds the lease, and writes down that it is live. Returns what was seen."""
    pipeline = session.pipeline
    world = work.observe(session)
    refuse_apart(world.nginx)
    work.begin(release.version, release.colour)
    actions = _actions(session, work, report)
    report.title(f"{NAME} {release.version}: {len(pipeline.servers)} servers")
    if world.live is None:
        # Nobody has any traffic yet, so all at once.
        run_plan(plan_deploy(pipeline, release, world), actions, report)
        run_plan(plan_switch(pipeline, release, work.observe(session)), actions, report)
    else:
        plan = plan_roll(pipeline, release, world)
        # What is not accepted has changed nothing, so there is no way back from it.
        actions.accept(plan)
        try:
            run_plan(plan, actions, report)
        except BaseException:
            # A signal, too: two versions side by side are for minutes, not for as long as nobody builds.
            _back(session, work, report, release, world)
            raise
    return "; ".join(actions.seen) or "it ran there already, so nothing was asked"


def _back(session: Session, work: Transaction, report: Report, refused: Release, before: World) -> None:
    """The release before on all servers again. What fails here must not hide why it was necessary."""
    entry = work.journal.entry(work.journal.live)
    if entry is None or before.live is None:
        report.line("the journal does not know what was live, so nothing was rolled back; a new build puts it right")
        return
    release = replace(entry.release, colour=before.live)
    report.title(f"{refused.version} is refused; {release.version} goes back to every server that lost it")
    try:
        world = work.observe(session)
        run_plan(plan_roll(session.pipeline, release, world, back=True), _actions(session, work, report), report)
        images = Plan(DockerPlan(session.pipeline).images_back(refused, before))
        run_plan(images, _actions(session, work, report), report)
    except JenkinsgenError as error:
        report.line(f"rolling back failed: {error.message}")
        report.line("servers that are out of the traffic stay out; a new build puts it right")
        return
    report.title(f"{release.version} runs on every server")


def _actions(session: Session, work: Transaction, report: Report) -> Actions:
    registry = workspace.pull_login(session.pipeline, report)
    return Actions(session, work, report, registry=registry, secrets=workspace.secrets(session.pipeline, report))
