"""deploy-colour: the release on every server, healthy, without any traffic; or nowhere."""

from __future__ import annotations

from typing import TYPE_CHECKING

from jenkinsgen.deploy.origin import check_origin
from jenkinsgen.deploy.plan.deploy import plan_deploy
from jenkinsgen.errors import JenkinsgenError
from jenkinsgen.stages.canary.end import end_canary
from jenkinsgen.stages.context.real import REAL
from jenkinsgen.stages.context.stage import Stage
from jenkinsgen.stages.perform.actions import perform

if TYPE_CHECKING:
    from jenkinsgen.deploy.release import Release
    from jenkinsgen.report import Report
    from jenkinsgen.spec.pipeline import Pipeline
    from jenkinsgen.stages.context.outside import Outside

NAME = "deploy-colour"


def deploy_colour(pipeline: Pipeline, report: Report, outside: Outside = REAL) -> Release:
    """Start the idle colour on all servers and wait until each is healthy.

    Raises ReleaseRefused when one is not: then the new colour is gone everywhere and the old one keeps serving.
    Raises other JenkinsgenErrors with the same guarantee.
    """
    stage = Stage(NAME, pipeline, report, outside)
    release = stage.release()
    check_origin(pipeline, release.reference)
    registry, secrets = stage.pull_login(), stage.secrets()
    with stage.transaction(allow_older=release.allow_older) as work:
        end_canary(work)
        world = work.observe()
        work.begin(release.version, release.colour)
        plan = plan_deploy(pipeline, release, world)
        report.title(f"{NAME} {release.version}: {release.colour} on {len(pipeline.servers)} servers")
        try:
            perform(work, plan, registry=registry, secrets=secrets)
        except JenkinsgenError:
            report.title(f"{release.version} is refused; NGINX still serves {world.live or 'nothing of this service'}")
            raise
        work.hand_over = True
    names = [str(server) for server in pipeline.servers]
    stage.write_report(colour=release.colour, version=release.version, servers=names)
    report.title(f"{release.version} is healthy on {', '.join(names)}, without traffic yet")
    return release
