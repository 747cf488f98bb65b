"""A YAML file as plain data that remembers where each value stands."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

# The place of a value in the data: ("servers", 0, "ssh").
KeyPath = tuple["str | int", ...]


@dataclass(frozen=True, slots=True)
class Position:
    """A place in a file; line and column count from 1, as editors do."""

    file: str
    line: int
    column: int

    def __str__(self) -> str:
        return f"{self.file}:{self.line}:{self.column}"


@dataclass(frozen=True, slots=True)
class Problem:
    """One thing that is wrong with a spec, and where."""

    position: Position
    message: str

    def __str__(self) -> str:
        # A key may hold a line break, or a sequence that moves a terminal's cursor.
        text = f"{self.position}: {self.message}"
        return "".join(c if c.isprintable() else c.encode("unicode_escape").decode() for c in text)


class DocumentError(Exception):
    """The file cannot be read as a document at all."""

    def __init__(self, *problems: Problem) -> None:
        super().__init__("\n".join(map(str, problems)))
        self.problems = problems


@dataclass(frozen=True, slots=True)
class Document:
    """The data of a file, and for each key path where its key and its value begin."""

    data: dict[str, Any]
    keys: Mapping[KeyPath, Position]
    values: Mapping[KeyPath, Position]
    written: Mapping[KeyPath, str]
    """Scalars that YAML took for something else than text, as they stand in the file: `yes`, `1.10`."""

    def position(self, path: KeyPath) -> Position:
        """The position of the value at `path`, or of the nearest thing around it."""
        return next(self.values[part] for part in _outwards(path) if part in self.values)

    def key_position(self, path: KeyPath) -> Position:
        """The position of the key that ends `path`, or of the nearest thing around it."""
        return self.keys.get(path) or self.position(path)


def _outwards(path: KeyPath) -> Iterator[KeyPath]:
    yield path
    while path:
        path = path[:-1]
        yield path
