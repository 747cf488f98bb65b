"""A Docker engine's HTTP on loopback: it answers what a test says, and keeps what it was asked.

The docker SDK talks to it as to a real one, so a test sees the very request that an engine would get.
"""

from __future__ import annotations

import json
import re
import threading
from dataclasses import dataclass
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import TYPE_CHECKING, Any
from urllib.parse import parse_qs, urlsplit

import docker

from jenkinsgen.edge.docker_engine import Engine

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping
    from typing import Self

API = "1.41"


@dataclass(frozen=True)
class Asked:
    """One request. `path` is without the version of the API, `query` has the first value of each name."""

    method: str
    path: str
    query: dict[str, str]
    headers: Mapping[str, str]
    body: bytes

    @property
    def json(self) -> Any:
        return json.loads(self.body)

    def __str__(self) -> str:
        return f"{self.method} {self.path}"


@dataclass(frozen=True)
class Reply:
    """`body` is sent as JSON unless it is bytes."""

    body: Any = b""
    status: int = 200
    headers: tuple[tuple[str, str], ...] = ()

    @property
    def raw(self) -> bytes:
        return self.body if isinstance(self.body, bytes) else json.dumps(self.body).encode()


def not_found(what: str) -> Reply:
    """As Docker says it: `No such container: x`."""
    return Reply({"message": what}, 404)


class FakeEngine:
    """Serves while it is a context: `with FakeEngine(answer) as engine`."""

    def __init__(self, answer: Callable[[Asked], Reply]) -> None:
        self.answer = answer
        self.asked: list[Asked] = []
        self._server = ThreadingHTTPServer(("127.0.0.1", 0), self._handler())
        self._server.daemon_threads = True
        self.port: int = self._server.server_address[1]

    def __enter__(self) -> Self:
        # It looks every half second whether it is to end, which a test would wait for.
        threading.Thread(target=lambda: self._server.serve_forever(0.01), daemon=True).start()
        return self

    def __exit__(self, *_: object) -> None:
        self._server.shutdown()
        self._server.server_close()

    @property
    def engine(self) -> Engine:
        """The product's own way to ask."""
        return Engine(docker.APIClient(f"tcp://127.0.0.1:{self.port}", version=API), "192.0.2.11")

    def find(self, request: str) -> Asked:
        """The only request of this kind: `POST /containers/create`."""
        (found,) = [asked for asked in self.asked if str(asked) == request]
        return found

    def _handler(self) -> type[BaseHTTPRequestHandler]:
        fake = self

        class Handler(BaseHTTPRequestHandler):
            protocol_version = "HTTP/1.1"

            def _serve(self) -> None:
                parts = urlsplit(self.path)
                asked = Asked(
                    method=self.command,
                    path=re.sub(r"^/v[\d.]+", "", parts.path),
                    query={name: values[0] for name, values in parse_qs(parts.query).items()},
                    headers=self.headers,
                    body=self.rfile.read(int(self.headers.get("Content-Length") or 0)),
                )
                fake.asked.append(asked)
                reply = fake.answer(asked)
                self.send_response(reply.status)
                for header in reply.headers:
                    self.send_header(*header)
                self.send_header("Content-Length", str(len(reply.raw)))
                self.end_headers()
                self.wfile.write(reply.raw)

            do_GET = do_POST = do_DELETE = do_HEAD = _serve  # noqa: N815

            def log_message(self, *_: object) -> None:
                """Nobody reads it."""

        return Handler
