"""The traffic moves in steps, each one watched, to a release that runs beside the live one."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from jenkinsgen.deploy.strategies.blue_green.strategy import BlueGreen, deploy_stage, switch_stage
from jenkinsgen.deploy.strategies.canary.plan import plan_canary
from jenkinsgen.deploy.strategies.strategy import Approval, Call, Stage
from jenkinsgen.spec.canary import canary_of
from jenkinsgen.spec.credentials import ssh_binding

if TYPE_CHECKING:
    from jenkinsgen.spec.canary import Canary as Section
    from jenkinsgen.spec.canary import CanaryStep
    from jenkinsgen.spec.pipeline import Pipeline


@dataclass(frozen=True, slots=True)
class Canary(BlueGreen):
    """The Strategy that is blue-green with steps between the start and the switch."""

    def stages(self) -> tuple[Stage, ...]:
        pipeline, section = self.pipeline, canary_of(self.pipeline)
        steps = (_step_stage(pipeline, section, step) for step in section.steps)
        asked = _approval("100 %", "all clients") if section.approval else None
        return deploy_stage(pipeline), *steps, switch_stage(pipeline, asked)

    def abort(self) -> Call | None:
        pipeline = self.pipeline
        return Call("End the canary", "canary abort", pipeline.timeouts.cleanup, ssh_binding(pipeline))


def _step_stage(pipeline: Pipeline, section: Section, step: CanaryStep) -> Stage:
    percent = step.percent
    # The step itself, and as long again as a switch may take for what is around it.
    limit = section.longest(step) + pipeline.timeouts.switch
    return Stage(
        Call(f"Canary {percent} %", f"canary step {percent}", limit, ssh_binding(pipeline)),
        lambda release, world: plan_canary(pipeline, release, world, percent),
        _approval(f"{percent} %", f"{percent} % of the clients") if step.approval else None,
    )


def _approval(title: str, whom: str) -> Approval:
    return Approval(title, f"Give {whom} to the new release?")
