"""Opening an SSH connection: again while the trouble may pass, never past a deadline, never too many at once."""

from __future__ import annotations

import logging
import random
import socket
import threading
import time
from contextlib import contextmanager
from dataclasses import replace
from functools import partial
from typing import TYPE_CHECKING

from jenkinsgen.edge.ssh import trouble as ssh_trouble
from jenkinsgen.edge.ssh.algorithms import transport
from jenkinsgen.edge.ssh.known_hosts import ChangedHostKey, RevokedHostKey, UnknownHostKey
from jenkinsgen.errors import HostError, StateError
from jenkinsgen.surroundings import user_name

if TYPE_CHECKING:
    from collections.abc import Iterator

    import paramiko

    from jenkinsgen.edge.ssh.host import Login
    from jenkinsgen.edge.ssh.known_hosts import KnownHosts
    from jenkinsgen.spec.values import HostAddress

ATTEMPT_SECONDS = 10.0
"""For each of: the TCP connection, the handshake, the login."""
DIAL_SECONDS = 30.0
"""For all attempts together. An sshd that is restarted, or busy with other logins, is back long before."""
FIRST_PAUSE, LONGEST_PAUSE = 0.25, 4.0
# sshd begins to drop connections that are not logged in yet at ten (MaxStartups 10:30:100). One name may be the
# door to many servers: a bastion, told apart by ports.
LOGINS_AT_ONCE = 8
DOOR_SECONDS = 120.0
"""For waiting behind other logins at the same door: 32 callers, four rounds of DIAL_SECONDS."""
# A dead peer is noticed although nothing is sent: paramiko does not wait for an answer to its keepalive, so the
# kernel has to tell when nothing was acknowledged for that long. Its own limit is a quarter of an hour.
KEEPALIVE_SECONDS = 15
UNACKNOWLEDGED_SECONDS = 30

# Our errors tell what paramiko would print on its own, with tracebacks.
logging.getLogger("paramiko").addHandler(logging.NullHandler())

_doors: dict[str, threading.BoundedSemaphore] = {}
_doors_lock = threading.Lock()


def dial(
    client: paramiko.SSHClient, address: HostAddress, login: Login, known: KnownHosts, *, seconds: float = DIAL_SECONDS
) -> None:
    """Connect and log in. `seconds` is for all attempts together; `known` is the policy of the client.

    Raises HostError: unreachable (how often it was tried, and why each failed), a host key that is unknown, revoked or
    another one, refused login.
    """
    login = replace(login, user=address.user or login.user or user_name())
    if login.user is None:
        raise StateError(
            f"{address}: nobody says as whom to log in, and the user that runs this has a number, but no name",
            hint="write USER@HOST in the spec; ssh.credential names a user as well",
        )
    failures: list[str] = []
    began, end = 0.0, 0.0
    while True:
        try:
            # Waiting for the first turn does not count: it says nothing about this host.
            with _door(address, end - time.monotonic() if failures else DOOR_SECONDS):
                if not failures:
                    began = time.monotonic()
                    end = began + seconds
                _open(client, address, login, known, end)
        except (UnknownHostKey, ChangedHostKey, RevokedHostKey) as error:
            client.close()
            raise ssh_trouble.refused_key(address, error, known.path) from None
        except ssh_trouble.TROUBLE as error:
            client.close()
            why = ssh_trouble.passing(error, login)
            if why is None:
                raise ssh_trouble.final(address, login, error) from error
            failures.append(why)
            pause = _pause(len(failures))
            if time.monotonic() + pause >= end:
                raise ssh_trouble.unreachable(address, failures, time.monotonic() - began) from error
            time.sleep(pause)
        else:
            return


def _pause(failed: int) -> float:
    """Twice as long each time, with jitter: what was turned away together does not come back together."""
    return random.uniform(0.5, 1.0) * min(LONGEST_PAUSE, FIRST_PAUSE * 2.0 ** (failed - 1))  # noqa: S311 - no secret


def _open(client: paramiko.SSHClient, address: HostAddress, login: Login, known: KnownHosts, end: float) -> None:
    def left(parts: int) -> float:
        return max(1.0, min(ATTEMPT_SECONDS, (end - time.monotonic()) / parts))

    peer = socket.create_connection((address.name, address.port), timeout=left(1))
    try:
        # A command is several small packets, each of which would wait 40 ms for the answer to the one before.
        peer.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        if hasattr(socket, "TCP_USER_TIMEOUT"):
            peer.setsockopt(socket.IPPROTO_TCP, socket.TCP_USER_TIMEOUT, UNACKNOWLEDGED_SECONDS * 1000)
        # Handshake and login follow each other, so each gets half of what is left.
        each = left(2)
        client.connect(
            address.name,
            port=address.port,
            username=login.user,
            pkey=login.key(),
            allow_agent=login.key_file is None,
            look_for_keys=login.key_file is None,
            timeout=each,
            banner_timeout=each,
            auth_timeout=each,
            channel_timeout=ATTEMPT_SECONDS,
            sock=peer,
            transport_factory=partial(transport, pinned=known.kinds(_name_of(address))),
        )
    except BaseException:
        peer.close()
        raise
    opened = client.get_transport()
    if opened is not None:
        opened.set_keepalive(KEEPALIVE_SECONDS)


def _name_of(address: HostAddress) -> str:
    """The name of a host in a file of known hosts; paramiko asks for it by this name, too."""
    return address.name if address.port == ssh_trouble.SSH_PORT else f"[{address.name}]:{address.port}"


@contextmanager
def _door(address: HostAddress, seconds: float) -> Iterator[None]:
    """At most LOGINS_AT_ONCE of this process are between TCP and login at one name."""
    with _doors_lock:
        door = _doors.setdefault(address.name, threading.BoundedSemaphore(LOGINS_AT_ONCE))
    if not door.acquire(timeout=max(0.0, seconds)):
        raise HostError(
            f"{address}: {LOGINS_AT_ONCE} other logins to {address.name} were under way for {seconds:.0f} s",
            hint="is that host up, and does its sshd answer?",
        )
    try:
        yield
    finally:
        door.release()
