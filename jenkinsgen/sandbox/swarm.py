"""The app servers as the nodes of one Docker Swarm."""

from __future__ import annotations

from typing import TYPE_CHECKING

from jenkinsgen.parallel import in_parallel
from jenkinsgen.sandbox.docker_cli import docker
from jenkinsgen.sandbox.hosts import by_name

if TYPE_CHECKING:
    from jenkinsgen.sandbox.model import Host, Sandbox
    from jenkinsgen.sandbox.place import Place

MANAGER_PORT = 2377


def join(place: Place, sandbox: Sandbox) -> None:
    """The first server manages, the others join it; a server that belongs to a swarm already stays as it is."""
    first, *others = sandbox.servers
    if not _belongs(place, first):
        _swarm(place, first, "init", "--advertise-addr", first.address)
    # It lets a machine of this private network join a swarm that is thrown away; no other way than argv takes it.
    token = _swarm(place, first, "join-token", "--quiet", "worker")

    def join_one(host: Host) -> None:
        if not _belongs(place, host):
            manager = f"{first.address}:{MANAGER_PORT}"
            _swarm(place, host, "join", "--token", token, "--advertise-addr", host.address, manager)

    in_parallel(join_one, by_name(others))


def _belongs(place: Place, host: Host) -> bool:
    said = docker("exec", place.container(host.name), "docker", "info", "--format", "{{.Swarm.LocalNodeState}}")
    return said == "active"


def _swarm(place: Place, host: Host, *arguments: str) -> str:
    return docker("exec", place.container(host.name), "docker", "swarm", *arguments)
