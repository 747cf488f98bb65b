"""A Docker engine's HTTP on loopback: it answers what a test says, and keeps what it was asked.

The docker SDK talks to it as to a real one, so a test sees the very request that an engine would get.
"""

from __future__ import annotations

import contextlib
import json
import re
import socket
import threading
from dataclasses import dataclass
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import TYPE_CHECKING, Any
from urllib.parse import parse_qs, urlsplit

import sshd

from jenkinsgen.edge.docker.client import EngineClient
from jenkinsgen.edge.docker.connect import remote_engine
from jenkinsgen.edge.docker.engine import Engine
from jenkinsgen.edge.ssh.host import connect

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator, Mapping
    from pathlib import Path
    from typing import Self

    import paramiko

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
    """`body` is sent as JSON unless it is bytes. What `pieces` gives is sent in its place, one chunk each."""

    body: Any = b""
    status: int = 200
    headers: tuple[tuple[str, str], ...] = ()
    pieces: Callable[[], Iterable[bytes]] | None = None

    @property
    def raw(self) -> bytes:
        return self.body if isinstance(self.body, bytes) else json.dumps(self.body).encode()


def stream(*messages: Any) -> Reply:
    """What a pull or a build says, a line of JSON each."""
    return Reply(pieces=lambda: (json.dumps(message).encode() + b"\r\n" for message in messages))


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
        """The product's own way to ask that of a server."""
        return Engine(EngineClient(f"tcp://127.0.0.1:{self.port}", API, own=False), "192.0.2.11")

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
                try:
                    self._send(reply)
                except OSError:
                    # The other side had enough, or this one was to break.
                    self.close_connection = True

            def _send(self, reply: Reply) -> None:
                if reply.pieces is None:
                    self.send_header("Content-Length", str(len(reply.raw)))
                    self.end_headers()
                    self.wfile.write(reply.raw)
                    return
                self.send_header("Transfer-Encoding", "chunked")
                self.end_headers()
                for piece in reply.pieces():
                    self.wfile.write(b"%x\r\n%s\r\n" % (len(piece), piece))
                self.wfile.write(b"0\r\n\r\n")

            do_GET = do_POST = do_DELETE = do_HEAD = _serve  # noqa: N815

            def handle(self) -> None:
                # A connection that is left in the middle of a request.
                with contextlib.suppress(OSError):
                    super().handle()

            def log_message(self, *_: object) -> None:
                """Nobody reads it."""

        return Handler


class Server:
    """A server behind SSH, with that engine. `commands` are those that were run there, besides the way to it."""

    def __init__(self, engine: Engine, commands: list[str]) -> None:
        self.engine = engine
        self.commands = commands


@contextlib.contextmanager
def server_with(
    fake: FakeEngine, folder: Path, run: Callable[[paramiko.Channel, str], None] | None = None
) -> Iterator[Server]:
    """`run` does what is asked for by SSH, and nothing else is asked for without one."""
    commands: list[str] = []

    def serve(channel: paramiko.Channel, command: str) -> None:
        if command == "docker system dial-stdio":
            _relay(channel, fake.port)
            return
        commands.append(command)
        assert run is not None
        run(channel, command)

    with sshd.FakeSshd(folder, serve) as server, contextlib.closing(connect(server.address, server.login)) as host:
        yield Server(remote_engine(host), commands)


def _relay(channel: paramiko.Channel, port: int) -> None:
    with socket.create_connection(("127.0.0.1", port)) as there:

        def back() -> None:
            with contextlib.suppress(OSError):
                while data := there.recv(65536):
                    channel.sendall(data)
            channel.close()

        threading.Thread(target=back, daemon=True).start()
        while data := channel.recv(65536):
            there.sendall(data)
