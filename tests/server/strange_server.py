"""A server on loopback that says to every connection what it is given, piece by piece, and nothing else."""

from __future__ import annotations

import socket
import threading
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from typing import TypeAlias

Pieces: TypeAlias = Callable[[], Iterator[bytes]]
HEAD = b"HTTP/1.1 200 OK\r\nX-Jenkins: 2.504.3\r\nContent-Type: application/json\r\n"


@dataclass
class StrangeServer:
    """`pause` is in seconds, before each piece. `sent` counts bytes."""

    pieces: Pieces
    pause: float = 0.0
    sent: int = 0
    ended: threading.Event = field(default_factory=threading.Event)

    def __enter__(self) -> StrangeServer:  # noqa: PYI034 - Self is not in Python 3.10
        self._socket = socket.create_server(("127.0.0.1", 0))
        self.url = f"http://127.0.0.1:{self._socket.getsockname()[1]}/"
        threading.Thread(target=self._serve, daemon=True).start()
        return self

    def __exit__(self, *_: object) -> None:
        self.ended.set()
        self._socket.close()

    def _serve(self) -> None:
        while not self.ended.is_set():
            try:
                connection, _ = self._socket.accept()
            except OSError:
                return
            threading.Thread(target=self._answer, args=(connection,), daemon=True).start()

    def _answer(self, connection: socket.socket) -> None:
        with connection:
            try:
                connection.recv(65536)
                for piece in self.pieces():
                    if self.ended.is_set():
                        return
                    time.sleep(self.pause)
                    connection.sendall(piece)
                    self.sent += len(piece)
            except OSError:
                return
