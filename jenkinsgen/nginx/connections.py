"""Connections of the NGINX host, read from the kernel's own table: no tool needs to be installed there."""

from __future__ import annotations

import ipaddress
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Collection

# The state of a TCP connection in /proc/net/tcp, as in the kernel's include/net/tcp_states.h. A connection
# that is being opened counts; one that our side has begun to close carries no request any more.
_ESTABLISHED, _SYN_SENT, _CLOSE_WAIT = "01", "02", "08"
_HEADER = ["sl", "local_address"]
_OPEN = (_ESTABLISHED, _SYN_SENT, _CLOSE_WAIT)

Endpoint = tuple["ipaddress.IPv4Address | ipaddress.IPv6Address", int]


def count_connections(table: str, remotes: Collection[Endpoint]) -> int:
    """How many open connections in the text of /proc/net/tcp and tcp6 lead to one of `remotes`.

    Raises ValueError when it is no such table: that nothing is found in something else says nothing.
    """
    lines = [line.split() for line in table.splitlines()]
    if not lines or lines[0][:2] != _HEADER:
        raise ValueError("it does not begin as the kernel's table of connections does")
    wanted = set(remotes)
    return sum(_leads_to(fields, wanted) for fields in lines if fields[:2] != _HEADER)


def _leads_to(fields: list[str], wanted: set[Endpoint]) -> bool:
    if len(fields) < 4:  # noqa: PLR2004 - number, local and remote address, state
        raise ValueError(f"a line of it is cut off: {' '.join(fields)!r}")
    return fields[3] in _OPEN and _endpoint(fields[2]) in wanted


def read_addresses(output: str) -> set[ipaddress.IPv4Address | ipaddress.IPv6Address]:
    """The addresses that `getent ahosts NAME` printed. Raises ValueError for anything else, and when there are none."""
    found = {ipaddress.ip_address(line.split()[0]) for line in output.splitlines() if line.strip()}
    if not found:
        raise ValueError("it named no address")
    return found


def _endpoint(text: str) -> Endpoint:
    """`0B0200C0:1F90` -> (192.0.2.11, 8080): groups of four bytes in the host's little-endian order."""
    address, _, port = text.partition(":")
    raw = bytes.fromhex(address)
    ordered = b"".join(raw[at : at + 4][::-1] for at in range(0, len(raw), 4))
    found = ipaddress.ip_address(ordered)
    if isinstance(found, ipaddress.IPv6Address) and found.ipv4_mapped:
        return found.ipv4_mapped, int(port, 16)
    return found, int(port, 16)
