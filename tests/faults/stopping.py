"""Ends a stage by a signal, exactly at a boundary."""

from __future__ import annotations

import re
import subprocess
import sys
import time
from pathlib import Path
from typing import TYPE_CHECKING

from boundaries import FIRST, SECOND, SERVER

if TYPE_CHECKING:
    from boundaries import Boundary
    from fault_row import Fault

PROGRAM = Path(__file__).with_name("stopped_stage.py")
KILLED, TERMINATED, NEVER_REACHED = -9, 143, 99
# Jenkins waits for 20 s after SIGTERM before it goes on as if the stage were gone.
COMPENSATED_SECONDS = 15
SERVERS = {SERVER: 0, FIRST: 0, SECOND: 1}


def kill(row: Fault, boundary: Boundary, *, may_have_served: bool) -> str:
    """SIGKILL: the stage says nothing more."""
    return row.ended(boundary.stage, stop(row, "KILL", boundary), KILLED, may_have_served=may_have_served)


def terminate(
    row: Fault, boundary: Boundary, *, may_have_served: bool, within_seconds: float = COMPENSATED_SECONDS
) -> str:
    """SIGTERM: the stage takes back what it did, within that time."""
    result = stop(row, "TERM", boundary)
    ended = time.time()
    said = row.ended(boundary.stage, result, TERMINATED, "stopped by SIGTERM", may_have_served=may_have_served)
    sent = re.search(r"^signal ([\d.]+)$", said, re.MULTILINE)
    assert sent is not None, said
    assert ended - float(sent[1]) < within_seconds
    return said


def stop(row: Fault, signal: str, boundary: Boundary) -> tuple[int, str]:
    """The exit code of the stage, and what it said."""
    name, colon, kind = boundary.host.partition(": ")
    host = row.sandbox.servers[SERVERS[name]].address if name in SERVERS else name
    done = subprocess.run(
        [
            *(sys.executable, PROGRAM, signal, f"{host}{colon}{kind}", str(boundary.place)),
            *(*boundary.stage.split(), "pipelines/shop.yaml"),
        ],
        cwd=row.workspace.folder,
        env=row.workspace.environment,
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        timeout=60,
        check=False,
    )
    return done.returncode, done.stdout
