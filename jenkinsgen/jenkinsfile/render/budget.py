"""How much work one rendering may be.

Counted in steps, not in seconds: a template that one machine renders, every machine renders. A step is one turn of
a loop, one call, one value that is looked at, or sixteen characters. Everything that a template does is counted
before it is done, so memory is bounded by the same number: a template can neither loop for ever nor fill a machine.
"""

from __future__ import annotations

from collections.abc import Generator
from types import MappingProxyType
from typing import TYPE_CHECKING, Any

from jinja2 import TemplateRuntimeError

from jenkinsgen.jenkinsfile.render.plain import Record

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

STEPS = 1_000_000
"""A hundred times what the longest Jenkinsfile of the tests takes, and more than the largest spec that can be read
needs; a second or two of work."""
CHARACTERS_PER_STEP = 16
LONGEST_TEXT = 4_000_000
"""Characters."""
WIDEST_NUMBER = 256
"""Bits."""


class Exceeded(TemplateRuntimeError):
    """The template asks for more than a Jenkinsfile can need."""


class Budget:
    """The steps that are left for one rendering."""

    def __init__(self, steps: int = STEPS) -> None:
        self._steps = steps
        self.spent = 0

    def spend(self, steps: int) -> None:
        """Raises Exceeded when too few steps are left, and for what is no number of steps: no step comes back."""
        if type(steps) is not int or steps < 0:
            raise Exceeded("it counts its own steps, which is not for a template to do")
        self.spent += steps
        if self.spent > self._steps:
            raise Exceeded(
                f"it takes more than {self._steps:,} steps; is there a loop that does not end, or a text that doubles?"
            )

    def spend_text(self, length: int) -> None:
        """Spend the steps of a text of so many characters, which need not be there yet."""
        if length > LONGEST_TEXT:
            raise Exceeded(f"it makes a text of {length:,} characters; {LONGEST_TEXT:,} are the most")
        self.spend(1 + length // CHARACTERS_PER_STEP)

    def weigh(self, value: Any) -> Any:
        """Count a value with all that is in it, and give it back.

        Lists in lists may share their items and so be far longer than the memory that they take. Who compares or
        prints them walks all of it, as this does; but here the walk ends with the budget.
        """
        match value:
            case str():
                self.spend_text(len(value))
            case int() if value.bit_length() > WIDEST_NUMBER:
                raise Exceeded(f"it makes a number of more than {WIDEST_NUMBER} bits")
            case list() | tuple():
                self.spend(1 + len(value))
                for item in value:
                    self.weigh(item)
            case dict() | MappingProxyType():
                self.spend(1 + len(value))
                for key, item in value.items():
                    self.weigh(key)
                    self.weigh(item)
            case Record():
                self.weigh(Record.values(value))
            case range():
                self.spend(1 + len(value))
            case _:
                self.spend(1)
        return value

    def each(self, values: Iterable[Any]) -> Iterator[Any]:
        """Yield the values; each is counted when it is asked for."""
        for value in values:
            self.spend(1)
            yield value

    def given(self, value: Any) -> Any:
        """Count what a filter or a function answered: now, or while it is read where it comes bit by bit."""
        return self.each(value) if isinstance(value, Generator) else self.weigh(value)
