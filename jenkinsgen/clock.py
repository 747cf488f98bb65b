"""Time as a stage lives it: what it waits by, and what it measures by."""

from __future__ import annotations

import threading
import time
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Callable


class Clock:
    """The time of this machine. A test has another one, on which ten minutes of a bake are no time at all."""

    def now(self) -> float:
        """Seconds that only grow; they have no beginning that means anything."""
        return time.monotonic()

    def sleep(self, seconds: float) -> None:
        """Let the seconds pass. A signal ends it by what its handler raises."""
        time.sleep(seconds)

    def wait(self, event: threading.Event, seconds: float) -> bool:
        """Let the seconds pass, until the event at most. Returns whether it has come."""
        return event.wait(seconds)

    def begin(self, work: Callable[[], None]) -> None:
        """Do something beside all else. It ends with the process at the latest, and does not keep it from stopping."""
        threading.Thread(target=work, daemon=True).start()


CLOCK = Clock()
