"""HTTP clients that never retry: what fails here is what a client would have seen."""

from __future__ import annotations

import http.client
import select
import time
from dataclasses import dataclass
from typing import TYPE_CHECKING

from jenkinsgen.sandbox.clients.traffic_result import Connections

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

REQUEST_SECONDS = 15.0
UPLOAD_CHUNKS = 8


@dataclass(frozen=True)
class Answer:
    """The answer to one request; `failure` is None for a complete answer with status 200."""

    version: str | None
    failure: str | None


class KeepAliveClient:
    """One connection, used again and again.

    Like a good pool it looks before it sends whether the server has closed the idle connection, and then opens a
    new one. Once a request is on its way a broken connection is a failure: a POST may not be sent twice.
    """

    def __init__(self, address: str, port: int, host: str) -> None:
        self._address = address
        self._port = port
        self._host = host
        self._connection: http.client.HTTPConnection | None = None
        self.opened = 0
        self.closed_while_idle = 0

    @property
    def connections(self) -> Connections:
        return Connections(self.opened, self.closed_while_idle)

    def send(self, method: str, path: str) -> Answer:
        """Send one request and read the whole answer; never raises for what the server does."""
        body = b"" if method == "POST" else None
        return self._exchange(lambda connection: connection.request(method, path, body, {"Host": self._host}))

    def upload(self, path: str, seconds: float) -> Answer:
        """POST a chunked body that takes so many seconds to send."""
        headers = {"Host": self._host, "Transfer-Encoding": "chunked"}
        return self._exchange(
            lambda connection: connection.request("POST", path, _slow_chunks(seconds), headers, encode_chunked=True)
        )

    def close(self) -> None:
        if self._connection is not None:
            self._connection.close()
            self._connection = None

    def _exchange(self, send: Callable[[http.client.HTTPConnection], None]) -> Answer:
        try:
            connection = self._ready()
            send(connection)
            response = connection.getresponse()
            response.read()
        except (OSError, http.client.HTTPException) as error:
            self.close()
            return Answer(None, f"{type(error).__name__}: {error}".removesuffix(": "))
        if response.will_close:
            self.close()
        failure = None if response.status == http.client.OK else f"status {response.status}"
        return Answer(response.getheader("X-Version"), failure)

    def _ready(self) -> http.client.HTTPConnection:
        if self._connection is not None and _is_readable(self._connection):
            # Nothing was asked, so what can be read is the end of the connection.
            self.closed_while_idle += 1
            self.close()
        if self._connection is None:
            connection = http.client.HTTPConnection(self._address, self._port, timeout=REQUEST_SECONDS)
            connection.connect()
            self.opened += 1
            self._connection = connection
        return self._connection


def _is_readable(connection: http.client.HTTPConnection) -> bool:
    return bool(select.select([connection.sock], [], [], 0)[0])


def _slow_chunks(seconds: float) -> Iterator[bytes]:
    for _ in range(UPLOAD_CHUNKS):
        time.sleep(seconds / UPLOAD_CHUNKS)
        yield b"x" * 1024
