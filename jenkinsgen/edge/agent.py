"""The machine on which a stage runs, and who runs it."""

from __future__ import annotations

import os
import socket
from pathlib import Path
from typing import TYPE_CHECKING

from jenkinsgen.deploy.lease import Holder, Process
from jenkinsgen.surroundings import here, user

if TYPE_CHECKING:
    from jenkinsgen.deploy.release import Build

_PROC = Path("/proc")
# Fields of /proc/PID/stat after the name in parentheses (man 5 proc): the state is the 3rd, the start the 22nd.
_STATE, _START = 0, 19
_GONE = ("Z", "X", "x")


def holder(stage: str, build: Build | None) -> Holder:
    """Who takes a lease for this stage."""
    me, host = user(), socket.gethostname()
    name = build.url if build and build.url else f"{me}@{host}:{here()}"
    return Holder(name, me, host, stage, this_process())


def this_process() -> Process | None:
    """None where the kernel does not tell (it is not Linux)."""
    pid = os.getpid()
    started = _started(pid)
    try:
        boot = (_PROC / "sys/kernel/random/boot_id").read_text().strip()
        namespace = os.fspath((_PROC / "self/ns/pid").readlink())
    except OSError:
        return None
    return None if started is None else Process(boot, namespace, pid, started)


def runs(process: Process) -> bool:
    """Does it still run? Only to be asked of a process of this boot and namespace."""
    return _started(process.pid) == process.started


def _started(pid: int) -> int | None:
    try:
        fields = (_PROC / str(pid) / "stat").read_text().rpartition(")")[2].split()
    except OSError:
        return None
    return None if fields[_STATE] in _GONE else int(fields[_START])
