"""Connections of the NGINX host, by its kernel and its name service."""

from __future__ import annotations

import ipaddress
from typing import TYPE_CHECKING

from jenkinsgen.errors import NginxError
from jenkinsgen.nginx.connections import Endpoint, count_connections, read_addresses

if TYPE_CHECKING:
    from collections.abc import Collection

    from jenkinsgen.edge.ssh.host import SshHost

# A container that the spec does not know may have a network of its own: then the table of its master process is the
# right one. That of the spec has the host's. A number that is another process's by now leads to another's network.
_TABLE = (
    'p=$(cat /run/nginx.pid 2>/dev/null); [ -z "$1" ] && [ -r "/proc/$p/net/tcp" ] && '
    'grep -qa "^nginx: master process" "/proc/$p/cmdline" 2>/dev/null || p=self; '
    'cat "/proc/$p/net/tcp"; cat "/proc/$p/net/tcp6" 2>/dev/null || :'
)


def resolved(host: SshHost, name: str) -> set[ipaddress.IPv4Address | ipaddress.IPv6Address]:
    """The addresses that a name has there. Raises HostError; NginxError when it has none."""
    try:
        return {ipaddress.ip_address(name)}
    except ValueError:
        output = host.run(["getent", "ahosts", name]).output
    try:
        return read_addresses(output)
    except ValueError as error:
        # Without its address no connection to it would be seen, and none is what a drain waits for.
        raise NginxError(
            f"{host.address}: the address of {name} cannot be told: {error}",
            hint=f"on that host: getent ahosts {name}; is the name right, and does its name server answer?",
        ) from error


def open_connections(host: SshHost, container: str, remotes: Collection[Endpoint]) -> int:
    """How many lead to `remotes`; `container` is NGINX's, empty without one. Raises HostError, NginxError."""
    table = host.check(["sh", "-c", _TABLE, "sh", container])
    try:
        return count_connections(table, remotes)
    except ValueError as error:
        raise NginxError(
            f"{host.address}: its connections cannot be counted: {error}",
            hint="on that host, as this user: cat /proc/net/tcp",
        ) from error
