"""The load generator against a real server on loopback."""

from __future__ import annotations

import socket
import threading
import time
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from ipaddress import IPv4Network
from typing import TYPE_CHECKING

import pytest

from jenkinsgen.errors import StateError
from jenkinsgen.sandbox.clients.http_client import KeepAliveClient
from jenkinsgen.sandbox.clients.traffic import Flow, Load, Profile, Target
from jenkinsgen.sandbox.clients.traffic_result import Connections, Sample, summarise
from jenkinsgen.sandbox.clients.websocket_client import WebSocketClient, accept_key

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

pytestmark = pytest.mark.slow

SHORT = Profile(
    seconds=20,
    order=Flow(4, 80),
    page=Flow(2, 30),
    slow=Flow(2, 10),
    upload=Flow(2, 4),
    idle=Flow(2, 2),
    websocket=Flow(2, 20),
    slow_milliseconds=150,
    upload_seconds=0.2,
)


class Shop(BaseHTTPRequestHandler):
    """Answers like the sandbox's app; what goes wrong is set on the server."""

    protocol_version = "HTTP/1.1"
    server: ShopServer

    def setup(self) -> None:
        super().setup()
        self.server.connections += 1
        # An idle connection is closed after this many seconds.
        self.connection.settimeout(self.server.idle_seconds)

    def do_GET(self) -> None:
        if self.path == "/echo":
            self.echo()
            return
        if self.path.startswith("/slow"):
            time.sleep(int(self.path.partition("ms=")[2]) / 1000)
        self.answer(200)

    def do_POST(self) -> None:
        self.server.bodies.append(self.body())
        order = self.path.partition("id=")[2]
        self.server.orders.append(order)
        if self.server.breaks(len(self.server.orders)):
            # The order was taken, its answer is lost: a client that retried would be served twice.
            self.connection.shutdown(socket.SHUT_RDWR)
            self.close_connection = True
            return
        self.answer(500 if self.server.refuses(len(self.server.orders)) else 200)

    def body(self) -> int:
        if self.headers.get("Transfer-Encoding") != "chunked":
            return len(self.rfile.read(int(self.headers.get("Content-Length", 0))))
        size = 0
        while length := int(self.rfile.readline(), 16):
            size += len(self.rfile.read(length + 2)) - 2
        self.rfile.readline()
        return size

    def echo(self) -> None:
        self.close_connection = True
        self.send_response(101)
        self.send_header("Upgrade", "websocket")
        self.send_header("Sec-WebSocket-Accept", accept_key(self.headers["Sec-WebSocket-Key"]))
        self.send_header("X-Version", self.server.version)
        self.end_headers()
        for count in range(self.server.echoes):
            if not (head := self.rfile.read(2)):
                return
            mask = self.rfile.read(4)
            text = bytes(byte ^ mask[at % 4] for at, byte in enumerate(self.rfile.read(head[1] & 127)))
            self.wfile.write(bytes([0x81, len(text)]) + (b"?" * len(text) if self.server.garbles(count) else text))
        self.wfile.write(b"\x88\x02\x03\xe9")

    def answer(self, status: int) -> None:
        self.send_response(status)
        self.send_header("Content-Length", "2")
        self.send_header("X-Version", self.server.version)
        self.end_headers()
        self.wfile.write(b"ok")

    def log_message(self, format: str, *arguments: object) -> None:  # noqa: A002 - the name of the base class
        pass


class ShopServer(ThreadingHTTPServer):
    daemon_threads = True

    def __init__(self) -> None:
        super().__init__(("127.0.0.1", 0), Shop)
        self.version = "1"
        self.idle_seconds = 10.0
        self.orders: list[str] = []
        self.bodies: list[int] = []
        self.connections = 0
        self.echoes = 1000
        self.garbles: Callable[[int], bool] = lambda _count: False
        self.breaks: Callable[[int], bool] = lambda _count: False
        self.refuses: Callable[[int], bool] = lambda _count: False


@pytest.fixture
def shop() -> Iterator[ShopServer]:
    with ShopServer() as server:
        thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01})
        thread.start()
        yield server
        server.shutdown()
        thread.join()


def target(server: ShopServer) -> Target:
    return Target("127.0.0.1", server.server_port, "shop.test")


def test_every_kind_is_sent_at_its_rate_and_every_order_once(shop: ShopServer):
    began = time.monotonic()
    load = Load(target(shop), SHORT).start()
    time.sleep(1.5)
    result = load.stop()
    # A busy machine sleeps longer than it was told.
    lasted = (time.monotonic() - began) / 1.5

    assert result.failed == 0
    assert set(result.kinds) == {"order", "page", "slow", "upload", "idle", "websocket"}
    # Bounded from above by what was asked for, from below by a machine that has other things to do.
    assert 40 <= result.kinds["order"].requests <= 125 * lasted
    assert 15 <= result.kinds["page"].requests <= 48 * lasted
    assert result.kinds["slow"].latency.p50 >= 150
    assert result.kinds["upload"].latency.p50 >= 200
    assert len(shop.orders) == len(set(shop.orders))
    assert set(shop.orders) == result.accepted
    assert result.unanswered == frozenset()
    assert {0, 8 * 1024} == set(shop.bodies)


def test_kept_connections_are_used_again_and_pages_open_new_ones(shop: ShopServer):
    load = Load(target(shop), SHORT).start()
    time.sleep(1)
    kinds = load.stop().kinds

    assert kinds["order"].connections == Connections(opened=4, closed_while_idle=0)
    assert kinds["page"].connections.opened == kinds["page"].requests
    assert shop.connections == sum(kind.connections.opened for kind in kinds.values())


