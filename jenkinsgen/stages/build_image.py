"""build-image: which colour is idle, and the image for it."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from jenkinsgen.deploy.observed import ServerState
from jenkinsgen.deploy.plan.build import check_nginx_ready, left_on_agent, plan_build
from jenkinsgen.deploy.plan.site import check_unedited
from jenkinsgen.deploy.release import Release, coloured_repository, version_of
from jenkinsgen.deploy.steps import AGENT
from jenkinsgen.deploy.strategies.registry import strategy_of
from jenkinsgen.stages.canary.end import end_canary
from jenkinsgen.stages.context.real import REAL
from jenkinsgen.stages.context.stage import Stage
from jenkinsgen.stages.context.transaction import transaction
from jenkinsgen.stages.perform.actions import perform

if TYPE_CHECKING:
    from jenkinsgen.report import Report
    from jenkinsgen.spec.pipeline import Pipeline
    from jenkinsgen.stages.context.outside import Outside

NAME = "build-image"


def build_image(
    pipeline: Pipeline, report: Report, outside: Outside = REAL, *, wait: float = 0.0, allow_older: bool = False
) -> Release:
    """Build, push and record the image for the colour that gets no traffic.

    Works in the current folder, the root of the checked-out repository. Waits `wait` seconds at most for another
    deployment of the service to end. Raises LeaseHeld and other JenkinsgenErrors.
    """
    stage = Stage(NAME, pipeline, report, outside)
    workspace = stage.workspace
    build = workspace.required_build()
    git_sha = workspace.git_head()
    workspace.check_image_paths(pipeline.image)
    registry = workspace.registry(pipeline, report)
    engine = outside.agent_engine()
    with stage.connected(with_servers=False) as session:
        nginx = session.observe_nginx()
        check_nginx_ready(pipeline, nginx)
        check_unedited(pipeline, nginx)
        with transaction(session, allow_older=allow_older, wait=wait) as work:
            end_canary(work)
            # Again: while this waited for the lease, another build may have switched.
            live = session.nginx.observe().live
            colour = strategy_of(pipeline).colour(live, work.journal)
            release = Release(
                service=pipeline.service.name,
                colour=colour,
                version=version_of(git_sha, build.number),
                repository=coloured_repository(pipeline, colour),
                digest="",
                git_sha=git_sha,
                build_number=build.number,
                build_url=build.url,
                allow_older=allow_older,
            )
            work.begin(release.version, colour)
            report.title(f"{NAME} {pipeline.service.name}: live is {live or 'nothing yet'}, this build is {colour}")
            if pipeline.image.artifact:
                report.line(f"copied {workspace.place_artifact(pipeline.image.artifact)}")
            here = ServerState(AGENT, engine.containers(), engine.images(pipeline.identity))
            found = left_on_agent(pipeline, release, here, work.journal)
            done = perform(work, plan_build(pipeline, release, found=found), registry=registry, agent=engine)
            release = replace(release, digest=done.digest)
            workspace.write_release(release)
            work.hand_over = True
    stage.write_report(colour=colour, version=release.version, digest=release.digest)
    report.title(f"{release.version} is {release.reference}")
    return release
