"""Each server pulls, starts and removes for itself with `engine: docker`."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from jenkinsgen.deploy.container import container_name, start_container
from jenkinsgen.deploy.prune import refused_image, removals, surplus_images, versions_in_use
from jenkinsgen.deploy.steps import Phase, PullImage, RemoveContainer, RemoveStarted, Step

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence

    from jenkinsgen.deploy.observed import Container
    from jenkinsgen.deploy.release import Release
    from jenkinsgen.deploy.world import World
    from jenkinsgen.spec.colour import Colour
    from jenkinsgen.spec.pipeline import Pipeline


@dataclass(frozen=True, slots=True)
class DockerPlan:
    """The EnginePlan of a Docker engine on each server."""

    pipeline: Pipeline

    def fetch(self, release: Release, world: World) -> Phase:
        return Phase("pull", {name: self.pull(name, release, world) for name in self._names}, changes=False)

    def start(self, release: Release) -> tuple[Phase, ...]:
        return (Phase("start", {name: (start_container(self.pipeline, release),) for name in self._names}),)

    def remove(
        self, found: Mapping[str, Sequence[Container]], colour: Colour, grace: Callable[[Container], float]
    ) -> dict[str, tuple[Step, ...]]:
        return {
            name: tuple(RemoveContainer(each.id, each.name, colour, grace(each)) for each in containers)
            for name, containers in found.items()
            if containers
        }

    def take_back(self, release: Release, world: World) -> tuple[Phase, ...]:
        """The images in a phase of their own: that the containers are gone everywhere is more urgent than a disk."""
        remove = RemoveStarted(container_name(self.pipeline, release.colour), release.colour)
        return (Phase("take back", dict.fromkeys(self._names, (remove,))), *self.images_back(release, world))

    def images_back(self, release: Release, world: World) -> tuple[Phase, ...]:
        """The image of a refused release, where it was not there before."""
        images: dict[str, tuple[Step, ...]] = {
            name: each for name in self._names if (each := refused_image(world.servers[name], release))
        }
        return (Phase("remove its image", images),) if images else ()

    def pull(self, name: str, release: Release, world: World) -> tuple[Step, ...]:
        """The pull of one server, after its disk is cleared. An image of the idle colour stays: a rollback needs it."""
        server = world.servers[name]
        needed = versions_in_use(server.containers, self.pipeline.identity) | {release.version}
        surplus = surplus_images(server.images, needed, world.journal, self.pipeline.cleanup.keep_releases)
        return (*removals(surplus), PullImage(release.reference))

    @property
    def _names(self) -> tuple[str, ...]:
        return tuple(str(server) for server in self.pipeline.servers)
