"""Questions of doctor to a host besides its engine and its NGINX: a script's facts, its clock, open ports."""

from __future__ import annotations

import re
import socket
import time
from importlib import resources
from typing import TYPE_CHECKING

from jenkinsgen.doctor.clock import Offset, offset
from jenkinsgen.errors import HostError
from jenkinsgen.facts import Facts, read_facts

if TYPE_CHECKING:
    from jenkinsgen.edge.ssh.host import SshHost

SCRIPT_SECONDS = 30.0
KNOCK_SECONDS = 4.0
_NUMBER = re.compile("[0-9]{1,12}")


def look(host: SshHost, name: str, *arguments: str) -> Facts:
    """Run one of the scripts of jenkinsgen/doctor there. Raises HostError."""
    script = resources.files("jenkinsgen.doctor").joinpath(name).read_text(encoding="utf-8")
    return read_facts(host.check(["sh", "-c", script, "sh", *arguments], seconds=SCRIPT_SECONDS))


def read_clock(host: SshHost) -> Offset:
    """How far its clock is from ours. Raises HostError."""
    before = time.time()
    said = host.check(["date", "+%s.%N"]).strip()
    after = time.time()
    seconds, _, fraction = said.partition(".")
    if not _NUMBER.fullmatch(seconds):
        raise HostError(f"{host.address}: its clock cannot be read: `date +%s.%N` said {said!r}")
    if _NUMBER.fullmatch(fraction):
        return offset(before, float(said), after)
    # Some kinds of `date` know only seconds; in the middle of a second they are wrong by half.
    whole = offset(before, int(seconds) + 0.5, after)
    return Offset(whole.seconds, whole.uncertain + 0.5)


def forbidden_tunnel(host: SshHost, port: int) -> str:
    """Why its sshd lets no tunnel through to a port of its own; empty when it does."""
    try:
        host.open_tunnel("127.0.0.1", port).close()
    except HostError as error:
        return error.message.removeprefix(f"{host.address}: ")
    except OSError:
        # Refused by the port, so let through by sshd.
        return ""
    return ""


def knock(address: str, port: int) -> str:
    """Connect from here: `answers`, `silent`, or the system's words."""
    try:
        socket.create_connection((address, port), timeout=KNOCK_SECONDS).close()
    except TimeoutError:
        return "silent"
    except OSError as error:
        return error.strerror or str(error)
    return "answers"
