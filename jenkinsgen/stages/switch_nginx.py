"""switch-nginx: all traffic to the release, at one moment, proven; or back."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

from jenkinsgen.deploy.plan_switch import plan_switch
from jenkinsgen.deploy.release import Release, check_release
from jenkinsgen.deploy.run import run_plan
from jenkinsgen.edge import workspace
from jenkinsgen.spec.colour import Colour
from jenkinsgen.stages.actions import Actions
from jenkinsgen.stages.session import open_session

if TYPE_CHECKING:
    from jenkinsgen.report import Report
    from jenkinsgen.spec.pipeline import Pipeline

NAME = "switch-nginx"


def switch_nginx(pipeline: Pipeline, report: Report) -> Release:
    """Make the release live and return when NGINX was seen to answer with it.

    Raises NginxError when it could not be proven: then the old colour is live again.
    """
    release = workspace.required_release()
    check_release(release, pipeline, workspace.current_build())
    with open_session(pipeline, workspace.login(pipeline, report), with_servers=True) as session:
        nginx = session.nginx.observe()
        reload = pipeline.nginx.mode == "reload" and not nginx.missing
        prepared = {colour: session.nginx.prepared(colour) for colour in Colour} if reload else {}
        plan = plan_switch(pipeline, release, nginx, session.observe_servers(), prepared)
        report.title(f"{NAME}: from {nginx.live or 'nothing'} to {release.colour}, {release.version}")
        actions = Actions(session, report)
        run_plan(plan, actions, report)
    summary = {
        "from": nginx.live,
        "to": release.colour,
        "version": release.version,
        "switch_ms": actions.switch_ms,
        "nginx": nginx.version,
    }
    workspace.write_report(NAME, json.dumps(summary))
    took = f" (the flag took {actions.switch_ms:.1f} ms)" if actions.switch_ms is not None else ""
    report.title(f"{release.colour} is live: every server answered through NGINX{took}")
    return release
