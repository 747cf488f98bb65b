"""cleanup: the old colour drains, stops and goes."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

from jenkinsgen.deploy.plan_cleanup import plan_cleanup
from jenkinsgen.deploy.release import check_release
from jenkinsgen.deploy.run import run_plan
from jenkinsgen.edge import workspace
from jenkinsgen.nginx.site import upstreams_of
from jenkinsgen.stages.actions import Actions
from jenkinsgen.stages.session import open_session

if TYPE_CHECKING:
    from jenkinsgen.report import Report
    from jenkinsgen.spec.pipeline import Pipeline

NAME = "cleanup"


def cleanup(pipeline: Pipeline, report: Report) -> None:
    """Remove the colour that is not live, after its connections have ended. Raises JenkinsgenError."""
    release = workspace.read_release()
    if release is not None:
        check_release(release, pipeline, workspace.current_build())
    with open_session(pipeline, workspace.login(pipeline, report), with_servers=True) as session:
        live = session.nginx.observe().live
        idle = upstreams_of(pipeline)[live.other] if live else ()
        plan = plan_cleanup(pipeline, release, live, session.observe_servers(), session.nginx.remotes(idle))
        report.title(f"{NAME}: {live} stays, {live.other if live else 'nothing'} goes")
        actions = Actions(session, report)
        run_plan(plan, actions, report)
    workspace.write_report(NAME, json.dumps({"live": live, "connections_left": actions.left}))
    report.title(f"only {live} is left")
