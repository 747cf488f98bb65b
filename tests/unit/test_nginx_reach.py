"""The NGINX host asks every server itself, before anything moves: no agent can tell what NGINX reaches."""

from __future__ import annotations

import socket
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from threading import Thread
from types import SimpleNamespace
from typing import TYPE_CHECKING, Any

import pytest
from examples import pipeline

from jenkinsgen.deploy.health import Answer
from jenkinsgen.deploy.steps import ProveReachable
from jenkinsgen.edge.nginx import reach as nginx_reach
from jenkinsgen.edge.nginx.reach import prove_reachable
from jenkinsgen.edge.nginx.reload import prove_by_health
from jenkinsgen.errors import HostError, NginxError, Unproven
from jenkinsgen.spec.colour import Colour

if TYPE_CHECKING:
    from collections.abc import Iterator

STEP = ProveReachable(Colour.BLUE, ("192.0.2.11:8081", "192.0.2.12:8081"), lenient=False)


@contextmanager
def application(*statuses: int) -> Iterator[tuple[int, list[dict[str, str]]]]:
    """Its port, and the headers that it was sent; it answers with these, the last again and again."""
    sent: list[dict[str, str]] = []
    left = list(statuses)

    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            sent.append(dict(self.headers))
            self.send_response(left.pop(0) if len(left) > 1 else left[0])
            self.send_header("Content-Length", "0")
            self.end_headers()

        def log_message(self, *_: object) -> None:
            pass

    with ThreadingHTTPServer(("127.0.0.1", 0), Handler) as server:
        Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01}, daemon=True).start()
        yield server.server_address[1], sent
        server.shutdown()


def nginx_host(ports: dict[str, int | None]) -> Any:
    """Its tunnels end at these ports of this machine; None is what a firewall refuses."""

    def open_tunnel(address: str, _port: int, _seconds: float) -> socket.socket:
        port = ports[address]
        if port is None:
            raise ConnectionRefusedError("refused")
        return socket.create_connection(("127.0.0.1", port))

    return SimpleNamespace(address="192.0.2.10", open_tunnel=open_tunnel)


@pytest.fixture(autouse=True)
def _short(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(nginx_reach, "REACH_SECONDS", 0.3)


def test_every_server_is_asked_with_what_nginx_will_send():
    with application(200) as (port, sent):
        seen = prove_reachable(nginx_host({"192.0.2.11": port, "192.0.2.12": port}), pipeline(), STEP)

    assert seen == "every server answered the NGINX host"
    assert len(sent) == len(STEP.upstreams)
    assert {each["Host"] for each in sent} == {"shop.example.com"}
    assert {each["X-Forwarded-Proto"] for each in sent} == {"http"}


def test_a_server_whose_port_nginx_does_not_reach_is_named_and_nothing_is_switched():
    with application(200) as (port, _), pytest.raises(NginxError, match="nothing was switched") as caught:
        prove_reachable(nginx_host({"192.0.2.11": port, "192.0.2.12": None}), pipeline(), STEP)

    assert "192.0.2.12:8081: no answer: connection refused" in str(caught.value)
    assert "192.0.2.11:8081" not in str(caught.value)


def test_a_server_may_take_a_moment():
    with application(503, 200) as (port, _):
        assert prove_reachable(nginx_host({"192.0.2.11": port, "192.0.2.12": port}), pipeline(), STEP)


def test_an_answer_that_is_not_healthy_is_no_proof():
    with application(403) as (port, _), pytest.raises(NginxError, match="status 403"):
        prove_reachable(nginx_host({"192.0.2.11": port, "192.0.2.12": port}), pipeline(), STEP)


def test_that_sshd_forbids_the_look_is_neither_yes_nor_no():
    def forbidden(*_: object) -> None:
        raise HostError("192.0.2.10: its sshd forbids tunnels")

    host: Any = SimpleNamespace(address="192.0.2.10", open_tunnel=forbidden)
    with pytest.raises(Unproven, match=r"whether NGINX reaches 192\.0\.2\.1[12]:8081 cannot be told"):
        prove_reachable(host, pipeline(), STEP)


@pytest.mark.parametrize(
    ("answer", "lenient", "well"),
    [
        (Answer(200), False, True),
        (Answer(403), False, False),
        # What was hidden before is hidden now; NGINX's own failure is one whatever was accepted.
        (Answer(403), True, True),
        (Answer(502), True, False),
        (Answer(None, error="refused"), True, False),
    ],
)
def test_the_answer_after_a_reload_claims_no_more_than_was_seen(answer: Answer, lenient: bool, well: bool):
    host: Any = SimpleNamespace(address="192.0.2.10")
    if not well:
        with pytest.raises(NginxError, match="NGINX answers"):
            prove_by_health(host, pipeline(), answer, lenient=lenient)
        return
    said = prove_by_health(host, pipeline(), answer, lenient=lenient)
    assert said == f"NGINX answers shop.example.com/health with status {answer.status}"
