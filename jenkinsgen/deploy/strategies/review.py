"""The words for a reviewer of the section that a strategy has in a spec."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping

    from jenkinsgen.spec.pipeline import Pipeline
    from jenkinsgen.weakening import Weakening


def no_entries(_section: dict[str, Any]) -> Iterator[tuple[str, str, str]]:
    """The section has no list."""
    return iter(())


def no_weakening(_before: Pipeline, _after: Pipeline) -> Iterator[Weakening]:
    """No change of the section is one."""
    return iter(())


@dataclass(frozen=True, slots=True)
class Review:
    """The section of one strategy, in the words of the field."""

    section: str
    words: Mapping[str, tuple[str, str]]
    """Key path -> the kind of thing (one word, for counting) and its name. Lists and maps end in `[]`."""
    entries: Callable[[dict[str, Any]], Iterator[tuple[str, str, str]]] = no_entries
    """Take the lists out of the section: the key path, the name and the text of each entry."""
    weakened: Callable[[Pipeline, Pipeline], Iterator[Weakening]] = no_weakening
    """The weakenings from the spec before to the spec after."""
