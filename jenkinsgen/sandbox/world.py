"""The software of a sandbox's hosts: a release of Debian, and what runs containers on the app servers."""

from __future__ import annotations

from dataclasses import dataclass

RELEASES = ("bookworm", "trixie", "sid")
ENGINES = ("docker", "podman")
# The client is part of docker.io in bookworm only; SSH to an engine needs it, with Podman as well.
_CLIENT = {"bookworm": "docker.io"}
# The network of Podman's containers: it is recommended only, and another one since Podman 5.
_PODMAN_NETWORK = {"bookworm": "containernetworking-plugins"}


@dataclass(frozen=True)
class World:
    """One of the worlds that a deployment may meet. `release` is Debian's, `engine` docker or podman."""

    release: str = RELEASES[0]
    engine: str = ENGINES[0]

    def __str__(self) -> str:
        return self.release if self.engine == "docker" else f"{self.release} with {self.engine}"

    @property
    def tag(self) -> str:
        """The world in the name of an image."""
        return self.release if self.engine == "docker" else f"{self.release}-{self.engine}"

    @property
    def packages(self) -> str:
        """Debian's packages with the engine of the app servers, separated by blanks."""
        client = _CLIENT.get(self.release, "docker-cli")
        if self.engine == "docker":
            return f"docker.io {client}"
        network = _PODMAN_NETWORK.get(self.release, "netavark nftables")
        return f"podman {network} runc conmon {client}"

    @property
    def check_valid_until(self) -> str:
        """Whether apt holds the age of the list of packages against a mirror: sid's may be older than it allows."""
        return "false" if self.release == "sid" else "true"


def all_worlds() -> tuple[World, ...]:
    """Every release with Docker, then Podman in the one where its API knows least."""
    return (*(World(release) for release in RELEASES), World(engine="podman"))
