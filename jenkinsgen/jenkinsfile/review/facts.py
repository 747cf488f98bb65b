"""Facts from the events of a trace: what happens, in which stage, inside which blocks."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from jenkinsgen.jenkinsfile.trace.events import Event

# The names of the stages from the outermost to the one that is meant; empty for the pipeline itself.
Place = tuple[str, ...]
# Containers and marks; what they say is told by the place of other facts.
_SILENT = frozenset({"pipeline", "stage", "post", "skipped", "failed", "aborted"})
# Several of them in a row open one block together.
_OPEN_TOGETHER = frozenset({"credentials", "environment"})


@dataclass(frozen=True, slots=True)
class Fact:
    """`place` is the stage, `post` the condition of its post section (empty outside of post).

    `within` are the blocks around it, the outermost first. `identifier` is the id of a credential.
    """

    place: Place
    post: str
    kind: str
    text: str
    within: tuple[str, ...] = ()
    identifier: str | None = None

    @property
    def key(self) -> tuple[str, str]:
        return self.kind, self.text

    @property
    def as_block(self) -> str:
        """How it is named in `within` of what stands in it."""
        return f"{self.kind} {self.text}"


@dataclass(slots=True)
class _Level:
    """The events at one depth that what is nested deeper stands in."""

    opened: list[Event] = field(default_factory=list)

    def put(self, event: Event, *, directly_after: bool) -> None:
        together = directly_after and self.opened and event.kind == self.opened[-1].kind
        if event.kind in _OPEN_TOGETHER and together:
            self.opened.append(event)
        else:
            self.opened = [event]


def facts_of(events: Iterable[Event]) -> Iterator[Fact]:
    """One fact for each event that does something."""
    for event, around in _with_surroundings(events):
        if event.kind in _SILENT:
            continue
        posts = [each.text for each in around if each.kind == "post"]
        blocks = tuple(f"{each.kind} {each.text}" for each in around if each.kind not in _SILENT)
        identifier = event.details.get("id")
        yield Fact(
            place=_place(around),
            post=posts[-1] if posts else "",
            kind=event.kind,
            text=event.text,
            within=blocks,
            identifier=str(identifier) if identifier is not None else None,
        )


def stages_of(events: Iterable[Event]) -> list[Place]:
    """Each stage, parents first."""
    found: list[Place] = []
    for event, around in _with_surroundings(events):
        if event.kind == "stage":
            found.append(_place([*around, event]))
    return found


def _place(events: list[Event]) -> Place:
    return tuple(each.text.removeprefix('"').removesuffix('"') for each in events if each.kind == "stage")


def _with_surroundings(events: Iterable[Event]) -> Iterator[tuple[Event, list[Event]]]:
    """Each event with those that it is nested in."""
    levels: list[_Level] = []
    previous: Event | None = None
    for event in events:
        del levels[event.depth + 1 :]
        while len(levels) <= event.depth:
            levels.append(_Level())
        yield event, [each for level in levels[: event.depth] for each in level.opened]
        levels[event.depth].put(event, directly_after=previous is not None and previous.depth == event.depth)
        previous = event
