"""What processes hold: memory, threads and open files, as Linux counts them."""

# ruff: noqa: INP001 - programs, not a package

from __future__ import annotations

import threading
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterator

LOOK_SECONDS = 0.02


@dataclass
class Peak:
    """The most that one process had at any look."""

    mebibytes: float = 0.0
    threads: int = 0

    def look(self, pid: int) -> None:
        try:
            held = holding(pid)
        except (OSError, KeyError):
            # It has ended.
            return
        self.mebibytes = max(self.mebibytes, held.mebibytes)
        self.threads = max(self.threads, held.threads)


@dataclass(frozen=True)
class Holding:
    """What a process has now; memory is what is resident."""

    mebibytes: float
    threads: int
    files: int


def holding(pid: int) -> Holding:
    """Raises OSError when there is no such process."""
    proc = Path(f"/proc/{pid}")
    lines = (line.partition(":") for line in (proc / "status").read_text().splitlines())
    facts = {name: value.split()[0] for name, _, value in lines if value.split()}
    return Holding(int(facts["VmRSS"]) / 1024, int(facts["Threads"]), len(list((proc / "fd").iterdir())))


@contextmanager
def watched(pid: int, peak: Peak) -> Iterator[None]:
    """Look at a process, again and again, while something goes on."""
    over = threading.Event()

    def watch() -> None:
        while not over.wait(LOOK_SECONDS):
            peak.look(pid)

    watcher = threading.Thread(target=watch, daemon=True)
    watcher.start()
    try:
        yield
    finally:
        over.set()
        watcher.join()
