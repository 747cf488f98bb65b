"""An engine that is Podman's service of Docker's API, and what it does in another way."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Any, ClassVar

from jenkinsgen.deploy.health import Ended
from jenkinsgen.edge.docker.engine import Engine

if TYPE_CHECKING:
    from jenkinsgen.deploy.observed import Inspected
    from jenkinsgen.edge.docker.read import EngineVersion

_COMPONENT = "Podman Engine"
# Podman gives every container these variables.
_VARIABLES = frozenset({"HOSTNAME", "HOME", "TERM", "container"})


class Podman(Engine):
    """Podman starts a container again from the beginning on: not every version can be told later.

    4.3.1, of Debian 12, answers `containers/ID/update` with 404. So that a container's end is a verdict until it was
    healthy, as with Docker, its first end is found in the number of its restarts.
    """

    # When a server boots, podman-restart.service starts those with this policy; with `unless-stopped` since Podman 5.
    policy_at_start: ClassVar[dict[str, Any] | None] = {"Name": "always"}
    asks_registries: ClassVar[bool] = False

    def keep_running(self, container: str) -> None:
        """It was created so."""

    def ended(self, container: str) -> Ended | None:
        """How a container ended, also when it was started again since; None when it never ended."""
        ended = super().ended(container)
        if ended is not None:
            return ended
        times = self.restarts(container)
        again = f"ended by itself and was started again {'once' if times == 1 else f'{times} times'}"
        return Ended(0, out_of_memory=False, said=again) if times else None

    def inspect(self, container: str) -> Inspected | None:
        """A container as Docker would describe it: without what Podman adds to every container."""
        found = super().inspect(container)
        return found and replace(found, inherited=found.inherited | (_VARIABLES & found.environment.keys()))


def is_podman(version: EngineVersion) -> bool:
    """Is it Podman? An engine names its own parts."""
    return _COMPONENT in version.parts
