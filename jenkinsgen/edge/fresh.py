"""An answer that many threads want at the same time, asked for once."""

from __future__ import annotations

import threading
import time
from typing import TYPE_CHECKING, Generic, TypeVar

if TYPE_CHECKING:
    from collections.abc import Callable

T = TypeVar("T")


class Fresh(Generic[T]):
    """Asks again when its answer is older than `seconds`. Other threads wait for the one that asks."""

    def __init__(self, ask: Callable[[], T], seconds: float) -> None:
        self._ask = ask
        self._seconds = seconds
        self._lock = threading.Lock()
        self._found: tuple[T, float] | None = None

    def get(self) -> T:
        with self._lock:
            if self._found is None or time.monotonic() - self._found[1] > self._seconds:
                asked = time.monotonic()
                self._found = self._ask(), asked
            return self._found[0]

    def forget(self) -> None:
        """Ask again the next time: something was changed."""
        with self._lock:
            self._found = None
