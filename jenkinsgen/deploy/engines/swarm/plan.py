"""A colour is one service with `engine: swarm`: a manager makes and removes it, the nodes pull and start its tasks."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from jenkinsgen.deploy.container import container_name, start_container
from jenkinsgen.deploy.observed import LABEL
from jenkinsgen.deploy.steps import Phase, Step
from jenkinsgen.deploy.steps.swarm import (
    SWARM,
    SWARM_SERVICE,
    AwaitTask,
    CreateService,
    FindImage,
    LabelNodes,
    RemoveService,
    RemoveStartedService,
)

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence

    from jenkinsgen.deploy.observed import Container
    from jenkinsgen.deploy.release import Release
    from jenkinsgen.deploy.world import World
    from jenkinsgen.spec.colour import Colour
    from jenkinsgen.spec.pipeline import Pipeline


@dataclass(frozen=True, slots=True)
class SwarmPlan:
    """The EnginePlan of a Docker Swarm."""

    pipeline: Pipeline

    def fetch(self, release: Release, world: World) -> Phase:  # noqa: ARG002 - the images there are unknown
        return Phase("find the image", {SWARM: (FindImage(release.reference),)}, changes=False)

    def start(self, release: Release) -> tuple[Phase, ...]:
        """The pulls have a phase of their own, so that service.health.timeout is the application's alone."""
        servers = tuple(str(server) for server in self.pipeline.servers)
        task = start_container(self.pipeline, release)
        label = LABEL + task.name
        create = CreateService(task, label, self.pipeline.cleanup.grace)
        return (
            Phase("start", {SWARM: (LabelNodes(label, servers), create)}),
            Phase("run", {server: (AwaitTask(task.name, task.host_port),) for server in servers}),
        )

    def remove(
        self,
        found: Mapping[str, Sequence[Container]],
        colour: Colour,
        grace: Callable[[Container], float],  # noqa: ARG002 - a service has its grace since it was made
    ) -> dict[str, tuple[Step, ...]]:
        name, longest = container_name(self.pipeline, colour), self.pipeline.cleanup.grace
        services = dict.fromkeys(each.labels[SWARM_SERVICE] for containers in found.values() for each in containers)
        steps = tuple(RemoveService(service, name, colour, longest) for service in services)
        return {SWARM: steps} if steps else {}

    def take_back(self, release: Release, world: World) -> tuple[Phase, ...]:  # noqa: ARG002 - as above
        name = container_name(self.pipeline, release.colour)
        remove = RemoveStartedService(name, release.colour, self.pipeline.cleanup.grace)
        return (Phase("take back", {SWARM: (remove,)}),)
