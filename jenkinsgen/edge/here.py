"""Is an address this machine's own?"""

from __future__ import annotations

import ipaddress
import socket
from contextlib import closing

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
