"""The state of the app servers, as it was found."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterator

    from jenkinsgen.container.settings import ContainerSettings
    from jenkinsgen.spec.colour import Colour

LABEL = "jenkinsgen."
SERVICE, COLOUR, VERSION, DIGEST = LABEL + "service", LABEL + "colour", LABEL + "version", LABEL + "digest"
GIT_SHA, BUILD_URL = LABEL + "git-sha", LABEL + "build-url"
# The token of the lease under which it was started; each process has a new one.
LEASE = LABEL + "lease"


@dataclass(frozen=True, slots=True)
class Container:
    """A container of an engine, ours or not."""

    id: str
    name: str
    labels: dict[str, str]
    running: bool
    host_ports: tuple[int, ...]
    image: str = ""
    """Its name when the container was made: for ours, REPOSITORY@DIGEST."""

    def belongs_to(self, identity: str, colour: Colour) -> bool:
        """Did jenkinsgen start it, as this colour?

        The label of the colour is on containers alone: every container that a person makes of an image, to look at
        something, inherits the labels of the image.
        """
        return self.labels.get(SERVICE) == identity and self.labels.get(COLOUR) == str(colour)

    @property
    def version(self) -> str | None:
        return self.labels.get(VERSION)


@dataclass(frozen=True, slots=True)
class StoredImage:
    """An image of this service that lies on a server, the newest first in a list of them."""

    id: str
    version: str


@dataclass(frozen=True, slots=True)
class ServerState:
    """One app server."""

    name: str
    containers: tuple[Container, ...]
    images: tuple[StoredImage, ...] = ()
    unfit: str = ""
    """Why nothing new can start there; empty when it can."""

    def of(self, identity: str, colour: Colour) -> Iterator[Container]:
        return (container for container in self.containers if container.belongs_to(identity, colour))


@dataclass(frozen=True, slots=True)
class Inspected:
    """One container as its engine describes it, to be compared with the spec."""

    state: str
    """The engine's word: running, restarting, paused, exited, created, dead."""
    exit_code: int
    out_of_memory: bool
    since: int
    """When it was started last: seconds since 1970, by the clock of its server; 0 when it never was."""
    restarts: int
    """How often the engine has started it again."""
    ports: dict[int, tuple[int, ...]]
    """The ports inside -> those of the server."""
    settings: ContainerSettings
    restart_policy: str
    environment: dict[str, str] = field(repr=False)
    """There are secrets among the values."""
    inherited: frozenset[str] = frozenset()
    """The names of those variables that are as in its image."""
