"""The addresses of servers, by which two machines must not mean two things."""

from __future__ import annotations

import ipaddress
from typing import TYPE_CHECKING

from jenkinsgen.spec.section import ProblemAt

if TYPE_CHECKING:
    from jenkinsgen.spec.pipeline import Pipeline
    from jenkinsgen.spec.reading.document import KeyPath
    from jenkinsgen.spec.service import Server

_NAMES = ("localhost", "localhost.localdomain", "ip6-localhost", "ip6-loopback")


def _address(name: str) -> ipaddress.IPv4Address | ipaddress.IPv6Address | None:
    try:
        found = ipaddress.ip_address(name)
    except ValueError:
        return None
    return (found.ipv4_mapped or found) if isinstance(found, ipaddress.IPv6Address) else found


def is_loopback(name: str) -> bool:
    """Does it mean, on each machine, that machine?"""
    found = _address(name)
    if found is not None:
        return found.is_loopback
    lower = name.lower().rstrip(".")
    return lower in _NAMES or lower.endswith(".localhost")


def check_addresses(pipeline: Pipeline) -> None:
    """A question to a server's address must not reach another machine. Raises ProblemAt."""
    for index, server in enumerate(pipeline.servers):
        place: KeyPath = ("servers", index, "address") if server.address else ("servers", index)
        found = _address(server.upstream)
        if found is not None and (found.is_unspecified or found.is_multicast or found.is_link_local):
            raise ProblemAt(f"{server.upstream} is not the address of one machine", place)
        if is_loopback(server.upstream):
            _check_loopback(pipeline, server, place)


def _check_loopback(pipeline: Pipeline, server: Server, place: KeyPath) -> None:
    address, nginx = server.upstream, pipeline.nginx
    here = is_loopback(server.ssh.name)
    if here and all(is_loopback(each.name) for each in (nginx.host, *nginx.others)):
        # The agent is server and NGINX as well.
        return
    if len(pipeline.servers) > 1:
        raise ProblemAt(f"{address} means each machine itself, so it cannot be one of several servers", place)
    if nginx.others or nginx.host.name != server.ssh.name:
        raise ProblemAt(
            f"{address} means NGINX's own machine to NGINX, so nginx.host ({nginx.host.name}) has to be the server "
            f"({server.ssh.name}), and the only one",
            place,
            ("nginx", "others") if nginx.others else ("nginx", "host"),
        )
    if pipeline.service.health.origin == "agent" and not here:
        raise ProblemAt(
            f"{address} means the Jenkins agent to the Jenkins agent, and it is the agent that asks for health; "
            "with `service.health.from: nginx` the NGINX host asks, which is the server itself",
            place,
            ("service", "health", "from"),
        )
