"""Mixed load on a test server: bounded in rate and time, and only on addresses that are ours."""

from __future__ import annotations

import secrets
import threading
import time
from dataclasses import dataclass, field
from ipaddress import IPv4Network, ip_address
from typing import TYPE_CHECKING

from jenkinsgen.errors import StateError
from jenkinsgen.sandbox.http_client import Answer, KeepAliveClient
from jenkinsgen.sandbox.traffic_result import Connections, LoadResult, Sample, summarise

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    # Sends one request; the text is the id of an order.
    Action = Callable[[KeepAliveClient, str], Answer]


@dataclass(frozen=True)
class Target:
    """Where the load goes: an IP address that is loopback or in one of the `allowed` networks."""

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
    slow_milliseconds: int = 1500
    upload_seconds: float = 2.0


class Load:
    """Sends requests of four kinds at the same time until `stop`, each kind as a real client would.

    order: POSTs on kept connections without retry; page: GETs on new connections; slow: GETs that take long, on
    kept connections; upload: slow chunked POSTs on new connections. Every POST has an id of its own.
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
        for kind, flow, action, kept in self._kinds():
            for number in range(flow.clients):
                client = KeepAliveClient(self._target.address, self._target.port, self._target.host)
                interval = flow.clients / flow.per_second
                # The clients of a kind do not all begin at the same moment.
                begin = self._began + interval * number / flow.clients
                worker = _Worker(kind, f"{self._run}-{kind}-{number}", client, action, kept)
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
        return summarise(samples, self._connections(), self._began, time.monotonic(), self._marks)

    def _kinds(self) -> list[tuple[str, Flow, Action, bool]]:
        profile = self._profile
        return [
            ("order", profile.order, lambda client, order: client.send("POST", f"/orders?id={order}"), True),
            ("page", profile.page, lambda client, _: client.send("GET", "/"), False),
            (
                "slow",
                profile.slow,
                lambda client, _: client.send("GET", f"/slow?ms={profile.slow_milliseconds}"),
                True,
            ),
            (
                "upload",
                profile.upload,
                lambda client, order: client.upload(f"/orders?id={order}", profile.upload_seconds),
                False,
            ),
        ]

    def _connections(self) -> Mapping[str, Connections]:
        totals: dict[str, Connections] = {}
        for worker in self._workers:
            before, client = totals.get(worker.kind, Connections()), worker.client
            totals[worker.kind] = Connections(
                before.opened + client.opened, before.closed_while_idle + client.closed_while_idle
            )
        return totals


@dataclass
class _Worker:
    """One client: its thread, and what it saw."""

    kind: str
    name: str
    client: KeepAliveClient
    action: Action
    kept: bool
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
        order = f"{self.name}-{len(self.samples)}"
        sent = time.monotonic()
        answer = self.action(self.client, order)
        ended = time.monotonic()
        is_order = self.kind in {"order", "upload"}
        self.samples.append(Sample(self.kind, sent, ended, answer.version, answer.failure, order if is_order else None))
        if not self.kept:
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
