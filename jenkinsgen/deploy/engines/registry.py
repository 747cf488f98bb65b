"""Which engine a spec names. The one place of all plans that asks."""

from __future__ import annotations

from typing import TYPE_CHECKING, Protocol

from jenkinsgen.deploy.engines.docker.plan import DockerPlan
from jenkinsgen.deploy.engines.swarm.plan import SwarmPlan

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence

    from jenkinsgen.deploy.observed import Container
    from jenkinsgen.deploy.release import Release
    from jenkinsgen.deploy.steps import Phase, Step
    from jenkinsgen.deploy.world import World
    from jenkinsgen.spec.colour import Colour
    from jenkinsgen.spec.pipeline import Pipeline


ENGINES: Mapping[str, Callable[[Pipeline], EnginePlan]] = {"docker": DockerPlan, "swarm": SwarmPlan}
"""The engines, by the value of the key `engine`."""


def engine_plan(pipeline: Pipeline) -> EnginePlan:
    """The plan of the spec's engine."""
    return ENGINES[pipeline.engine](pipeline)


class EnginePlan(Protocol):
    """The parts of a plan that an engine has its own steps for."""

    def fetch(self, release: Release, world: World) -> Phase:
        """The image, before anything is changed."""

    def start(self, release: Release) -> tuple[Phase, ...]:
        """The colour on every server."""

    def remove(
        self, found: Mapping[str, Sequence[Container]], colour: Colour, grace: Callable[[Container], float]
    ) -> dict[str, tuple[Step, ...]]:
        """The steps that remove these containers of a colour, by host. `found` is by server; each has its `grace`."""

    def take_back(self, release: Release, world: World) -> tuple[Phase, ...]:
        """The phases that undo `start`."""
