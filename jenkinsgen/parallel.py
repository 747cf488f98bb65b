"""One call for many hosts at the same time."""

from __future__ import annotations

import queue
import threading
from typing import TYPE_CHECKING, Generic, TypeVar

from jenkinsgen.errors import JenkinsgenError
from jenkinsgen.failures import joined

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

K = TypeVar("K")
T = TypeVar("T")

AT_ONCE = 32
"""Calls under way at one time: each may be a login, and 200 logins at once are a burden even to the agent."""


class Calls(Generic[K, T]):
    """A call for each argument, at most AT_ONCE at a time, begun now; `results` waits for them.

    Its threads end with the process: those that still wait for a host do not keep it from stopping.
    """

    def __init__(self, call: Callable[[K], T], arguments: Mapping[str, K]) -> None:
        self._call = call
        self._names = tuple(arguments)
        self._waiting: queue.SimpleQueue[tuple[str, K]] = queue.SimpleQueue()
        for item in arguments.items():
            self._waiting.put(item)
        self._results: dict[str, T] = {}
        self._errors: dict[str, BaseException] = {}
        self._lock = threading.Lock()
        self._left = len(arguments)
        self._over = threading.Event()
        self._stopped = threading.Event()
        if not arguments:
            self._over.set()
        for _ in range(min(AT_ONCE, len(arguments))):
            threading.Thread(target=self._work, daemon=True).start()

    def results(self) -> dict[str, T]:
        """All results, in the order of the arguments; one error tells of all failures. A signal ends the wait."""
        self._over.wait()
        _raise_all([self._errors[name] for name in self._names if name in self._errors])
        return {name: self._results[name] for name in self._names}

    def stop(self) -> None:
        """Begin no more of them."""
        self._stopped.set()

    def _work(self) -> None:
        while not self._stopped.is_set():
            try:
                name, argument = self._waiting.get_nowait()
            except queue.Empty:
                return
            try:
                self._results[name] = self._call(argument)
            except BaseException as error:  # noqa: BLE001 - raised again in the thread that waits for it
                self._errors[name] = error
            with self._lock:
                self._left -= 1
                if self._left == 0:
                    self._over.set()


def in_parallel(call: Callable[[K], T], arguments: Mapping[str, K]) -> dict[str, T]:
    """Call for every argument, at most AT_ONCE at a time; one error tells of all that failed.

    A signal ends the wait at once: threads that still wait for a host are left behind, and end with the process.
    """
    calls = Calls(call, arguments)
    try:
        return calls.results()
    finally:
        calls.stop()


def on_each(call: Callable[[K], T], arguments: Mapping[str, K]) -> dict[str, T]:
    """`in_parallel`, but a single call runs in this very thread: for calls that are made before every step."""
    if len(arguments) == 1:
        return {name: call(argument) for name, argument in arguments.items()}
    return in_parallel(call, arguments)


def _raise_all(errors: list[BaseException]) -> None:
    ours = [error for error in errors if isinstance(error, JenkinsgenError)]
    for error in errors:
        # A bug is never hidden behind an error of a host.
        if not isinstance(error, JenkinsgenError):
            raise error
    if ours:
        raise joined(ours)
