"""The bounds of lint, trace and review: how much of a stranger's text they read before they refuse it.

The author of a pull request chooses the text, and may choose one that never ends: a text that doubles in a loop,
brackets in brackets, a number of a million digits. The work on a text is counted in steps, so that the answer does not
depend on the machine. Real Jenkinsfiles stay far below each bound.
"""

from __future__ import annotations

import sys
from contextlib import contextmanager
from contextvars import ContextVar
from typing import TYPE_CHECKING

from jenkinsgen.jenkinsfile.groovy.errors import GroovySyntaxError

if TYPE_CHECKING:
    from collections.abc import Iterator

LONGEST_TEXT = 512 * 1024
"""Bytes of a Jenkinsfile."""
DEEPEST = 300
"""Brackets in brackets."""
LONGEST_NUMBER = 1000
"""Characters of one number: Python converts no more than 4,300 digits."""
LONGEST_VALUE = 64 * 1024
"""Characters of a value that a trace works out; Linux takes no longer argument than twice that."""
LONGEST_SHOWN = 100
"""Characters of a longer one that are shown."""
EVENT = 8
"""Steps that an event of a trace costs."""
CHARACTERS = 16
"""Characters that are written down in one step."""
MOST_ITEMS = 1000
"""Items of a list or a map that a trace works out, those inside it included."""
LARGEST_INTEGER = 2**63
"""A trace works out no number from this one on: it is beyond Java's `long`."""
MOST_FINDINGS = 1000
"""Findings that are told of one file."""
MOST_CELLS = 1000
"""Cells of one matrix; Jenkins itself breaks at about twenty."""
STEPS = 3_000_000
"""Steps for one text: a token read, a node of the tree looked at, a value worked out, a few characters written."""
_FRAMES = 10_000


class TooLarge(GroovySyntaxError):
    """A text is beyond a bound, so we cannot tell what Jenkins would say of it."""


class Budget:
    """The steps that are left for one text."""

    def __init__(self, steps: int) -> None:
        self.left = steps

    def spend(self, steps: int = 1) -> None:
        """Raises TooLarge when nothing is left."""
        self.left -= steps
        if self.left < 0:
            raise TooLarge(f"more than {STEPS:,} steps are needed to understand this file", 1, 1)


_BUDGET: ContextVar[Budget | None] = ContextVar("budget", default=None)


@contextmanager
def bounded() -> Iterator[Budget]:
    """Room for deeply nested scripts, because the parser and its readers call themselves once per bracket, and an end
    to everything else. What is inside of another one belongs to it. Raises TooLarge.
    """
    around = _BUDGET.get()
    if around is not None:
        yield around
        return
    before = sys.getrecursionlimit()
    sys.setrecursionlimit(max(before, _FRAMES))
    budget = Budget(STEPS)
    token = _BUDGET.set(budget)
    try:
        yield budget
    except RecursionError as error:
        raise TooLarge("nested too deeply", 1, 1) from error
    finally:
        _BUDGET.reset(token)
        sys.setrecursionlimit(before)


def budget() -> Budget:
    """The budget of the present text; a new one outside of `bounded`."""
    return _BUDGET.get() or Budget(STEPS)


def spend(steps: int = 1) -> None:
    """Count what is done for the text at hand. Raises TooLarge."""
    budget().spend(steps)
