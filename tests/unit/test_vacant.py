"""Before a container is started nobody may answer healthily where it will be asked: that would be somebody else."""

from __future__ import annotations

import socket
import time
from contextlib import contextmanager
from dataclasses import replace
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from threading import Thread
from types import SimpleNamespace
from typing import TYPE_CHECKING, Any

import pytest
from examples import container, nginx_state, pipeline, release, servers, world

from jenkinsgen.deploy.observed import ServerState
from jenkinsgen.deploy.plan.deploy import await_healthy, plan_deploy
from jenkinsgen.deploy.steps import NGINX, ProveVacant, RemoveContainer, RemoveOut, StartContainer
from jenkinsgen.deploy.steps.swarm import CreateService
from jenkinsgen.deploy.strategies.rolling.plan import plan_roll
from jenkinsgen.edge.nginx.host import NginxHost
from jenkinsgen.edge.nginx.hosts import NginxHosts
from jenkinsgen.errors import StateError
from jenkinsgen.spec.colour import Colour
from jenkinsgen.stages.watch import looks
from jenkinsgen.stages.watch.looks import refuse_answer

if TYPE_CHECKING:
    from collections.abc import Iterator

    from jenkinsgen.deploy.steps import Plan

GREEN, BLUE = Colour.GREEN, Colour.BLUE
BOTH = ["192.0.2.11", "192.0.2.12"]
NGINX_ASKS = "service: {health: {from: nginx}}"


@contextmanager
def somebody(status: int) -> Iterator[tuple[int, list[dict[str, str]]]]:
    """Its port on this machine, and the headers that it was sent."""
    sent: list[dict[str, str]] = []

    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            sent.append({"path": self.path, **self.headers})
            self.send_response(status)
            self.send_header("Content-Length", "4")
            self.end_headers()
            self.wfile.write(b"home")

        def log_message(self, *_: object) -> None:
            pass

    with ThreadingHTTPServer(("127.0.0.1", 0), Handler) as server:
        Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01}, daemon=True).start()
        yield server.server_address[1], sent
        server.shutdown()


def asked(port: int, changes: str = "") -> ProveVacant:
    """The agent is the server, which is the only way for it to ask itself."""
    spec = pipeline(changes)
    look = await_healthy(spec.servers[0], spec, BLUE)
    return ProveVacant(replace(look, address="127.0.0.1", login="localhost", port=port))


def nginx(host: Any = None) -> Any:
    """NGINX, on this host."""
    return NginxHosts({NGINX: NginxHost(host, pipeline())})


def test_a_page_for_everybody_at_the_address_of_a_server_is_refused_before_anything_is_started():
    with somebody(200) as (port, sent), pytest.raises(StateError) as caught:
        refuse_answer(nginx(), "192.0.2.11", asked(port))

    assert caught.value.message == (
        f"192.0.2.11: 127.0.0.1:{port} answers /health healthily already, though shop-blue does not run there yet, "
        "so it was not started: status 200, body: home"
    )
    assert "lead to another machine" in str(caught.value.hint)
    assert "another program" in str(caught.value.hint)
    (request,) = sent
    assert (request["path"], request["Host"]) == ("/health", "shop.example.com")


@pytest.mark.parametrize("status", [301, 404, 503])
def test_an_answer_that_is_not_healthy_cannot_be_taken_for_the_release(status: int):
    with somebody(status) as (port, sent):
        refuse_answer(nginx(), "192.0.2.11", asked(port))

    assert len(sent) == 1


def test_where_the_nginx_host_asks_it_is_the_one_to_ask_before_too():
    with somebody(200) as (port, _):
        tunnel = SimpleNamespace(open_tunnel=lambda *_: socket.create_connection(("127.0.0.1", port)))
        with pytest.raises(StateError, match="healthily already"):
            refuse_answer(nginx(tunnel), "192.0.2.11", asked(port, NGINX_ASKS))


def test_a_firewall_that_says_nothing_takes_a_second_at_most(monkeypatch: pytest.MonkeyPatch):
    """A listener whose queue is full answers no SYN, as such a firewall does."""
    monkeypatch.setattr(looks, "_VACANT_SECONDS", 0.3)
    with socket.create_server(("127.0.0.1", 0), backlog=0) as silent:
        port = silent.getsockname()[1]
        waiting = [socket.socket() for _ in range(4)]
        for each in waiting:
            each.setblocking(False)
            each.connect_ex(("127.0.0.1", port))
        began = time.monotonic()
        refuse_answer(nginx(), "192.0.2.11", asked(port))
        took = time.monotonic() - began
        for each in waiting:
            each.close()

    # Of its own the kernel would try for two minutes.
    assert 0.25 < took < 60


def test_a_tunnel_to_such_a_port_is_not_waited_for_either():
    given: list[float] = []

    def open_tunnel(_address: str, _port: int, seconds: float) -> socket.socket:
        given.append(seconds)
        raise TimeoutError

    refuse_answer(nginx(SimpleNamespace(open_tunnel=open_tunnel)), "192.0.2.11", asked(8081, NGINX_ASKS))

    assert given == [1.0]


def order(plan: Plan, host: str) -> list[type]:
    return [type(step) for phase in plan.phases for step in phase.steps.get(host, ())]


def test_every_server_is_looked_at_when_its_port_is_free_and_before_any_container_is_started():
    found = servers(container(GREEN, number=6), container(BLUE, number=5))
    spec = pipeline()
    plan = plan_deploy(spec, release(), world(GREEN, found))
    (phase,) = [each for each in plan.phases if each.title == "vacant"]

    assert [each.title for each in plan.phases][-4:] == ["make room", "vacant", "start", "health"]
    assert phase.steps == {
        name: (ProveVacant(await_healthy(server, spec, BLUE)),) for name, server in zip(BOTH, spec.servers, strict=True)
    }
    kinds = order(plan, BOTH[0])
    assert kinds.index(RemoveContainer) < kinds.index(ProveVacant) < kinds.index(StartContainer)


def test_what_was_pulled_goes_again_when_somebody_else_answers():
    plan = plan_deploy(pipeline(), release(), world(GREEN, servers(container(GREEN, number=6))))
    (phase,) = [each for each in plan.phases if each.title == "vacant"]

    assert phase.changes
    assert plan.undo


def test_in_a_swarm_too_nobody_answers_before_the_service_is_created():
    spec = pipeline("engine: swarm\nswarm: {manager: deploy@192.0.2.11}")
    plan = plan_deploy(spec, release(), world(GREEN, servers()))
    titles = [phase.title for phase in plan.phases]

    assert titles.index("vacant") < titles.index("start")
    assert list(plan.phases[titles.index("vacant")].steps) == BOTH
    assert any(isinstance(step, CreateService) for steps in plan.phases[-3].steps.values() for step in steps)


def rolling() -> tuple[Any, Any]:
    spec = pipeline("strategy: rolling")
    states = {name: ServerState(name, (container(GREEN, number=6),)) for name in BOTH}
    return spec, world(GREEN, states, nginx=nginx_state(GREEN, spec))


def test_a_roll_out_looks_at_each_server_when_its_old_container_is_gone():
    spec, before = rolling()
    kinds = order(plan_roll(spec, release(GREEN), before), BOTH[1])

    assert kinds.index(RemoveOut) + 1 == kinds.index(ProveVacant) == kinds.index(StartContainer) - 1


def test_a_server_that_lost_its_container_gets_it_back_whoever_answers():
    spec, before = rolling()
    plan = plan_roll(spec, release(GREEN), before, back=True)

    assert ProveVacant not in order(plan, BOTH[1])
    assert StartContainer in order(plan, BOTH[1])
