"""Steps of a swarm, as data: those of a manager, and the one wait that each of its nodes has for itself."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from jenkinsgen.deploy.steps import StartContainer
    from jenkinsgen.spec.colour import Colour

# This name has a blank, so that no server can have the same one.
SWARM = "the swarm"
# Docker's own, on every container of a swarm.
SWARM_SERVICE = "com.docker.swarm.service.id"


@dataclass(frozen=True, slots=True)
class FindImage:
    """Does the registry have it, or the manager? Asked before anything is changed; the nodes pull too late for that."""

    reference: str

    def __str__(self) -> str:
        return f"find {self.reference}"


@dataclass(frozen=True, slots=True)
class LabelNodes:
    """Give the nodes of these servers a label, and take it from all others, so that a service runs there alone."""

    label: str
    servers: tuple[str, ...]

    def __str__(self) -> str:
        count = len(self.servers)
        return f"label {count} node{'' if count == 1 else 's'} {self.label}"


@dataclass(frozen=True, slots=True)
class CreateService:
    """One task on every node that has the label, with its port on the node itself."""

    task: StartContainer
    """The container that each of them runs."""
    node_label: str
    grace: float
    """Seconds between SIGTERM and SIGKILL, whenever a task is stopped."""

    def __str__(self) -> str:
        return f"create the service {self.task.name} on port {self.task.host_port}"


@dataclass(frozen=True, slots=True)
class AwaitTask:
    """Until the node has pulled the image and started its task."""

    service: str
    port: int

    def __str__(self) -> str:
        return f"a task of {self.service} runs"


@dataclass(frozen=True, slots=True)
class RemoveService:
    """Remove it, and wait until its tasks have ended on every node that can be reached."""

    id: str
    name: str
    colour: Colour
    """It is left alone while NGINX gives this colour the traffic."""
    grace: float
    """Seconds that its tasks have for that, as far as the spec says."""

    def __str__(self) -> str:
        return f"remove the service {self.name}"


@dataclass(frozen=True, slots=True)
class RemoveStartedService:
    """Remove what this very stage has created, and nothing else that has the same name."""

    name: str
    colour: Colour
    grace: float

    def __str__(self) -> str:
        return f"remove the service {self.name}"


ManagerStep = FindImage | LabelNodes | CreateService | RemoveService | RemoveStartedService
"""Steps that the manager does for all of its nodes."""
