"""One look at a container's health path, from where the spec says: the agent, or the NGINX host."""

from __future__ import annotations

import ipaddress
import socket
from contextlib import closing
from typing import TYPE_CHECKING

from jenkinsgen.deploy.health import Answer
from jenkinsgen.edge.http import REQUEST_SECONDS, get, get_through
from jenkinsgen.errors import JenkinsgenError

if TYPE_CHECKING:
    from jenkinsgen.deploy.steps import AwaitHealthy
    from jenkinsgen.edge.ssh.host import SshHost


def look_from(
    nginx: SshHost | JenkinsgenError, step: AwaitHealthy, *, connect_seconds: float = REQUEST_SECONDS
) -> Answer:
    """Ask once. Where the NGINX host may not have been reached: raises why, if it is the one to ask."""
    if step.health.origin == "agent":
        if is_here(step.address) and not is_here(step.login):
            return Answer(None, error=f"{step.address} is this very machine, and {step.login} is another one")
        return get(step.address, step.port, step.health.path, step.headers, connect_seconds=connect_seconds)
    if isinstance(nginx, JenkinsgenError):
        raise nginx
    return get_through(nginx, step.address, step.port, step.health.path, step.headers, connect_seconds=connect_seconds)


_ANY_PORT = 9


def is_here(name: str) -> bool:
    """Does a connection to `name` end on the machine that makes it? Nothing is sent; no, for a name without address."""
    try:
        found = socket.getaddrinfo(name, _ANY_PORT, type=socket.SOCK_DGRAM)
    except OSError:
        return False
    return any(_ends_here(family, address) for family, _, _, _, address in found)


def _ends_here(family: int, address: tuple[str | int, ...] | tuple[int, bytes]) -> bool:
    asked = ipaddress.ip_address(address[0])
    if asked.is_loopback or asked.is_unspecified:
        return True
    # The kernel takes the address that is asked for as the one to ask from, when it is the machine's own.
    with closing(socket.socket(family, socket.SOCK_DGRAM)) as asking:
        try:
            asking.connect(address)
        except OSError:
            return False
        return bool(asking.getsockname()[0] == address[0])
