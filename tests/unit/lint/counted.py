"""How much work something is, in calls of functions: what a clock says depends on the machine."""

from __future__ import annotations

import sys
from contextlib import contextmanager
from typing import TYPE_CHECKING

import pytest

if TYPE_CHECKING:
    from collections.abc import Iterator


@contextmanager
def few_calls(most: int) -> Iterator[list[int]]:
    """Fails where there are more than that; the list has how many there were."""
    made = [0]

    def count(_frame: object, event: str, _argument: object) -> None:
        made[0] += event in ("call", "c_call")
        if made[0] > most:
            sys.setprofile(None)
            pytest.fail(f"more than {most} calls")

    sys.setprofile(count)
    try:
        yield made
    finally:
        sys.setprofile(None)
