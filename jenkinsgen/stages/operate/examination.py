"""Looking at many hosts at the same time, each for itself, and never for longer than its deadline."""

from __future__ import annotations

import threading
import time
from contextlib import contextmanager
from typing import TYPE_CHECKING

from jenkinsgen.doctor.check import Check, failed
from jenkinsgen.errors import JenkinsgenError

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator, Sequence

DEADLINE = 40.0
"""Seconds for one host; longer than connecting (10 s) and the slowest script together."""
PARALLEL = 32


class Examination:
    """Findings on one host, step by step, so that those before a hang are kept."""

    def __init__(self, host: str) -> None:
        self.host = host
        self._checks: list[Check] = []
        self._step = "SSH"

    def add(self, *checks: Check) -> None:
        self._checks.extend(checks)

    @contextmanager
    def step(self, name: str) -> Iterator[None]:
        """One thing to look at: an error is a verdict on it, and no reason not to look at the next."""
        self._step = name
        try:
            yield
        except ValueError as error:
            # The host printed something of an unexpected shape: a verdict on that host.
            found = f"what was found cannot be understood: {error}"
            self.add(failed(self.host, name, found, "is there a POSIX shell, and are its tools the usual ones?"))
        except JenkinsgenError as error:
            # Messages begin with the host, with or without its user.
            first, _, rest = error.message.partition(": ")
            found = rest if rest and self.host.split(" ")[0] in first else error.message
            self.add(failed(self.host, name, found, error.hint or ""))

    def checks(self, *, ended: bool) -> list[Check]:
        """All that was found; with the step that hangs, where it has not `ended`."""
        found = list(self._checks)
        if not ended:
            remedy = "something there accepts work and does not do it; log in and look, or try again"
            found.append(failed(self.host, self._step, f"not done within {DEADLINE:.0f} s", remedy))
        return found


def examine(jobs: Sequence[tuple[Examination, Callable[[Examination], None]]]) -> Iterable[Check]:
    """Run every job in a thread of its own; one that hangs is left behind and ends with the process."""
    for start in range(0, len(jobs), PARALLEL):
        part = jobs[start : start + PARALLEL]
        errors: list[BaseException] = []

        def run(examination: Examination, job: Callable[[Examination], None], errors: list[BaseException]) -> None:
            try:
                job(examination)
            except BaseException as error:  # noqa: BLE001 - a bug; raised again below
                errors.append(error)

        threads = [threading.Thread(target=run, args=(*job, errors), daemon=True) for job in part]
        end = time.monotonic() + DEADLINE
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join(max(0.0, end - time.monotonic()))
        if errors:
            raise errors[0]
        for (examination, _), thread in zip(part, threads, strict=True):
            yield from examination.checks(ended=not thread.is_alive())
