"""The outcome of a failed phase on each server, as a table that stays short for hundreds of them."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Literal

from jenkinsgen.failures import first_line

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from jenkinsgen.errors import JenkinsgenError

MOST_FAILED = 20
MOST_NAMES = 6
_WIDEST_HOST, _WIDEST_LINE = 40, 160


@dataclass(slots=True)
class Outcome:
    """One host of a phase."""

    host: str
    state: Literal["done", "failed", "stopped"] = "stopped"
    step: str = ""
    """The last one that was begun."""
    why: str = ""

    def fail(self, error: JenkinsgenError) -> None:
        """Its first line, without the host, which stands beside it."""
        self.state = "failed"
        line = first_line(error.message)
        head, _, rest = line.partition(": ")
        # The engine of a server is called by its SSH address, which may name the user, too.
        self.why = rest if rest and head.endswith(self.host) else line


def failure_table(title: str, outcomes: Sequence[Outcome]) -> Iterator[str]:
    """Lines for people: those that failed first, each with its reason; the others counted."""
    if len(outcomes) == 1:
        return
    failed = [outcome for outcome in outcomes if outcome.state == "failed"]
    yield f"{title}: failed on {len(failed)} of {len(outcomes)}"
    shown = failed[:MOST_FAILED]
    width = min(_WIDEST_HOST, max((len(outcome.host) for outcome in shown), default=0))
    for outcome in shown:
        yield _short(f"  {outcome.host:<{width}}  failed   {outcome.why}")
    if len(failed) > len(shown):
        yield f"  and {len(failed) - len(shown)} more failed: {_names(failed[len(shown) :])}"
    for state, note in (("stopped", " because of that"), ("done", "")):
        others = [outcome for outcome in outcomes if outcome.state == state]
        if others:
            yield f"  {state}{note}: {len(others)} ({_names(others)})"


def _names(outcomes: Sequence[Outcome]) -> str:
    named = [outcome.host for outcome in outcomes[:MOST_NAMES]]
    more = len(outcomes) - len(named)
    return ", ".join(named) + (f" and {more} more" if more else "")


def _short(line: str) -> str:
    return line if len(line) <= _WIDEST_LINE else line[: _WIDEST_LINE - 1] + "…"
