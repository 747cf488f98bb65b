"""A guard's looks at one server: its health, its container, how often the engine started that again."""

from __future__ import annotations

import threading
from dataclasses import dataclass
from typing import TYPE_CHECKING

from jenkinsgen.errors import HostError, ReleaseRefused
from jenkinsgen.parallel import AT_ONCE
from jenkinsgen.relay import NotYet, asked
from jenkinsgen.stages.watch.looks import end_of_log, last_look

if TYPE_CHECKING:
    from jenkinsgen.clock import Clock
    from jenkinsgen.deploy.steps import AwaitHealthy
    from jenkinsgen.relay import Relay
    from jenkinsgen.report import Report
    from jenkinsgen.stages.context.outside import AnyServer, Nginx

_places = threading.BoundedSemaphore(AT_ONCE)


@dataclass(frozen=True, slots=True)
class _Seen:
    """One look at a container."""

    trouble: str = ""
    """Why it is not well; empty when it is."""
    verdict: bool = False
    """Is once enough?"""
    unknown: str = ""
    """Why nothing can be said about it."""


@dataclass(slots=True)
class ServerWatch:
    """The new colour on one server, looked at again and again."""

    name: str
    engine: AnyServer
    step: AwaitHealthy
    old: AwaitHealthy
    allowed: int
    in_a_row: int = 0
    unknown: bool = False
    seen: bool = False
    """Was there a look that said how it does?"""
    asked: Relay[_Seen] | None = None

    def look(self, nginx: Nginx, clock: Clock, report: Report) -> None:
        """Judge the look that was begun before, and begin the next one. Raises ReleaseRefused."""
        if self.asked is not None:
            try:
                seen = self.asked.take(0)
            except NotYet:
                return
            self._judge(seen, report)
        # A look that hangs ends by its own deadline; neither the other looks nor a rollback wait for it.
        self.asked = asked(lambda: self._ask(nginx), clock)

    def _ask(self, nginx: Nginx) -> _Seen:
        with _places:
            return self._see(nginx)

    def _see(self, nginx: Nginx) -> _Seen:
        gone = ""
        try:
            restarts = self.engine.restarts(self.step.container)
            if restarts:
                return _Seen(f"ended by itself and was started again {_times(restarts)}", verdict=True)
            ended = self.engine.ended(self.step.container)
            if ended is not None:
                return _Seen(str(ended))
        except HostError as error:
            gone = error.message
        try:
            answer = nginx.look(self.step)
            if answer.healthy:
                return _Seen()
            # An unreachable server is not the release's doing, when the old colour does not answer there either.
            if gone and not nginx.look(self.old).healthy:
                return _Seen(unknown=gone)
        except HostError as error:
            return _Seen(unknown=error.message)
        return _Seen(f"is not healthy: {last_look(self.step, answer)}")

    def _judge(self, seen: _Seen, report: Report) -> None:
        if seen.unknown and not self.unknown:
            report.line(f"warning: the guard cannot look at this server: {seen.unknown}", host=self.name)
        self.unknown = bool(seen.unknown)
        self.seen = self.seen or not seen.unknown
        self.in_a_row = self.in_a_row + 1 if seen.trouble else 0
        if not seen.verdict and self.in_a_row < self.allowed:
            return
        looks = "" if seen.verdict else f" ({_times(self.in_a_row)} in a row)"
        raise ReleaseRefused(
            f"{self.name}: {self.step.container} {seen.trouble}{looks}\n"
            f"  {end_of_log(self.engine, self.step.container)}",
            hint="it was healthy when it was deployed, so what changed with the traffic? docs/guard.md",
        )


def _times(count: int) -> str:
    return "once" if count == 1 else f"{count} times"
