"""Mixed load on a test server: bounded in rate and time, and only on addresses that are ours."""

from __future__ import annotations

import secrets
import threading
import time
from dataclasses import dataclass, field
from ipaddress import IPv4Network, ip_address
from typing import TYPE_CHECKING, NamedTuple, Protocol

from jenkinsgen.errors import StateError
from jenkinsgen.sandbox.clients.http_client import KeepAliveClient
from jenkinsgen.sandbox.clients.traffic_result import Connections, LoadResult, Sample, summarise
from jenkinsgen.sandbox.clients.websocket_client import WebSocketClient

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from jenkinsgen.sandbox.clients.http_client import Answer

    # Sends one request; the text is unique, and the id of an order.
    Action = Callable[[str], Answer]


@dataclass(frozen=True)
class Target:
    """The target of the load: an IP address that is loopback or in one of the `allowed` networks."""

    address: str
    port: int
    host: str
    """The Host header."""
    allowed: tuple[IPv4Network, ...] = ()


@dataclass(frozen=True)
class Flow:
    """So many clients that together begin at most so many requests per second."""

    clients: int
    per_second: float


@dataclass(frozen=True)
class Profile:
    """How much of each kind; about 190 requests per second in all by default, for at most so many seconds."""

    seconds: float = 300
    order: Flow = Flow(8, 120)
    page: Flow = Flow(4, 60)
    slow: Flow = Flow(10, 6)
    upload: Flow = Flow(4, 1.5)
    idle: Flow = Flow(4, 0.8)
    """Each client rests 5 s between two requests."""
    websocket: Flow = Flow(4, 4)
    slow_milliseconds: int = 1500
    upload_seconds: float = 2.0


class Load:
    """Sends requests of six kinds at the same time until `stop`, each kind as a real client would.

    order: POSTs on kept connections without retry; page: GETs on new connections; slow: GETs that take long, on
    kept connections; upload: slow chunked POSTs on new connections; idle: POSTs on kept connections that rest for
    seconds in between; websocket: texts that come back on WebSockets. Every POST has an id of its own.
    """

    def __init__(self, target: Target, profile: Profile | None = None) -> None:
        """Raises StateError for a target that may not be loaded."""
        _check_allowed(target)
        self._target = target
        self._profile = profile or Profile()
        self._run = secrets.token_hex(3)
        self._stop = threading.Event()
        self._began = 0.0
        self._workers: list[_Worker] = []
        self._marks: list[tuple[float, str]] = []

    def start(self) -> Load:
        """Begin, and return at once."""
        self._began = time.monotonic()
        for kind in self._kinds():
            for number in range(kind.flow.clients):
                client, action = kind.client()
                interval = kind.flow.clients / kind.flow.per_second
                # The clients of a kind do not all begin at the same moment.
                begin = self._began + interval * number / kind.flow.clients
                worker = _Worker(kind, f"{self._run}-{kind.name}-{number}", client, action)
                until = self._began + self._profile.seconds
                worker.thread = threading.Thread(
                    target=worker.run, args=(begin, interval, until, self._stop), daemon=True
                )
                self._workers.append(worker)
        for worker in self._workers:
            worker.thread.start()
        return self

    def mark(self, text: str) -> None:
        """Note that something happens now."""
        self._marks.append((time.monotonic(), text))

    def stop(self) -> LoadResult:
        """Send nothing new, wait for the answers that are due, and tell what was seen."""
        self._stop.set()
        for worker in self._workers:
            worker.thread.join()
        samples = [sample for worker in self._workers for sample in worker.samples]
        usual = {"slow": self._profile.slow_milliseconds / 1000, "upload": self._profile.upload_seconds}
        return summarise(samples, self._connections(), self._began, time.monotonic(), self._marks, usual=usual)

    def _kinds(self) -> list[_Kind]:
        profile, target = self._profile, self._target

        def http(send: Callable[[KeepAliveClient, str], Answer]) -> tuple[_Client, Action]:
            client = KeepAliveClient(target.address, target.port, target.host)
            return client, lambda text: send(client, text)

        def order() -> tuple[_Client, Action]:
            return http(lambda client, text: client.send("POST", f"/orders?id={text}"))

        def page() -> tuple[_Client, Action]:
            return http(lambda client, _: client.send("GET", "/"))

        def slow() -> tuple[_Client, Action]:
            return http(lambda client, _: client.send("GET", f"/slow?ms={profile.slow_milliseconds}"))

        def upload() -> tuple[_Client, Action]:
            return http(lambda client, text: client.upload(f"/orders?id={text}", profile.upload_seconds))

        def websocket() -> tuple[_Client, Action]:
            client = WebSocketClient(target.address, target.port, target.host)
            return client, client.send

        return [
            _Kind("order", profile.order, order, orders=True),
            _Kind("page", profile.page, page, kept=False),
            _Kind("slow", profile.slow, slow),
            _Kind("upload", profile.upload, upload, kept=False, orders=True),
            _Kind("idle", profile.idle, order, orders=True),
            _Kind("websocket", profile.websocket, websocket),
        ]

    def _connections(self) -> Mapping[str, Connections]:
        totals: dict[str, Connections] = {}
        for worker in self._workers:
            totals[worker.kind.name] = totals.get(worker.kind.name, Connections()).plus(worker.client.connections)
        return totals


class _Client(Protocol):
    """One client's connection, of whatever protocol."""

    @property
    def connections(self) -> Connections: ...

    def close(self) -> None: ...


class _Kind(NamedTuple):
    """All clients of one kind; `client` makes one of them, and what it does."""

    name: str
    flow: Flow
    client: Callable[[], tuple[_Client, Action]]
    kept: bool = True
    orders: bool = False


@dataclass
class _Worker:
    """One client: its thread, and what it saw."""

    kind: _Kind
    name: str
    client: _Client
    action: Action
    samples: list[Sample] = field(default_factory=list)
    thread: threading.Thread = field(default_factory=threading.Thread)

    def run(self, begin: float, interval: float, until: float, stop: threading.Event) -> None:
        due = begin
        while not stop.wait(max(0.0, due - time.monotonic())) and time.monotonic() < until:
            self._send_one()
            # A client that fell behind goes on from now: it never catches up with a burst.
            due = max(due + interval, time.monotonic())
        self.client.close()

    def _send_one(self) -> None:
        text = f"{self.name}-{len(self.samples)}"
        sent = time.monotonic()
        answer = self.action(text)
        ended = time.monotonic()
        order = text if self.kind.orders else None
        self.samples.append(Sample(self.kind.name, sent, ended, answer.version, answer.failure, order))
        if not self.kind.kept:
            self.client.close()


def _check_allowed(target: Target) -> None:
    try:
        address = ip_address(target.address)
    except ValueError:
        raise StateError(f"no load on {target.address}: it is a name, not an IP address") from None
    if not address.is_loopback and not any(address in network for network in target.allowed):
        raise StateError(
            f"no load on {target.address}: neither loopback nor a network of the sandbox",
            hint="load is for servers that were made for it; name their network in `allowed`",
        )
