"""A swarm: its manager, and the nodes that it gives tasks to."""

from __future__ import annotations

from types import SimpleNamespace
from typing import TYPE_CHECKING, Any

from jenkinsgen.deploy.steps import swarm as steps
from jenkinsgen.errors import ImageError
from jenkinsgen.spec.colour import Colour

from .engines import ServerInMemory

if TYPE_CHECKING:
    from collections.abc import Callable

    from jenkinsgen.edge.docker.images import Registry

    from .house import House


class SwarmInMemory:
    """See `Swarm`."""

    def __init__(self, house: House) -> None:
        self._house = house
        self.labelled: dict[str, tuple[str, ...]] = {}

    def _do(self, what: str, step: Any) -> None:
        self._house.do(f"the swarm: {what}", steps.SWARM, step)

    def find_image(self, reference: str, _registry: Registry) -> None:
        self._house.call("the swarm: find the image")
        if reference not in self._house.images:
            raise ImageError(f"{reference} cannot be found")

    def label_nodes(self, step: steps.LabelNodes) -> None:
        self._house.call("the swarm: label the nodes")
        self.labelled[step.label] = step.servers

    def create(self, step: steps.CreateService, secrets: dict[str, str], _registry: Registry) -> None:
        assert set(secrets) == set(step.task.secrets)
        assert step.node_label in self.labelled
        self._do("create a service", step)

    def remove(self, step: steps.RemoveService, _sleep: Callable[[float], None]) -> None:
        self._do("remove a service", step)

    def remove_started(self, label: str, value: str, name: str, _grace: float, _sleep: Callable[[float], None]) -> None:
        found = [each for server in self._house.world.servers.values() for each in server.containers]
        if any(each.name == name and each.labels.get(label) == value for each in found):
            self._do("remove a service", steps.RemoveService(name, name, Colour.BLUE, 0))


class NodeInMemory(ServerInMemory):
    """See `SwarmNode`."""

    def latest(self, name: str) -> Any:
        self._house.call(f"{self._name}: look at the task")
        there = any(each.name == name for each in self._house.world.servers[self._name].containers)
        if not there:
            return None
        placed = self._house.placed
        running = placed and name not in self._house.stuck
        return SimpleNamespace(running=running, placed=placed, state="preparing" if placed else "pending", trouble="")