def test_an_answer_that_is_lost_is_a_failure_and_its_order_is_not_sent_again(shop: ShopServer):
    shop.breaks = lambda count: count % 10 == 0
    load = Load(target(shop), SHORT).start()
    time.sleep(1)
    result = load.stop()

    broken = len(shop.orders) // 10
    assert broken > 0
    assert result.failed == len(result.unanswered) == broken
    assert len(shop.orders) == len(set(shop.orders))
    assert result.unanswered <= set(shop.orders)
    reasons = result.kinds["order"].reasons + result.kinds["upload"].reasons
    assert any("RemoteDisconnected" in reason or "ConnectionReset" in reason for reason in reasons)


def test_a_status_other_than_200_is_a_failure(shop: ShopServer):
    shop.refuses = lambda count: count == 3
    load = Load(target(shop), SHORT).start()
    time.sleep(0.6)
    result = load.stop()

    assert result.failed == 1
    assert [reason for kind in result.kinds.values() for reason in kind.reasons] == ["status 500"]


def test_a_connection_that_the_server_closed_while_idle_is_no_failure(shop: ShopServer):
    shop.idle_seconds = 0.1
    client = KeepAliveClient("127.0.0.1", shop.server_port, "shop.test")
    try:
        first = client.send("POST", "/orders?id=1")
        time.sleep(0.4)
        second = client.send("POST", "/orders?id=2")
    finally:
        client.close()

    assert first.failure is second.failure is None
    assert (client.opened, client.closed_while_idle) == (2, 1)
    assert shop.orders == ["1", "2"]


def test_nobody_listening_is_a_failure_with_its_reason():
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]
    load = Load(Target("127.0.0.1", port, "shop.test"), SHORT).start()
    time.sleep(0.2)
    result = load.stop()

    assert result.requests == result.failed > 0
    assert "ConnectionRefusedError" in result.kinds["page"].reasons[0]
    assert result.accepted == frozenset()


def test_a_load_ends_by_itself(shop: ShopServer):
    load = Load(target(shop), Profile(seconds=0.3, slow_milliseconds=10, upload_seconds=0.1)).start()
    time.sleep(0.9)
    handled = len(shop.orders)
    time.sleep(0.3)
    result = load.stop()

    assert handled == len(shop.orders) > 0
    assert result.failed == 0


@pytest.mark.parametrize("address", ["192.0.2.1", "198.51.100.3", "example.com", "::"])
def test_other_peoples_servers_are_refused(address: str):
    with pytest.raises(StateError, match=f"no load on {address}"):
        Load(Target(address, 80, "shop.test", allowed=(IPv4Network("203.0.113.0/24"),)))


def test_an_allowed_network_is_allowed():
    assert Load(Target("203.0.113.10", 80, "shop.test", allowed=(IPv4Network("203.0.113.0/24"),)))


def sample(sent: float, ended: float, version: str) -> Sample:
    return Sample("page", sent, ended, version, None, None)


def test_versions_that_follow_each_other_do_not_count_as_mixed():
    # The last request to version 1 was under way while version 2 already answered.
    samples = [sample(10, 11, "1"), sample(11.9, 13.5, "1"), sample(12, 12.1, "2"), sample(14, 14.1, "2")]

    result = summarise(samples, {"page": Connections()}, 10, 15, [(12, "switched")], usual={})

    assert [span.version for span in result.versions] == ["1", "2"]
    assert result.mixed_seconds == 0
    assert result.marks == ((2, "switched"),)


def test_an_old_version_that_takes_new_requests_counts_as_mixed():
    samples = [sample(10, 11, "1"), sample(12, 12.1, "2"), sample(12.4, 12.5, "1")]

    result = summarise(samples, {"page": Connections()}, 10, 15, [], usual={})

    assert result.mixed_seconds == pytest.approx(0.3)


def test_a_request_is_late_when_it_takes_a_second_longer_than_its_kind():
    samples = [sample(10, 12.9, "1"), sample(10, 13.1, "1")]

    assert summarise(samples, {"page": Connections()}, 10, 15, [], usual={"page": 2}).late == 1
    assert summarise(samples, {"page": Connections()}, 10, 15, [], usual={}).late == 2


def test_the_key_of_the_handshake_is_that_of_the_standard():
    # RFC 6455, 1.3
    assert accept_key("dGhlIHNhbXBsZSBub25jZQ==") == "s3pPLMBiTxaQ9kYGzzhZRbK+xOo="


@pytest.fixture
def websocket(shop: ShopServer) -> Iterator[WebSocketClient]:
    client = WebSocketClient("127.0.0.1", shop.server_port, "shop.test")
    yield client
    client.close()


def test_a_websocket_that_the_server_ends_is_counted_and_opened_again(shop: ShopServer, websocket: WebSocketClient):
    shop.echoes = 2
    answers = []
    for number in range(5):
        answers.append(websocket.send(f"text {number}"))
        time.sleep(0.05)  # the close frame arrives while nothing is asked

    assert [answer.failure for answer in answers] == [None] * 5
    assert websocket.connections == Connections(opened=3, cut=2)
    # Only an answer on a new connection tells which version takes new requests.
    assert [answer.version for answer in answers] == ["1", None, "1", None, "1"]


def test_a_text_that_comes_back_wrong_is_a_failure(shop: ShopServer, websocket: WebSocketClient):
    shop.garbles = lambda count: count == 1

    assert websocket.send("first").failure is None
    assert websocket.send("second").failure == "'??????' came back for 'second'"


def test_a_websocket_that_cannot_be_opened_is_a_failure(shop: ShopServer, websocket: WebSocketClient):
    shop.echoes = 0
    assert "Ended" in str(websocket.send("x").failure)
    shop.shutdown()
    shop.server_close()
    assert "ConnectionRefusedError" in str(websocket.send("x").failure)
