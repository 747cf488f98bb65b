"""switch-nginx: all traffic to the release, at one moment, proven; or back."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

from jenkinsgen.deploy.journal import became_live
from jenkinsgen.deploy.plan_switch import plan_switch
from jenkinsgen.deploy.release import Release, check_release
from jenkinsgen.deploy.run import run_plan
from jenkinsgen.edge import workspace
from jenkinsgen.stages.actions import Actions
from jenkinsgen.stages.bake import usual
from jenkinsgen.stages.session import open_session
from jenkinsgen.stages.transaction import DONE, transaction

if TYPE_CHECKING:
    from jenkinsgen.report import Report
    from jenkinsgen.spec.pipeline import Pipeline

NAME = "switch-nginx"


def switch_nginx(pipeline: Pipeline, report: Report) -> Release:
    """Make the release live and return when NGINX was seen to answer with it.

    Raises NginxError when it could not be proven: then the old colour is live again.
    """
    release = workspace.required_release()
    build = workspace.current_build()
    check_release(release, pipeline, build)
    with (
        open_session(pipeline, workspace.login(pipeline, report), with_servers=True) as session,
        transaction(session, NAME, report, build=build, allow_older=release.allow_older) as work,
    ):
        world = work.observe(session)
        work.begin(release.version, release.colour)
        plan = plan_switch(pipeline, release, world)
        report.title(f"{NAME}: from {world.live or 'nothing'} to {release.colour}, {release.version}")
        usually = usual(session, world.live, report)
        actions = Actions(session, work, report)
        run_plan(plan, actions, report)
        work.write(became_live(work.journal, release, work.now, usually.to_dict()))
        work.tell(DONE, f"from {world.live or 'nothing'}")
        work.hand_over = True
    summary = {
        "from": world.live,
        "to": release.colour,
        "version": release.version,
        "switch_ms": actions.switch_ms,
        "nginx": world.nginx.version,
    }
    workspace.write_report(NAME, json.dumps(summary))
    took = f" (the flag took {actions.switch_ms:.1f} ms)" if actions.switch_ms is not None else ""
    report.title(f"{release.colour} is live: every server answered through NGINX{took}")
    return release
