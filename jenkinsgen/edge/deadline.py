"""A deadline for a call that has none of its own, or one per read only."""

from __future__ import annotations

import queue
import threading
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Callable
    from typing import TypeVar

    T = TypeVar("T")


def in_time(seconds: float, call: Callable[[], T]) -> T:
    """What the call returns or raises. Raises TimeoutError after `seconds`; the call is then left behind.

    The call must end by itself some day: by a timeout per read, or with its connection.
    """
    ended: queue.SimpleQueue[tuple[list[T], BaseException | None]] = queue.SimpleQueue()

    def work() -> None:
        try:
            ended.put(([call()], None))
        except BaseException as error:  # noqa: BLE001 - raised again where somebody waits for it
            ended.put(([], error))

    threading.Thread(target=work, daemon=True).start()
    try:
        result, error = ended.get(timeout=seconds)
    except queue.Empty:
        raise TimeoutError from None
    if error is not None:
        raise error
    return result[0]
