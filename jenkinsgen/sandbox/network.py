"""The sandbox's network: a private subnet that nothing else on this machine uses."""

from __future__ import annotations

import json
import socket
import struct
from ipaddress import IPv4Network
from pathlib import Path
from typing import TYPE_CHECKING

from jenkinsgen.errors import StateError
from jenkinsgen.sandbox.docker_cli import docker, lines

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

CANDIDATES = tuple(
    IPv4Network(text)
    for text in (
        *(f"172.30.{third}.0/24" for third in range(77, 82)),
        *(f"10.213.{third}.0/24" for third in range(77, 82)),
        *(f"192.168.{third}.0/24" for third in range(213, 218)),
    )
)


def choose(taken: Iterable[IPv4Network]) -> IPv4Network:
    """The first candidate that overlaps with nothing taken. Raises StateError when there is none."""
    used = tuple(taken)
    for candidate in CANDIDATES:
        if not any(candidate.overlaps(network) for network in used):
            return candidate
    raise StateError(
        f"all of {CANDIDATES[0]} … {CANDIDATES[-1]} are in use on this machine",
        hint="see `ip route`; docker network ls shows Docker's; docker network rm NAME removes one that nobody needs",
    )


def taken() -> Iterator[IPv4Network]:
    """The subnets of Docker's networks, and those that this machine has a route to."""
    yield from routed(Path("/proc/net/route").read_text())
    if networks := lines("network", "ls", "--quiet"):
        for network in json.loads(docker("network", "inspect", *networks)):
            for block in network["IPAM"]["Config"] or ():
                if ":" not in block["Subnet"]:
                    yield IPv4Network(block["Subnet"])


def routed(table: str) -> Iterator[IPv4Network]:
    """The destinations in Linux's /proc/net/route, without the default route (proc(5))."""
    for line in table.splitlines()[1:]:
        fields = line.split()
        destination, mask = (_dotted(fields[column]) for column in (1, 7))
        if mask != "0.0.0.0":  # noqa: S104 - a mask, not an address to listen at
            yield IPv4Network(f"{destination}/{mask}", strict=False)


def _dotted(hexadecimal: str) -> str:
    """An address as the kernel prints it: hexadecimal, in the byte order of the machine."""
    return socket.inet_ntoa(struct.pack("=I", int(hexadecimal, 16)))
