"""The machine on which a stage runs, and who runs it."""

from __future__ import annotations

import os
import socket
from pathlib import Path
from typing import TYPE_CHECKING

from jenkinsgen.deploy.state.lease import Holder, Process
from jenkinsgen.surroundings import here, user

if TYPE_CHECKING:
    from jenkinsgen.deploy.release import Build

_PROC = Path("/proc")
# Fields of /proc/PID/stat after the name in parentheses (man 5 proc): the state is the 3rd, the start the 22nd.
_STATE, _START = 0, 19
_GONE = ("Z", "X", "x")


def holder(stage: str, build: Build | None) -> Holder:
    """The holder of a lease for this stage: this process."""
    me, host = user(), socket.gethostname()
    name = build.url if build and build.url else f"{me}@{host}:{here()}"
    return Holder(name, me, host, stage, this_process())


def this_process() -> Process | None:
    """The kernel's view of this process; None where the kernel does not tell (it is not Linux)."""
    pid = os.getpid()
    started = _started(pid)
    try:
        boot = (_PROC / "sys/kernel/random/boot_id").read_text().strip()
        namespace = os.fspath((_PROC / "self/ns/pid").readlink())
    except OSError:
        return None
    return None if started is None else Process(boot, namespace, pid, started)


def runs(process: Process) -> bool:
    """Does it still run? Only to be asked of a process of this boot and namespace.

    What the kernel does not show of another user's process (hidepid) does not make it dead.
    """
    started = _started(process.pid)
    return _is_there(process.pid) if started is None else started == process.started


def _is_there(pid: int) -> bool:
    try:
        state, _ = read_stat((_PROC / str(pid) / "stat").read_bytes())
    except (OSError, ValueError):
        return _takes_signals(pid)
    return state not in _GONE


def _takes_signals(pid: int) -> bool:
    try:
        os.kill(pid, 0)
    except PermissionError:
        return True
    except OSError:
        return False
    return True


def _started(pid: int) -> int | None:
    try:
        state, started = read_stat((_PROC / str(pid) / "stat").read_bytes())
    except (OSError, ValueError):
        return None
    return None if state in _GONE else started


def read_stat(content: bytes) -> tuple[str, int]:
    """State and start of /proc/PID/stat. Its name in parentheses may have any bytes, parentheses among them.

    Raises ValueError when it is something else.
    """
    fields = content.rpartition(b")")[2].decode("ascii").split()
    if len(fields) <= _START:
        raise ValueError(f"it has only {len(fields)} fields")
    return fields[_STATE], int(fields[_START])
