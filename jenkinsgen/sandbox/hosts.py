"""The containers that play the servers."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

from jenkinsgen.parallel import in_parallel
from jenkinsgen.sandbox.docker_cli import docker, lines
from jenkinsgen.sandbox.files import host_folder
from jenkinsgen.sandbox.place import LABEL

if TYPE_CHECKING:
    from collections.abc import Iterable
    from pathlib import Path

    from jenkinsgen.sandbox.model import Host, Sandbox
    from jenkinsgen.sandbox.place import Place

# Options that a Docker engine needs inside a container. `--privileged` would do too, but fails where the machine
# itself lacks one of the capabilities: in a virtual machine for CI that may be SYS_RESOURCE.
ENGINE_INSIDE = (
    "--cap-add=ALL",
    "--cap-drop=SYS_RESOURCE",
    "--security-opt=seccomp=unconfined",
    "--security-opt=apparmor=unconfined",
    "--security-opt=systempaths=unconfined",
    "--cgroupns=host",
    "--volume=/sys/fs/cgroup:/sys/fs/cgroup:rw",
    # The engine's overlay file systems cannot lie on the container's own overlay.
    "--volume=/var/lib/docker",
)

PODMAN_CGROUP = "libpod_parent"


def create(place: Place, sandbox: Sandbox) -> None:
    """Make the network and start every host in it."""
    docker("network", "create", "--label", place.label, "--subnet", sandbox.subnet, place.prefix)
    in_parallel(lambda host: docker(*run_arguments(place, sandbox, host)), by_name(sandbox.hosts))


def run_arguments(place: Place, sandbox: Sandbox, host: Host) -> tuple[str, ...]:
    """The arguments of `docker` that start a host."""
    name = place.container(host.name)
    return (
        *("run", "--detach", "--name", name, "--hostname", host.name, "--label", place.label),
        *("--network", place.prefix, "--ip", host.address),
        *("--mount", f"type=bind,source={host_folder(place.folder, host)},target=/sandbox,readonly"),
        # Files that a stopped engine or sshd left in /run must not greet the next one.
        *("--tmpfs", "/run"),
        *("--env", f"REGISTRY={sandbox.registry}", "--env", f"CGROUP=/{place.prefix}/{host.name}"),
        *("--env", f"ENGINE={sandbox.world.engine}"),
        *(ENGINE_INSIDE if host.role == "app" else ()),
        *(sandbox.image, f"enter-{host.role}"),
    )


def states(place: Place) -> dict[str, str]:
    """The state of each container of this place, as Docker says it, by the container's name."""
    found = lines("ps", "--all", "--filter", f"label={place.label}", "--format", "{{json .}}")
    return {entry["Names"]: entry["State"] for entry in map(json.loads, found)}


def wake(asleep: dict[str, str]) -> None:
    """Make containers run again that are there, each in the state given: exited, created, paused."""
    verbs = {"paused": "unpause"}
    in_parallel(lambda name: docker(verbs.get(asleep[name], "start"), name), {name: name for name in asleep})


def exist(place: Place) -> bool:
    """Whether Docker has a container or network of this place."""
    return bool(states(place) or _networks(place))


def names_of_all_places() -> list[str]:
    """The containers of every sandbox on this machine."""
    return lines("ps", "--all", "--filter", f"label={LABEL}", "--format", "{{.Names}}")


def remove(place: Place) -> None:
    """Remove the containers, their volumes and the network."""
    containers = lines("ps", "--all", "--quiet", "--filter", f"label={place.label}")
    if containers:
        docker("rm", "--force", "--volumes", *containers)
    if networks := _networks(place):
        docker("network", "rm", *networks)


def trust_registry(place: Place, sandbox: Sandbox) -> None:
    """Make the engine of this machine trust the sandbox's registry.

    Done by a container that sees /etc: a member of group docker may do that without being root.
    """
    _sweep(place, sandbox.image, "trust", sandbox.registry, stdin=sandbox.ca_file)


def clean_machine(place: Place, image: str) -> None:
    """Take back what the sandbox put on this machine outside its containers: trust and cgroups."""
    # Podman's cannot be told apart by sandbox; one that starts a container has an empty one for a moment.
    _sweep(place, image, "clean", *(() if names_of_all_places() else (PODMAN_CGROUP,)))


def by_name(hosts: Iterable[Host]) -> dict[str, Host]:
    return {host.name: host for host in hosts}


def _networks(place: Place) -> list[str]:
    return lines("network", "ls", "--quiet", "--filter", f"label={place.label}")


def _sweep(place: Place, image: str, action: str, *arguments: str, stdin: Path | None = None) -> None:
    docker(
        *("run", "--rm", "--interactive", "--label", place.label, "--network", "none", "--cgroupns", "host"),
        *("--volume", "/etc:/machine/etc", "--volume", "/sys/fs/cgroup:/sys/fs/cgroup:rw"),
        *(image, "sweep", action, place.prefix, *arguments),
        stdin=stdin,
    )
