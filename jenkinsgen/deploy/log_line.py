"""Lines that containers wrote, as data. Pure: the engine's bytes in, lines out."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Literal

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from jenkinsgen.spec.colour import Colour

Stream = Literal["stdout", "stderr"]
STREAMS: tuple[Stream, Stream] = ("stdout", "stderr")
# Bytes of one line; a longer one is cut. A program that never ends its line must not fill a follower's memory.
_LONGEST = 1024 * 1024


@dataclass(frozen=True, slots=True)
class Source:
    """The source of a line: one stream of one container."""

    server: str
    colour: Colour
    version: str
    stream: Stream


@dataclass(frozen=True, slots=True)
class LogLine:
    """`time` is the engine's, in UTC with nanoseconds, always of the same length: text sorts as time does."""

    source: Source
    time: str
    text: str


class Splitter:
    """Cuts what arrives into lines; a line may come in several pieces."""

    def __init__(self, source: Source, after: str = "") -> None:
        self._source = source
        self._rest: list[bytes] = []
        self._waiting = 0
        self.last = after
        """The time of the last line; a line that is not later than `after` was seen before."""

    def feed(self, piece: bytes) -> Iterator[LogLine]:
        first, *others = piece.split(b"\n")
        self._keep(first)
        for part in others:
            yield from self.end()
            self._keep(part)

    def _keep(self, part: bytes) -> None:
        room = _LONGEST - self._waiting
        if room > 0:
            self._rest.append(part[:room])
            self._waiting += len(part[:room])

    def end(self) -> Iterator[LogLine]:
        """The last piece that was written, without an end of line."""
        rest, self._rest, self._waiting = b"".join(self._rest), [], 0
        if rest:
            yield from self._line(rest)

    def _line(self, line: bytes) -> Iterator[LogLine]:
        time, _, text = line.decode(errors="replace").partition(" ")
        if time > self.last:
            self.last = time
            yield LogLine(self._source, time, text.rstrip("\r"))


def merged(lines: Iterable[LogLine]) -> list[LogLine]:
    """The lines in the order of their times; lines of the same time stay as they came."""
    return sorted(lines, key=lambda line: line.time)


def last_of_each(lines: Iterable[LogLine], count: int) -> list[LogLine]:
    """The last `count` lines of every server, merged."""
    by_server: dict[str, list[LogLine]] = {}
    for line in merged(lines):
        by_server.setdefault(line.source.server, []).append(line)
    return merged(line for found in by_server.values() for line in found[max(0, len(found) - count) :])
