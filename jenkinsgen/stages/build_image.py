"""build-image: which colour is idle, and the image for it."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

from jenkinsgen.deploy.plan_build import check_nginx_ready, choose_colour, plan_build
from jenkinsgen.deploy.release import Release, coloured_repository, version_of
from jenkinsgen.deploy.run import run_plan
from jenkinsgen.edge import workspace
from jenkinsgen.edge.docker_connect import local_engine
from jenkinsgen.stages.actions import Actions
from jenkinsgen.stages.session import open_session

if TYPE_CHECKING:
    from jenkinsgen.report import Report
    from jenkinsgen.spec.pipeline import Pipeline

NAME = "build-image"


def build_image(pipeline: Pipeline, report: Report) -> Release:
    """Build, push and record the image for the colour that gets no traffic.

    Works in the current folder, the root of the checked-out repository. Raises JenkinsgenError.
    """
    build = workspace.required_build()
    git_sha = workspace.git_head()
    registry = workspace.registry(pipeline, report)
    engine = local_engine()
    with open_session(pipeline, workspace.login(pipeline, report), with_servers=False) as session:
        nginx = session.nginx.observe()
        check_nginx_ready(pipeline, nginx)
        colour = choose_colour(nginx.live)
        report.title(f"{NAME} {pipeline.service.name}: live is {nginx.live or 'nothing yet'}, this build is {colour}")
        if pipeline.image.artifact:
            report.line(f"copied {workspace.place_artifact(pipeline.image.artifact)}")
        actions = Actions(session, report, registry=registry, agent=engine)
        plan = plan_build(pipeline, colour, git_sha, build, found=engine.images(pipeline.identity))
        run_plan(plan, actions, report)
    release = Release(
        service=pipeline.service.name,
        colour=colour,
        version=version_of(git_sha, build.number),
        repository=coloured_repository(pipeline, colour),
        digest=actions.digest,
        git_sha=git_sha,
        build_number=build.number,
        build_url=build.url,
    )
    workspace.write_release(release)
    workspace.write_report(NAME, json.dumps({"colour": colour, "version": release.version, "digest": release.digest}))
    report.title(f"{release.version} is {release.reference}")
    return release
