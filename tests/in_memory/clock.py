"""A clock on which waiting takes no time."""

from __future__ import annotations

import threading
from typing import TYPE_CHECKING

from jenkinsgen.clock import Clock

if TYPE_CHECKING:
    from collections.abc import Callable


class QuickClock(Clock):
    """Each thread has its own time, as hosts that are worked on side by side have; the latest of them is the time of
    those that only look.
    """

    def __init__(self) -> None:
        self._latest = 0.0
        self._own = threading.local()
        self._lock = threading.Lock()
        self.during: list[Callable[[float], None]] = []
        """Called with the time after each wait: what happens meanwhile, and what may end the wait by an error."""

    def now(self) -> float:
        return max(getattr(self._own, "time", self._latest), self._latest if self._is_main() else 0.0)

    def sleep(self, seconds: float) -> None:
        self._own.time = self.now() + seconds
        with self._lock:
            self._latest = max(self._latest, self._own.time)
        for happening in list(self.during):
            happening(self._own.time)

    def wait(self, event: threading.Event, seconds: float) -> bool:
        if threading.current_thread().daemon:
            # A lease is renewed beside a stage: that thread waits for the end of the stage, and of nothing else.
            return event.wait()
        if event.is_set():
            return True
        self.sleep(seconds)
        return event.is_set()

    def begin(self, work: Callable[[], None]) -> None:
        work()

    @staticmethod
    def _is_main() -> bool:
        return threading.current_thread() is threading.main_thread()
