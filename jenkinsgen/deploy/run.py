"""Runs a plan: phases one after the other, hosts at the same time; a failure takes everything back."""

from __future__ import annotations

import threading
import time
from concurrent.futures import FIRST_COMPLETED, Future, ThreadPoolExecutor, wait
from contextlib import contextmanager
from dataclasses import dataclass
from typing import TYPE_CHECKING, Protocol

from jenkinsgen import timings
from jenkinsgen.clock import CLOCK, Clock
from jenkinsgen.deploy.outcomes import Outcome, failure_table
from jenkinsgen.errors import JenkinsgenError
from jenkinsgen.failures import joined

if TYPE_CHECKING:
    from collections.abc import Iterator

    from jenkinsgen.deploy.steps import Phase, Plan, Step
    from jenkinsgen.report import Report

# How often the main thread wakes up, so that a signal is handled at once.
_WAKE_SECONDS = 0.2


class Cancelled(JenkinsgenError):
    """A host was doing well, but another one failed."""


@dataclass(frozen=True, slots=True)
class Cancellation:
    """Tells the hosts of a phase that it has failed."""

    event: threading.Event
    clock: Clock = CLOCK

    def sleep(self, seconds: float) -> None:
        """Wait, or raise Cancelled as soon as the phase has failed."""
        if self.clock.wait(self.event, seconds):
            raise Cancelled("cancelled")

    def check(self) -> None:
        self.sleep(0)


class Performer(Protocol):
    """Does the steps of a plan. Its methods raise JenkinsgenError."""

    def accept(self, plan: Plan) -> None:
        """Look at all of it before the first step is done."""

    def __call__(self, host: str, step: Step, cancellation: Cancellation) -> None:
        """Do a step on a host."""


def run_plan(plan: Plan, perform: Performer, report: Report, clock: Clock = CLOCK) -> None:
    """Run the plan. When a phase fails, or the process is told to stop, run its `undo`, then raise the error.

    Raises the error of the first host that failed; the others' errors are in its message. A plan that is not
    accepted is not begun.
    """
    perform.accept(plan)
    if plan.note:
        report.line(plan.note)
    changed = False
    try:
        for phase in plan.phases:
            changed = changed or phase.changes
            _run_phase(phase, perform, report, clock, one_for_all=True)
    except BaseException:
        # Outside of the loop: a signal may come between two phases, too.
        if changed:
            _take_back(plan, perform, report, clock)
        raise


def _take_back(plan: Plan, perform: Performer, report: Report, clock: Clock) -> None:
    for phase in plan.undo:
        report.line(f"{phase.title} …")
        try:
            _run_phase(phase, perform, report, clock, one_for_all=False)
        except Exception as error:  # noqa: BLE001 - even a bug may not keep the rest from being taken back
            # The first error is the one to raise; this one must not be lost either.
            said = error.message if isinstance(error, JenkinsgenError) else repr(error)
            report.line(f"{phase.title} failed: {said}")
            report.line("a new build puts it right: it looks at what is there before it acts")


def _run_phase(phase: Phase, perform: Performer, report: Report, clock: Clock, *, one_for_all: bool) -> None:
    """`one_for_all`: a host that fails cancels the others. While something is taken back, each goes on alone."""
    cancellation = Cancellation(threading.Event(), clock)

    outcomes = {host: Outcome(host) for host in phase.steps}
    busy = {host: threading.Lock() for host in phase.steps}

    def work(host: str, steps: tuple[Step, ...]) -> None:
        with busy[host]:
            for step in steps:
                outcomes[host].step = str(step)
                cancellation.check()
                with timings.span(str(step), host), _told(str(step), host, report):
                    perform(host, step, cancellation)
            outcomes[host].state = "done"

    with timings.span(phase.title), ThreadPoolExecutor(max_workers=len(phase.steps)) as pool:
        futures: list[Future[None]] = []
        try:
            futures.extend(pool.submit(work, host, steps) for host, steps in phase.steps.items())
            _await_all(set(futures), cancellation if one_for_all else None)
        except BaseException:
            cancellation.event.set()
            # The pool does not wait for a thread that was only being started when the signal came, and what it does
            # must not come after what takes it back. One that begins after this finds itself cancelled.
            for host in busy.values():
                with host:
                    pass
            raise
    _raise_all(phase.title, outcomes, dict(zip(phase.steps, futures, strict=True)), report)


@contextmanager
def _told(text: str, host: str, report: Report) -> Iterator[None]:
    """Say what was done, with its seconds; that it failed; or that it was stopped because another host failed."""
    started = time.monotonic()
    try:
        yield
    except BaseException as error:
        how = "stopped" if isinstance(error, Cancelled) else "failed"
        report.line(f"{text}: {how} after {time.monotonic() - started:.1f} s", host=host)
        raise
    report.line(f"{text} ({time.monotonic() - started:.1f} s)", host=host)


def _await_all(pending: set[Future[None]], cancellation: Cancellation | None) -> None:
    while pending:
        done, pending = wait(pending, timeout=_WAKE_SECONDS, return_when=FIRST_COMPLETED)
        if cancellation and any(future.exception() is not None for future in done):
            cancellation.event.set()


def _raise_all(title: str, outcomes: dict[str, Outcome], futures: dict[str, Future[None]], report: Report) -> None:
    errors = {host: error for host, future in futures.items() if (error := future.exception()) is not None}
    for error in errors.values():
        if not isinstance(error, JenkinsgenError):
            raise error
    ours: list[JenkinsgenError] = []
    for host, error in errors.items():
        if isinstance(error, JenkinsgenError) and not isinstance(error, Cancelled):
            ours.append(error)
            outcomes[host].fail(error)
    if ours:
        for line in failure_table(title, list(outcomes.values())):
            report.line(line)
        raise joined(ours)
