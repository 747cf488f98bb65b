"""A number of Prometheus, watched beside the other looks of a guard: a server that is slow holds none of them up."""

from __future__ import annotations

from typing import TYPE_CHECKING

from jenkinsgen.deploy.guard.metric import query_for, too_much
from jenkinsgen.errors import HostError, JenkinsgenError, ReleaseRefused, StateError
from jenkinsgen.relay import NotYet, asked

if TYPE_CHECKING:
    from jenkinsgen.relay import Relay
    from jenkinsgen.report import Report
    from jenkinsgen.spec.colour import Colour
    from jenkinsgen.spec.guard import Prometheus
    from jenkinsgen.stages.context.outside import Outside

_TROUBLES = 10


class Number:
    """The number that the query gives for the colour that is judged."""

    def __init__(self, outside: Outside, prometheus: Prometheus, colour: Colour, report: Report) -> None:
        self._outside = outside
        self._prometheus = prometheus
        self._colour = colour
        self._report = report
        self._asked: Relay[tuple[float, ...]] | None = None
        self._troubles = 0
        self.given = False
        """Was there ever a number?"""

    def look(self) -> None:
        """Judge the answer if it has come, and ask again; else wait on.

        Raises ReleaseRefused when the number is too large, HostError when ten answers in a row were none.
        """
        if self._asked is not None:
            try:
                self._judge(self._asked.take(0))
            except NotYet:
                return
            except (HostError, StateError) as error:
                # It took the query before the switch: what it says of it now may pass, as a page of a proxy does.
                self._trouble(error)
        self._asked = asked(self._ask, self._outside.clock)

    def _ask(self) -> tuple[float, ...]:
        return self._outside.ask_prometheus(self._prometheus, self._colour)

    def _judge(self, answer: tuple[float, ...]) -> None:
        self._troubles = 0
        self.given = self.given or bool(answer)
        reason = too_much(answer, self._prometheus)
        if reason is not None:
            raise ReleaseRefused(
                f"{self._colour} does badly: {reason}",
                hint=f"ask it again: {query_for(self._prometheus, self._colour)}",
            )

    def _trouble(self, error: JenkinsgenError) -> None:
        self._troubles += 1
        if self._troubles == 1:
            self._report.line(f"warning: one look of the guard failed: {error.message}")
        if self._troubles >= _TROUBLES:
            raise HostError(error.message, hint=error.hint) from error
