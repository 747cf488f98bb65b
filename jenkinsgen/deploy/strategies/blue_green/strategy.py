"""All traffic moves at one moment, to a release that runs beside the live one."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from jenkinsgen.deploy.plan.deploy import plan_deploy
from jenkinsgen.deploy.plan.rollback import choose_target
from jenkinsgen.deploy.plan.switch import plan_switch
from jenkinsgen.deploy.state.journal import first_colour
from jenkinsgen.deploy.strategies.strategy import Call, Stage
from jenkinsgen.spec.credentials import ssh_binding, start_bindings

if TYPE_CHECKING:
    from jenkinsgen.deploy.release import Release
    from jenkinsgen.deploy.state.journal import Journal
    from jenkinsgen.deploy.strategies.strategy import Approval
    from jenkinsgen.deploy.world import World
    from jenkinsgen.spec.colour import Colour
    from jenkinsgen.spec.pipeline import Pipeline


@dataclass(frozen=True, slots=True)
class BlueGreen:
    """The Strategy that moves all clients at one moment."""

    pipeline: Pipeline

    @property
    def in_place(self) -> bool:
        return False

    def stages(self) -> tuple[Stage, ...]:
        return deploy_stage(self.pipeline), switch_stage(self.pipeline)

    def abort(self) -> Call | None:
        return None

    def colour(self, live: Colour | None, journal: Journal) -> Colour:
        return first_colour(journal) if live is None else live.other

    def is_unfinished(self, journal: Journal, running: int, out: int) -> bool:  # noqa: ARG002 - the flag moves at once
        return False

    def target(self, world: World, version: str, *, bad: str = "") -> Release:
        return choose_target(world.journal, world.live, version, bad=bad)


def deploy_stage(pipeline: Pipeline) -> Stage:
    """The release starts beside the live one."""
    call = Call("Deploy", "deploy-colour", pipeline.timeouts.deploy, start_bindings(pipeline))
    return Stage(call, lambda release, world: plan_deploy(pipeline, release, world))


def switch_stage(pipeline: Pipeline, approval: Approval | None = None) -> Stage:
    """All traffic moves to the release."""
    call = Call("Switch NGINX", "switch-nginx", pipeline.timeouts.switch, ssh_binding(pipeline))
    return Stage(call, lambda release, world: plan_switch(pipeline, release, world), approval)
