"""A server's Docker engine, its memory and its ports."""

from __future__ import annotations

from typing import TYPE_CHECKING

from jenkinsgen.deploy.bounds import numbers_of, read_count
from jenkinsgen.deploy.container import container_name
from jenkinsgen.doctor.check import Check, failed, ok, warning
from jenkinsgen.doctor.disk import show_size
from jenkinsgen.facts import one
from jenkinsgen.spec.colour import Colour

if TYPE_CHECKING:
    from collections.abc import Iterator

    from jenkinsgen.deploy.observed import ServerState
    from jenkinsgen.facts import Facts
    from jenkinsgen.spec.pipeline import Pipeline

ENGINE = "Docker"
# The oldest API that knows all we ask: `distribution` came with 1.30 (Docker 17.06).
OLDEST_API = (1, 30)


def judge_engine(host: str, version: str, api: str) -> Check:
    """`version` is the engine's, `api` like `1.41`."""
    numbers = numbers_of(api)
    found = f"version {version}, API {api}"
    if numbers < OLDEST_API:
        return failed(host, ENGINE, found, "install a newer one: Docker 17.06 is the oldest that will do")
    return ok(host, ENGINE, found)


def judge_memory(host: str, facts: Facts, memory: int | None) -> Iterator[Check]:
    """Both colours run side by side for a while, so what is free now must hold one more."""
    available = read_count(one(facts, "memory"))
    if memory is None or available is None:
        return
    free = available * 1024
    found = f"{show_size(free)} available; service.memory is {show_size(memory)}, and both colours run side by side"
    if free < memory:
        yield warning(
            host, "memory", found, "more memory, or a smaller service.memory: the kernel may kill a container"
        )
    else:
        yield ok(host, "memory", found)


def judge_ports(host: str, pipeline: Pipeline, server: ServerState, facts: Facts) -> Iterator[Check]:
    """The owners of each colour's port and name. `listens PORT USER` are the sockets that listen there."""
    for colour in Colour:
        yield _port(host, pipeline, colour, server, facts)
        name = container_name(pipeline, colour)
        for container in server.containers:
            if container.name == name and not container.belongs_to(pipeline.identity, colour):
                yield failed(
                    host,
                    f"name {name}",
                    "belongs to a container that jenkinsgen did not make for this service behind this NGINX",
                    f"look whose it is: docker inspect {name}; it may be what serves now, and another name for the "
                    "service leaves it alone",
                )


def _port(host: str, pipeline: Pipeline, colour: Colour, server: ServerState, facts: Facts) -> Check:
    port = pipeline.service.ports.of(colour)
    name = f"port {port} ({colour})"
    owners = [container for container in server.containers if port in container.host_ports]
    for container in owners:
        if not container.belongs_to(pipeline.identity, colour):
            return failed(
                host,
                name,
                f"taken by the container {container.name}, which is not {pipeline.service.name}'s {colour}",
                f"it may be what serves: choose another port (service.ports.{colour}), or stop it if nobody uses it",
            )
    if owners:
        return ok(host, name, f"{owners[0].name}, {owners[0].version or 'version unknown'}")
    users = [
        user for number, _, user in (line.partition(" ") for line in facts.get("listens", [])) if number == str(port)
    ]
    if users:
        return failed(
            host,
            name,
            f"taken by a process of {users[0]} that is no container",
            f"on that server: sudo ss -ltnp 'sport = :{port}' tells; it may serve, so choose another port "
            f"(service.ports.{colour}); stop it only if nobody uses it",
        )
    if borrowed := _borrowed(port, facts):
        return warning(
            host,
            name,
            f"free, but of {borrowed}, from which the kernel takes ports of connections that go out: now and then one "
            "of them has it when the container starts",
            f"choose a port outside of them (service.ports.{colour}), or reserve it there: "
            f"sysctl -w net.ipv4.ip_local_reserved_ports={port}, and the same in /etc/sysctl.d",
        )
    return ok(host, name, "free")


def _borrowed(port: int, facts: Facts) -> str:
    """The kernel's range that a port is of; empty when it is of none, or reserved."""
    low, high = (read_count(text) for text in one(facts, "outgoing").partition(" ")[::2])
    if low is None or high is None or not low <= port <= high:
        return ""
    for reserved in one(facts, "reserved").split(","):
        first, _, last = reserved.partition("-")
        begin, end = read_count(first), read_count(last or first)
        if begin is not None and end is not None and begin <= port <= end:
            return ""
    return f"{low} to {high}"
