"""build-image: which colour is idle, and the image for it."""

from __future__ import annotations

import json
from dataclasses import replace
from typing import TYPE_CHECKING

from jenkinsgen.deploy.observed import ServerState
from jenkinsgen.deploy.plan.build import check_nginx_ready, left_on_agent, plan_build
from jenkinsgen.deploy.plan.site import check_unedited
from jenkinsgen.deploy.release import Release, coloured_repository, version_of
from jenkinsgen.deploy.run import run_plan
from jenkinsgen.deploy.steps import AGENT
from jenkinsgen.deploy.strategies.registry import strategy_of
from jenkinsgen.edge import workspace
from jenkinsgen.edge.docker.connect import local_engine
from jenkinsgen.stages.canary.end import end_canary
from jenkinsgen.stages.context.session import open_session
from jenkinsgen.stages.context.transaction import transaction
from jenkinsgen.stages.perform.actions import Actions

if TYPE_CHECKING:
    from jenkinsgen.report import Report
    from jenkinsgen.spec.pipeline import Pipeline

NAME = "build-image"


def build_image(pipeline: Pipeline, report: Report, *, wait: float = 0.0, allow_older: bool = False) -> Release:
    """Build, push and record the image for the colour that gets no traffic.

    Works in the current folder, the root of the checked-out repository. Waits `wait` seconds at most for another
    deployment of the service to end. Raises LeaseHeld and other JenkinsgenErrors.
    """
    build = workspace.required_build()
    git_sha = workspace.git_head()
    workspace.check_image_paths(pipeline.image)
    registry = workspace.registry(pipeline, report)
    engine = local_engine()
    with open_session(pipeline, workspace.login(pipeline, report), with_servers=False) as session:
        nginx = session.observe_nginx()
        check_nginx_ready(pipeline, nginx)
        check_unedited(pipeline, nginx)
        with transaction(session, NAME, report, build=build, allow_older=allow_older, wait=wait) as work:
            end_canary(session, work, report)
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
            actions = Actions(session, work, report, registry=registry, agent=engine)
            here = ServerState(AGENT, engine.containers(), engine.images(pipeline.identity))
            found = left_on_agent(pipeline, release, here, work.journal)
            run_plan(plan_build(pipeline, release, found=found), actions, report)
            release = replace(release, digest=actions.digest)
            workspace.write_release(release)
            work.hand_over = True
    workspace.write_report(NAME, json.dumps({"colour": colour, "version": release.version, "digest": release.digest}))
    report.title(f"{release.version} is {release.reference}")
    return release
