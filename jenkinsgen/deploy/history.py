"""What was done to a service: one line of JSON for each event, never changed afterwards."""

from __future__ import annotations

import json
from dataclasses import asdict, dataclass


@dataclass(frozen=True, slots=True)
class Event:
    """One line."""

    time: int
    """Seconds since 1970, by the clock of the NGINX host."""
    what: str
    """The stage or command."""
    result: str
    """`done`, or the name of what ended it."""
    build: str
    user: str
    host: str
    version: str = ""
    colour: str = ""
    detail: str = ""


def dump_event(event: Event) -> str:
    return json.dumps(asdict(event)) + "\n"


def parse_history(text: str) -> tuple[tuple[Event, ...], int]:
    """The events, the oldest first, and how many lines could not be read."""
    events: list[Event] = []
    damaged = 0
    for line in text.splitlines():
        try:
            events.append(Event(**json.loads(line)))
        except (ValueError, TypeError):
            damaged += 1
    return tuple(events), damaged
