"""The events of a trace, as they come."""

from __future__ import annotations

from contextlib import contextmanager
from typing import TYPE_CHECKING, Any

from jenkinsgen.jenkinsfile.groovy.bounds import CHARACTERS, EVENT, spend
from jenkinsgen.jenkinsfile.trace.events import Event

if TYPE_CHECKING:
    from collections.abc import Iterator


class Interrupted(Exception):
    """A step failed, or the build was stopped: nothing more happens up to the next block that catches it."""

    def __init__(self, result: str) -> None:
        super().__init__(result)
        self.result = result


class Recorder:
    """Collects events at the present depth."""

    def __init__(self) -> None:
        self.events: list[Event] = []
        self._depth = 0

    def add(self, kind: str, text: str, line: int, **details: Any) -> None:
        spend(EVENT + len(text) // CHARACTERS)
        self.events.append(Event(kind, text, self._depth, line, details))

    @contextmanager
    def nested(self) -> Iterator[None]:
        self._depth += 1
        try:
            yield
        finally:
            self._depth -= 1
