"""roll-out: the release on one batch of servers after the other; or the one before on all of them again."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from jenkinsgen.deploy.engines.docker.plan import DockerPlan
from jenkinsgen.deploy.nginx_hosts import refuse_apart
from jenkinsgen.deploy.origin import check_origin
from jenkinsgen.deploy.plan.deploy import plan_deploy
from jenkinsgen.deploy.plan.switch import plan_switch
from jenkinsgen.deploy.state.journal import became_live
from jenkinsgen.deploy.steps import Plan
from jenkinsgen.deploy.strategies.rolling.plan import plan_roll
from jenkinsgen.errors import JenkinsgenError
from jenkinsgen.stages.context.real import REAL
from jenkinsgen.stages.context.stage import Stage
from jenkinsgen.stages.context.transaction import DONE
from jenkinsgen.stages.perform.actions import Actions

if TYPE_CHECKING:
    from jenkinsgen.deploy.release import Release
    from jenkinsgen.deploy.world import World
    from jenkinsgen.report import Report
    from jenkinsgen.spec.pipeline import Pipeline
    from jenkinsgen.stages.context.outside import Outside
    from jenkinsgen.stages.context.transaction import Transaction

NAME = "roll-out"


def roll_out(pipeline: Pipeline, report: Report, outside: Outside = REAL) -> Release:
    """Replace the containers of the live colour, batch by batch; the very first time, start it and make it live.

    Raises ReleaseRefused when a server does not become healthy: then those that had the release run the one before
    again. Raises other JenkinsgenErrors with the same guarantee.
    """
    stage = Stage(NAME, pipeline, report, outside)
    release = stage.release()
    check_origin(pipeline, release.reference)
    with stage.transaction(allow_older=release.allow_older) as work:
        seen = roll(work, release)
        work.write(became_live(work.journal, release, work.now))
        work.tell(DONE)
        work.hand_over = True
    names = [str(server) for server in pipeline.servers]
    stage.write_report(colour=release.colour, version=release.version, servers=names)
    report.title(f"{release.version} runs on {', '.join(names)}: {seen}")
    return release


def roll(work: Transaction, release: Release) -> str:
    """Roll the release out, under the caller's lease, and write down that it is live. Returns what was proven."""
    pipeline, report = work.pipeline, work.report
    world = work.observe()
    refuse_apart(world.nginx)
    work.begin(release.version, release.colour)
    actions = _actions(work)
    report.title(f"{NAME} {release.version}: {len(pipeline.servers)} servers")
    if world.live is None:
        # No server has any traffic yet, so all at once.
        actions.do(plan_deploy(pipeline, release, world))
        actions.do(plan_switch(pipeline, release, work.observe()))
    else:
        plan = plan_roll(pipeline, release, world)
        # A plan that is not accepted has changed nothing, so there is nothing to take back.
        actions.accept(plan)
        try:
            actions.do(plan)
        except BaseException:
            # A signal, too: two versions may run side by side for minutes, not until the next build.
            _back(work, release, world)
            raise
    return "; ".join(actions.seen) or "it ran there already, so nothing was asked"


def _back(work: Transaction, refused: Release, before: World) -> None:
    """The release before on all servers again. What fails here must not hide why it was necessary."""
    pipeline, report = work.pipeline, work.report
    entry = work.journal.entry(work.journal.live)
    if entry is None or before.live is None:
        report.line("the journal does not know what was live, so nothing was rolled back; a new build puts it right")
        return
    release = replace(entry.release, colour=before.live)
    report.title(f"{refused.version} is refused; {release.version} goes back to every server that lost it")
    try:
        _actions(work).do(plan_roll(pipeline, release, work.observe(), back=True))
        _actions(work).do(Plan(DockerPlan(pipeline).images_back(refused, before)))
    except JenkinsgenError as error:
        report.line(f"rolling back failed: {error.message}")
        report.line("servers that are out of the traffic stay out; a new build puts it right")
        return
    report.title(f"{release.version} runs on every server")


def _actions(work: Transaction) -> Actions:
    stage = work.session.stage
    return Actions(work, registry=stage.pull_login(), secrets=stage.secrets())
