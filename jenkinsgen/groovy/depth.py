"""Room for deeply nested scripts: the parser and its readers call themselves once per bracket."""

from __future__ import annotations

import sys
from contextlib import contextmanager
from typing import TYPE_CHECKING

from jenkinsgen.groovy.errors import GroovySyntaxError

if TYPE_CHECKING:
    from collections.abc import Iterator

_FRAMES = 10_000


@contextmanager
def deep() -> Iterator[None]:
    """Allow some hundred levels of nesting; beyond that a `GroovySyntaxError` instead of a traceback."""
    before = sys.getrecursionlimit()
    sys.setrecursionlimit(max(before, _FRAMES))
    try:
        yield
    except RecursionError as error:
        raise GroovySyntaxError("nested too deeply", 1, 1) from error
    finally:
        sys.setrecursionlimit(before)
