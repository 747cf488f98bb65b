"""A deadline for a call that has none of its own, or one per read only."""

from __future__ import annotations

from typing import TYPE_CHECKING

from jenkinsgen.relay import asked

if TYPE_CHECKING:
    from collections.abc import Callable
    from typing import TypeVar

    T = TypeVar("T")


def in_time(seconds: float, call: Callable[[], T]) -> T:
    """Return or raise what the call does. Raises TimeoutError after `seconds`; the call is then left behind.

    The call must end by itself some day: by a timeout per read, or with its connection.
    """
    return asked(call).take(seconds)
