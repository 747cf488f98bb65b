"""A WebSocket client (RFC 6455) that counts how often its connection ended without its doing."""

from __future__ import annotations

import base64
import hashlib
import os
import select
import socket
from itertools import cycle

from jenkinsgen.sandbox.clients.http_client import Answer
from jenkinsgen.sandbox.clients.traffic_result import Connections

ANSWER_SECONDS = 10.0
PATH = "/echo"
# RFC 6455, 1.3: what a server adds to the key before it hashes it.
_MAGIC = "258EAFA5-E914-47DA-95CA-C5AB0DC85B11"
_LAST_TEXT, _MASKED, _SHORT = 0x81, 0x80, 125


class _Ended(Exception):
    """The connection was closed by the other side, with or without a close frame."""


class WebSocketClient:
    """One connection on which texts are sent and come back.

    A WebSocket lives longer than any drain, so a deployment ends it. Like a good client this one then opens another
    one and sends its text again; that is counted as cut, and is no failure. A handshake that is refused is one, and
    so is an answer that is wrong or does not come.
    """

    def __init__(self, address: str, port: int, host: str) -> None:
        self._address = address
        self._port = port
        self._host = host
        self._socket: socket.socket | None = None
        self._opened = 0
        self._cut = 0

    @property
    def connections(self) -> Connections:
        return Connections(self._opened, cut=self._cut)

    def send(self, text: str) -> Answer:
        """Send a text of at most 125 bytes and read it back; never raises for what the server does.

        The answer has a version only when the connection was opened for it: an old one may stay with an old version.
        """
        try:
            if self._socket is not None:
                try:
                    return self._exchange(self._socket, text, None)
                except (_Ended, ConnectionError):
                    self._cut += 1
                    self.close()
            opened, version = self._open()
            return self._exchange(opened, text, version)
        except (OSError, _Ended) as error:
            self.close()
            return Answer(None, f"{type(error).__name__.lstrip('_')}: {error}".removesuffix(": "))

    def close(self) -> None:
        if self._socket is not None:
            self._socket.close()
            self._socket = None

    def _open(self) -> tuple[socket.socket, str | None]:
        self._socket = opened = socket.create_connection((self._address, self._port), timeout=ANSWER_SECONDS)
        self._opened += 1
        key = base64.b64encode(os.urandom(16)).decode()
        lines = (
            f"GET {PATH} HTTP/1.1",
            f"Host: {self._host}",
            "Upgrade: websocket",
            "Connection: Upgrade",
            f"Sec-WebSocket-Key: {key}",
            "Sec-WebSocket-Version: 13",
        )
        opened.sendall(("\r\n".join(lines) + "\r\n\r\n").encode())
        status, headers = _read_head(opened)
        if " 101 " not in status:
            raise _Ended(f"the handshake was answered with {status!r}")
        if headers.get("sec-websocket-accept") != accept_key(key):
            raise _Ended("the handshake was answered with a wrong key")
        return opened, headers.get("x-version")

    @staticmethod
    def _exchange(opened: socket.socket, text: str, version: str | None) -> Answer:
        if select.select([opened], [], [], 0)[0]:
            # Nothing was asked, so what can be read is the end.
            raise _Ended("closed while idle")
        opened.sendall(_text_frame(text))
        said = _read_text(opened)
        return Answer(version, None if said == text else f"{said!r} came back for {text!r}")


def accept_key(key: str) -> str:
    """The value that a server must answer to this key."""
    return base64.b64encode(hashlib.sha1((key + _MAGIC).encode()).digest()).decode()  # noqa: S324 - the protocol's


def _text_frame(text: str) -> bytes:
    payload, mask = text.encode(), os.urandom(4)
    masked = bytes(byte ^ key for byte, key in zip(payload, cycle(mask), strict=False))
    return bytes([_LAST_TEXT, _MASKED | len(payload)]) + mask + masked


def _read_text(opened: socket.socket) -> str:
    kind, size = _read(opened, 2)
    payload = _read(opened, size)
    if kind != _LAST_TEXT or size > _SHORT:
        raise _Ended("a close frame")
    return payload.decode()


def _read_head(opened: socket.socket) -> tuple[str, dict[str, str]]:
    head = b""
    while not head.endswith(b"\r\n\r\n"):
        head += _read(opened, 1)
    status, *lines = head.decode("latin-1").split("\r\n")
    pairs = (line.partition(":") for line in lines if line)
    return status, {name.lower(): value.strip() for name, _, value in pairs}


def _read(opened: socket.socket, size: int) -> bytes:
    found = b""
    while len(found) < size:
        part = opened.recv(size - len(found))
        if not part:
            raise _Ended("the connection ended")
        found += part
    return found
