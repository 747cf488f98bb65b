"""cleanup: the old colour drains, stops and goes."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

from jenkinsgen.deploy.plan_cleanup import plan_cleanup
from jenkinsgen.deploy.release import check_release
from jenkinsgen.deploy.run import run_plan
from jenkinsgen.edge import workspace
from jenkinsgen.stages.actions import Actions
from jenkinsgen.stages.session import open_session
from jenkinsgen.stages.transaction import transaction

if TYPE_CHECKING:
    from jenkinsgen.report import Report
    from jenkinsgen.spec.pipeline import Pipeline

NAME = "cleanup"


def cleanup(pipeline: Pipeline, report: Report) -> None:
    """Remove the colour that is not live, after its connections have ended. Raises JenkinsgenError."""
    release = workspace.read_release()
    build = workspace.current_build()
    if release is not None:
        check_release(release, pipeline, build)
    with (
        open_session(pipeline, workspace.login(pipeline, report), with_servers=True) as session,
        transaction(session, NAME, report, build=build, allow_older=True) as work,
    ):
        world = work.observe(session)
        live = world.live
        work.begin(release.version if release else "", live)
        plan = plan_cleanup(pipeline, release, world)
        report.title(f"{NAME}: {live} stays, {live.other if live else 'nothing'} goes")
        actions = Actions(session, work, report)
        run_plan(plan, actions, report)
    workspace.write_report(NAME, json.dumps({"live": live, "connections_left": actions.left}))
    report.title(f"only {live} is left")
