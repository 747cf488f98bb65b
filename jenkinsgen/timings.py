"""The times of a command, as a trace file that chrome://tracing and ui.perfetto.dev open (docs/timings.md).

One track for each host, and one for the process. On a track spans nest: a host is never worked on by two threads at
a time, and what runs beside it has a track of its own.
"""

from __future__ import annotations

import json
import os
import threading
import time
from contextlib import contextmanager, nullcontext
from pathlib import Path
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Iterator
    from contextlib import AbstractContextManager

VARIABLE = "JENKINSGEN_TIMINGS"
"""The file; without the variable nothing is recorded. A variable, because a rendered Jenkinsfile sets no options."""
PROCESS = "process"
"""The track of what is done for no host in particular."""
_EVENTS = "traceEvents"


class Timings:
    """The spans of this process, in microseconds since 1970: so the processes of one build stand side by side."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._tracks: dict[str, int] = {}
        self._spans: list[dict[str, Any]] = []
        self._here = threading.local()

    @contextmanager
    def span(self, name: str, track: str | None) -> Iterator[None]:
        """Record the work inside; without a `track`, on that of the span around it."""
        outer: str = getattr(self._here, "track", PROCESS)
        self._here.track = track or outer
        began = _now()
        try:
            yield
        finally:
            self.add(name, self._here.track, began, _now())
            self._here.track = outer

    def add(self, name: str, track: str, began: int, ended: int) -> None:
        """A span that is over."""
        with self._lock:
            number = self._tracks.setdefault(track, len(self._tracks))
            self._spans.append({"name": name, "ph": "X", "tid": number, "ts": began, "dur": ended - began})

    def save(self, path: Path, title: str) -> None:
        """Write the file; the spans of other processes that are in it stay. Raises OSError, ValueError."""
        # Only who asked for them waits for what writes them.
        from jenkinsgen.files import replace_file  # noqa: PLC0415

        pid = os.getpid()
        with self._lock:
            names = [
                {"name": "process_name", "ph": "M", "tid": 0, "args": {"name": title}},
                *(
                    {"name": "thread_name", "ph": "M", "tid": number, "args": {"name": track}}
                    for track, number in self._tracks.items()
                ),
            ]
            events = [{**event, "pid": pid} for event in (*names, *self._spans)]
        path.parent.mkdir(parents=True, exist_ok=True)
        replace_file(path, json.dumps({_EVENTS: [*_events_in(path), *events]}).encode())


def _events_in(path: Path) -> list[Any]:
    from jenkinsgen.files import DISK  # noqa: PLC0415 - as above

    try:
        events = json.loads(DISK.read(path))[_EVENTS]
    except (OSError, ValueError, KeyError, TypeError, RecursionError):
        return []
    return events if isinstance(events, list) else []


# The clock of the wall may be set while this runs; the spans of one process are measured by the other one.
_EPOCH = time.time_ns() - time.monotonic_ns()
_timings = Timings() if os.environ.get(VARIABLE) else None


def span(name: str, track: str | None = None) -> AbstractContextManager[None]:
    """Record how long the work inside takes, if timings are asked for."""
    return _timings.span(name, track) if _timings else nullcontext()


def begin() -> None:
    """Record what went before: the start of Python, as the kernel knows it (in hundredths of a second)."""
    if _timings:
        now = _now()
        _timings.add("start Python", PROCESS, min(now, _started()), now)


def save(title: str) -> None:
    """Write the file, if timings are asked for. Raises OSError, ValueError."""
    if _timings:
        _timings.save(Path(os.environ[VARIABLE]), title)


def _now() -> int:
    return (_EPOCH + time.monotonic_ns()) // 1000


def _started() -> int:
    """When this process was made; now, where the kernel does not tell (it is not Linux)."""
    try:
        # Field 22 of /proc/PID/stat, counted in ticks since the boot (man 5 proc); the name in parentheses is the 2nd.
        fields = Path("/proc/self/stat").read_bytes().rpartition(b")")[2].split()
        age = time.clock_gettime(time.CLOCK_BOOTTIME) - int(fields[19]) / os.sysconf("SC_CLK_TCK")
    except (OSError, AttributeError, ValueError, IndexError):
        return _now()
    return _now() - round(age * 1e6)
