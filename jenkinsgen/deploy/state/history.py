"""The history of a service: one line of JSON for each event, never changed afterwards."""

from __future__ import annotations

import json
from dataclasses import asdict, dataclass
from typing import TYPE_CHECKING

from pydantic import TypeAdapter

from jenkinsgen.deploy.bounds import Moment  # noqa: TC001 - pydantic reads the annotations
from jenkinsgen.deploy.screen import folding, moment

if TYPE_CHECKING:
    from collections.abc import Sequence

_INDENT = " " * len("2026-11-23 08:42:10  ")


@dataclass(frozen=True, slots=True)
class Event:
    """One line."""

    time: Moment
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


_FORM = TypeAdapter(Event)


def dump_event(event: Event) -> str:
    return json.dumps(asdict(event)) + "\n"


def parse_history(text: str) -> tuple[tuple[Event, ...], int]:
    """The events, the oldest first, and how many lines could not be read."""
    events: list[Event] = []
    damaged = 0
    for line in text.splitlines():
        try:
            events.append(_FORM.validate_json(line, strict=True))
        except ValueError:
            damaged += 1
    return tuple(events), damaged


def history_lines(events: Sequence[Event], damaged: int, more: int) -> list[str]:
    """For people: two or three lines for each event, in the order given. `more` older ones are not shown."""
    if not events and not damaged:
        return ["nothing was ever deployed"]
    lines: list[str] = []
    for event in events:
        what = " ".join(word for word in (event.what, event.version, event.colour) if word)
        lines.append(f"{moment(event.time)}  {event.result}: {what}")
        lines.append(f"{_INDENT}{event.build} ({event.user} on {event.host})")
        if event.detail:
            lines.append(f"{_INDENT}{event.detail}")
    if more:
        lines.append(f"and {more} older")
    if damaged:
        lines.append(f"{damaged} damaged {'line' if damaged == 1 else 'lines'} could not be read")
    return [part for line in lines for part in folding(line, len(_INDENT))]
