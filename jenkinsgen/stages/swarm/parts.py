"""What a stage meets outside of its own process when the engine is a swarm: see stages/context/outside.py."""

from __future__ import annotations

from typing import TYPE_CHECKING, Protocol

from jenkinsgen.stages.context.outside import AnyServer

if TYPE_CHECKING:
    from jenkinsgen.deploy.engines.swarm.tasks import Task
    from jenkinsgen.deploy.steps.swarm import CreateService, LabelNodes, RemoveService
    from jenkinsgen.edge.docker.images import Registry
    from jenkinsgen.stages.context.outside import Sleep


class SwarmNode(AnyServer, Protocol):
    """A server that is a node of a swarm."""

    def latest(self, name: str) -> Task | None:
        """The task that a service has there now."""


class Swarm(Protocol):
    """The manager. Every method may raise HostError."""

    def find_image(self, reference: str, registry: Registry) -> None: ...
    def label_nodes(self, step: LabelNodes) -> None: ...
    def create(self, step: CreateService, secrets: dict[str, str], registry: Registry) -> None: ...
    def remove(self, step: RemoveService, sleep: Sleep) -> None: ...
    def remove_started(self, label: str, value: str, name: str, grace: float, sleep: Sleep) -> None: ...
