"""What a stage asks about one server, whatever engine runs its containers."""

from __future__ import annotations

from typing import TYPE_CHECKING, Protocol

if TYPE_CHECKING:
    from jenkinsgen.deploy.health import Ended
    from jenkinsgen.deploy.observed import Inspected, ServerState


class ServerEngine(Protocol):
    """The server's own Docker engine, or its place in a swarm. Every method may raise HostError."""

    def state(self, server: str, identity: str) -> ServerState:
        """What runs and lies there; `identity` is the deployment whose images are asked for."""

    def ended(self, container: str) -> Ended | None:
        """How a container ended; None while it runs."""

    def keep_running(self, container: str) -> None:
        """It was healthy: from now on it is started again when it ends."""

    def restarts(self, container: str) -> int:
        """How often it was started again by itself."""

    def log(self, container: str) -> str:
        """The last lines that it wrote; empty when there is none."""

    def inspect(self, container: str) -> Inspected | None:
        """Everything about it that a spec decides, by its id; None when it is gone."""
