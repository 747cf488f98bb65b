"""Answers of a Jenkins server have an end: one bound on their bytes, one on the whole time of a request.

A timeout of requests is for each read alone: a server that sends a byte a minute, or one interim answer after the
other, keeps its client for ever. Here a timer shuts the connection, in whichever phase it is.
"""

from __future__ import annotations

import os
import socket
import threading
from functools import cache
from typing import TYPE_CHECKING, Any

import requests
from requests.adapters import HTTPAdapter

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from types import TracebackType

    from urllib3 import HTTPConnectionPool, PoolManager

MOST_BYTES = 64 * 1024 * 1024
"""The most bytes of one answer, unpacked. The list of ten thousand jobs has a quarter of that."""
_CODINGS = frozenset({"", "identity", "gzip", "x-gzip", "deflate"})
_current = threading.local()


class AnswerTooLarge(requests.RequestException):
    """An answer with more bytes than Jenkins ever sends, or packed in a way that was not asked for."""


class _Watchdog:
    """Shuts the connections of one thread's request when its time is over."""

    def __init__(self, seconds: float) -> None:
        self.barked = False
        self._lock = threading.Lock()
        self._sockets: list[socket.socket] = []
        self._timer = threading.Timer(seconds, self._bark)
        self._timer.daemon = True

    def __enter__(self) -> _Watchdog:  # noqa: PYI034 - Self is not in Python 3.10
        _current.watchdog = self
        self._timer.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, where: TracebackType | None
    ) -> None:
        self._timer.cancel()
        _current.watchdog = None
        with self._lock:
            for each in self._sockets:
                each.close()
            self._sockets.clear()

    def watch(self, connection: socket.socket) -> None:
        # A copy, because TLS takes the socket itself over; both mean the same connection.
        with self._lock:
            self._sockets.append(socket.socket(fileno=os.dup(connection.fileno())))

    def _bark(self) -> None:
        with self._lock:
            self.barked = True
            for each in self._sockets:
                try:
                    each.shutdown(socket.SHUT_RDWR)
                except OSError:
                    # It is closed already.
                    continue


def _watch(connection: socket.socket | None) -> None:
    watchdog: _Watchdog | None = getattr(_current, "watchdog", None)
    if watchdog is not None and connection is not None:
        watchdog.watch(connection)


class _Watched:
    """A mixin for a class of urllib3's connections."""

    sock: socket.socket | None

    def _new_conn(self) -> Any:
        made = super()._new_conn()  # type: ignore[misc]
        _watch(made)
        return made

    def request(self, *arguments: Any, **options: Any) -> None:
        _watch(self.sock)
        super().request(*arguments, **options)  # type: ignore[misc]


@cache
def _watched(pool: type[HTTPConnectionPool]) -> type[HTTPConnectionPool]:
    """The class of pool, that of a SOCKS proxy as well, with connections that are watched."""
    if issubclass(pool.ConnectionCls, _Watched):
        return pool
    connection = type("Watched", (_Watched, pool.ConnectionCls), {})
    return type("WatchedPool", (pool,), {"ConnectionCls": connection})


class BoundedAdapter(HTTPAdapter):
    """Reads each answer whole, within `seconds` and MOST_BYTES.

    Raises requests.ReadTimeout and AnswerTooLarge, which should not be tried again.
    """

    def __init__(self, seconds: float) -> None:
        self._seconds = seconds
        super().__init__()

    def init_poolmanager(self, *arguments: Any, **options: Any) -> None:
        super().init_poolmanager(*arguments, **options)
        _watch_pools(self.poolmanager)

    def proxy_manager_for(self, proxy: Any, **options: Any) -> Any:
        manager = super().proxy_manager_for(proxy, **options)
        _watch_pools(manager)
        return manager

    def send(self, request: requests.PreparedRequest, *arguments: Any, **options: Any) -> requests.Response:
        with _Watchdog(self._seconds) as watchdog:
            try:
                answer = super().send(request, *arguments, **options)
                _read(answer)
            except (requests.RequestException, OSError) as error:
                if watchdog.barked:
                    raise requests.ReadTimeout(f"no whole answer in {self._seconds:g} s", request=request) from error
                raise
        if watchdog.barked:
            # An answer that ends with its connection looks whole when the connection was shut.
            raise requests.ReadTimeout(f"no whole answer in {self._seconds:g} s", request=request)
        return answer


def _watch_pools(manager: PoolManager) -> None:
    manager.pool_classes_by_scheme = {scheme: _watched(pool) for scheme, pool in manager.pool_classes_by_scheme.items()}


def _read(answer: requests.Response) -> None:
    """Read the body, so that it is there when it is asked for later."""
    coding = answer.headers.get("Content-Encoding", "").strip().lower()
    if coding not in _CODINGS:
        # Packed twice, a few bytes become gigabytes in one step.
        answer.close()
        raise AnswerTooLarge(f"the answer is packed as {coding[:40]!r}")
    answer.raw.stream = _bounded(answer.raw.stream)  # type: ignore[method-assign]
    try:
        answer.content  # noqa: B018 - requests keeps what it has read
    except AnswerTooLarge:
        answer.close()
        raise


def _bounded(stream: Callable[..., Iterator[bytes]]) -> Callable[..., Iterator[bytes]]:
    def bounded(amount: int, **options: Any) -> Iterator[bytes]:
        size = 0
        for part in stream(amount, **options):
            size += len(part)
            if size > MOST_BYTES:
                raise AnswerTooLarge(f"the answer has more than {MOST_BYTES // 1024 // 1024} MiB")
            yield part

    return bounded


def bound(session: requests.Session, seconds: float) -> None:
    """Bound every answer that this session gets; `seconds` for a whole request, retries not counted."""
    for scheme in ("https://", "http://"):
        session.mount(scheme, BoundedAdapter(seconds))
