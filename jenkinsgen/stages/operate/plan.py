"""plan: what a deployment would do now. It looks, and changes nothing."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from jenkinsgen.deploy.forecast import Situation, forecast
from jenkinsgen.deploy.reconciliation import reconciled
from jenkinsgen.deploy.state.journal import Journal
from jenkinsgen.errors import StateError, ToolMissing
from jenkinsgen.nginx.site import upstreams_of
from jenkinsgen.stages.context.real import REAL
from jenkinsgen.stages.context.stage import Stage
from jenkinsgen.stages.operate.lock import seen_lease

if TYPE_CHECKING:
    from jenkinsgen.deploy.forecast import Forecast
    from jenkinsgen.report import Report
    from jenkinsgen.spec.pipeline import Pipeline
    from jenkinsgen.stages.context.outside import Outside, Workspace

# Stands for the commit where none is checked out.
NO_COMMIT = "GITSHA"


def plan(pipeline: Pipeline, report: Report, outside: Outside = REAL) -> Forecast:
    """Look at everything as the stages do, and let them plan.

    Raises what keeps every stage from looking: HostError when a host cannot be reached, NginxError or StateError
    when it cannot be told which colour is live.
    """
    stage = Stage("plan", pipeline, report, outside)
    with stage.connected() as session:
        found = session.state.read()
        journal, now = (found.journal, found.now) if found else (Journal(), 0)
        world = session.observe(journal)
        remotes = {colour: session.nginx.remotes(each) for colour, each in upstreams_of(pipeline).items()}
    containers = [container for server in world.servers.values() for container in server.containers]
    gate, out = (found.gate, found.out) if found else (None, 0)
    known = reconciled(journal, pipeline, world.live, containers, now, out=out)
    world = replace(world, journal=known, gate=gate, out=out)
    situation = Situation(world, seen_lease(found, outside).holding, remotes, now)
    return forecast(pipeline, situation, _commit(stage.workspace), stage.build)


def _commit(workspace: Workspace) -> str:
    try:
        return workspace.git_head()
    except (StateError, ToolMissing):
        return NO_COMMIT
