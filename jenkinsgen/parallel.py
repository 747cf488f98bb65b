"""The same call for many hosts at the same time."""

from __future__ import annotations

import queue
import threading
from typing import TYPE_CHECKING

from jenkinsgen.errors import JenkinsgenError
from jenkinsgen.failures import joined

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping
    from typing import TypeVar

    T = TypeVar("T")
    K = TypeVar("K")

AT_ONCE = 32
"""Calls under way at one time: each may be a login, and 200 logins at once are a burden even to the agent."""


def in_parallel(call: Callable[[K], T], arguments: Mapping[str, K]) -> dict[str, T]:
    """Call for every argument, at most AT_ONCE at a time; one error tells of all that failed.

    A signal ends the wait at once: threads that still wait for a host are left behind, and end with the process.
    """
    waiting: queue.SimpleQueue[tuple[str, K]] = queue.SimpleQueue()
    for item in arguments.items():
        waiting.put(item)
    ended: queue.SimpleQueue[None] = queue.SimpleQueue()
    results: dict[str, T] = {}
    errors: dict[str, BaseException] = {}
    stop = threading.Event()

    def work() -> None:
        while not stop.is_set():
            try:
                name, argument = waiting.get_nowait()
            except queue.Empty:
                return
            try:
                results[name] = call(argument)
            except BaseException as error:  # noqa: BLE001 - raised again where somebody waits for it
                errors[name] = error
            ended.put(None)

    for _ in range(min(AT_ONCE, len(arguments))):
        threading.Thread(target=work, daemon=True).start()
    try:
        for _ in arguments:
            ended.get()
    finally:
        stop.set()
    _raise_all([errors[name] for name in arguments if name in errors])
    return {name: results[name] for name in arguments}


def _raise_all(errors: list[BaseException]) -> None:
    ours = [error for error in errors if isinstance(error, JenkinsgenError)]
    for error in errors:
        # A bug is never hidden behind an error of a host.
        if not isinstance(error, JenkinsgenError):
            raise error
    if ours:
        raise joined(ours)
