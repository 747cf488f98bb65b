"""The answer of a thread, handed to the one that asks for it."""

from __future__ import annotations

import queue
from typing import TYPE_CHECKING, Generic, TypeVar

from jenkinsgen.clock import CLOCK

if TYPE_CHECKING:
    from collections.abc import Callable

    from jenkinsgen.clock import Clock

T = TypeVar("T")


class Over(Exception):
    """The work has ended, and all that it said was taken."""


class NotYet(TimeoutError):
    """It has said nothing new in time."""


class Relay(Generic[T]):
    """Work in a thread of its own, which may hang: taking what it says never takes longer than one likes.

    A thread cannot be stopped. One that is left behind has to end by itself some day, by a timeout per read or with its
    connection; it ends with the process at the latest.
    """

    def __init__(self, work: Callable[[Callable[[T], None]], None], clock: Clock = CLOCK) -> None:
        """`work` is given the function by which it says things."""
        self._said: queue.SimpleQueue[tuple[T] | BaseException] = queue.SimpleQueue()

        def run() -> None:
            try:
                work(lambda said: self._said.put((said,)))
            except BaseException as error:  # noqa: BLE001 - raised again where it is taken
                self._said.put(error)
            else:
                self._said.put(Over())

        clock.begin(run)

    def take(self, seconds: float) -> T:
        """The next thing that it says. Raises NotYet when that takes longer; what the work raised; Over."""
        try:
            said = self._said.get(timeout=seconds) if seconds > 0 else self._said.get_nowait()
        except queue.Empty:
            raise NotYet from None
        if isinstance(said, BaseException):
            raise said
        return said[0]


def asked(question: Callable[[], T], clock: Clock = CLOCK) -> Relay[T]:
    """One question; its answer is the one thing that is said."""
    return Relay(lambda say: say(question()), clock)
