"""deploy-colour: the release on every server, healthy, without any traffic; or nowhere."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

from jenkinsgen.deploy.origin import check_origin
from jenkinsgen.deploy.plan.deploy import plan_deploy
from jenkinsgen.deploy.release import Release, check_release
from jenkinsgen.deploy.run import run_plan
from jenkinsgen.edge import workspace
from jenkinsgen.errors import JenkinsgenError
from jenkinsgen.stages.canary.end import end_canary
from jenkinsgen.stages.context.session import open_session
from jenkinsgen.stages.context.transaction import transaction
from jenkinsgen.stages.perform.actions import Actions

if TYPE_CHECKING:
    from jenkinsgen.report import Report
    from jenkinsgen.spec.pipeline import Pipeline

NAME = "deploy-colour"


def deploy_colour(pipeline: Pipeline, report: Report) -> Release:
    """Start the idle colour on all servers and wait until each is healthy.

    Raises ReleaseRefused when one is not: then the new colour is gone everywhere and the old one serves on.
    Raises other JenkinsgenErrors with the same guarantee.
    """
    release = workspace.required_release()
    build = workspace.current_build()
    check_release(release, pipeline, build)
    check_origin(pipeline, release.reference)
    registry = workspace.pull_login(pipeline, report)
    secrets = workspace.secrets(pipeline, report)
    with (
        open_session(pipeline, workspace.login(pipeline, report), with_servers=True) as session,
        transaction(session, NAME, report, build=build, allow_older=release.allow_older) as work,
    ):
        end_canary(session, work, report)
        world = work.observe(session)
        work.begin(release.version, release.colour)
        plan = plan_deploy(pipeline, release, world)
        report.title(f"{NAME} {release.version}: {release.colour} on {len(pipeline.servers)} servers")
        try:
            run_plan(plan, Actions(session, work, report, registry=registry, secrets=secrets), report)
        except JenkinsgenError:
            report.title(f"{release.version} is refused; NGINX still serves {world.live or 'nothing of this service'}")
            raise
        work.hand_over = True
    names = [str(server) for server in pipeline.servers]
    workspace.write_report(NAME, json.dumps({"colour": release.colour, "version": release.version, "servers": names}))
    report.title(f"{release.version} is healthy on {', '.join(names)}, without traffic yet")
    return release
