"""Steps on one server, and questions to it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Mapping

    from jenkinsgen.container.settings import ContainerSettings
    from jenkinsgen.spec.colour import Colour
    from jenkinsgen.spec.service import Health


@dataclass(frozen=True, slots=True)
class PullImage:
    reference: str

    def __str__(self) -> str:
        return f"pull {self.reference}"


@dataclass(frozen=True, slots=True)
class StartContainer:
    """`docker run`, but through the API: no value shows in a list of processes."""

    name: str
    image: str
    host_port: int
    container_port: int
    labels: dict[str, str]
    environment: dict[str, str]
    secrets: tuple[str, ...]
    """Names of variables; the values join when the step is done, so that a plan can be shown."""
    settings: ContainerSettings
    loopback: bool
    """Does NGINX reach it by the loopback address of the server?"""

    def __str__(self) -> str:
        return f"start {self.name} on port {self.host_port}"


@dataclass(frozen=True, slots=True)
class AwaitHealthy:
    container: str
    address: str
    login: str
    """The server as SSH knows it."""
    port: int
    headers: Mapping[str, str]
    """The headers that NGINX will send, too."""
    health: Health

    def __str__(self) -> str:
        times = self.health.successes
        return f"{self.container} healthy {f'{times} times in a row' if times > 1 else 'once'}"


@dataclass(frozen=True, slots=True)
class ProveVacant:
    """Ask where the new container will be asked, before it is there: an answer then comes from another program."""

    look: AwaitHealthy
    """The one that will judge it."""

    def __str__(self) -> str:
        return f"prove that nobody answers as {self.look.container} yet"


@dataclass(frozen=True, slots=True)
class RemoveContainer:
    """Stop with SIGTERM, wait `grace` seconds, remove. With 0 it is killed: only for what gets no traffic."""

    id: str
    name: str
    colour: Colour
    """It is left alone while NGINX gives this colour the traffic."""
    grace: float

    def __str__(self) -> str:
        return f"remove {self.name}"


@dataclass(frozen=True, slots=True)
class RemoveStarted:
    """Kill and remove what this very stage has started, and nothing else that has the same name.

    Another build may have taken over and started its own, while this one hung.
    """

    name: str
    colour: Colour

    def __str__(self) -> str:
        return f"remove {self.name}"


@dataclass(frozen=True, slots=True)
class RemoveOut:
    """Stop with SIGTERM, wait `grace` seconds, remove: what has the live colour, but is out of the traffic."""

    id: str
    name: str
    upstream: str
    grace: float

    def __str__(self) -> str:
        return f"remove {self.name}"


@dataclass(frozen=True, slots=True)
class RemoveImage:
    id: str
    version: str

    def __str__(self) -> str:
        return f"remove the image of {self.version}"


EngineStep = PullImage | StartContainer | RemoveContainer | RemoveStarted | RemoveOut
"""Steps of the server's own engine."""

LookStep = ProveVacant | AwaitHealthy
"""Questions, whatever engine runs its containers."""
