"""What a manager says, as what is on which server."""

from __future__ import annotations

from typing import Any

import pytest
from examples import pipeline

from jenkinsgen.container.settings import ContainerSettings
from jenkinsgen.deploy.engines.swarm.tasks import (
    Node,
    Service,
    Task,
    containers_on,
    end_of,
    never_ran,
    nodes_of,
    restarts,
)
from jenkinsgen.deploy.health import Ended
from jenkinsgen.deploy.steps.swarm import SWARM_SERVICE, AwaitTask
from jenkinsgen.errors import HostError, ImageError, JenkinsgenError, ReleaseRefused, StateError

STEP = AwaitTask("shop-blue", 8081)


def node(name: str, *addresses: str, **changes: Any) -> Node:
    facts = {"id": f"id-{name}", "state": "ready", "availability": "active"}
    return Node(name=name, addresses=frozenset(addresses), **{**facts, **changes})


def task(number: int = 1, state: str = "running", wanted: str = "running", **changes: Any) -> Task:
    facts: dict[str, Any] = {
        "id": f"task-{number}",
        "service": "service-blue",
        "node": "id-app1",
        "trouble": "",
        "created": f"2026-11-23T11:27:0{number}.5",
        "since": 1,
        "image": "shop@sha256:1",
        "labels": {"on": "container"},
        "container": "",
        "exit_code": 0,
        "settings": ContainerSettings(),
        "restart_policy": "any",
        "environment": {},
    }
    return Task(**{**facts, "state": state, "wanted": wanted, **changes})


BLUE = Service("service-blue", "shop-blue", {"on": "service"}, {80: (8081,)}, ())


def names(servers: str, nodes: list[Node], resolved: dict[str, frozenset[str]] | None = None) -> dict[str, str]:
    found = nodes_of(pipeline(f"servers: {servers}").servers, nodes, resolved or {})
    return {name: each.id if isinstance(each, Node) else each.message for name, each in found.items()}


def test_a_server_is_the_node_that_has_its_address():
    nodes = [node("a", "192.0.2.11"), node("b", "192.0.2.12"), node("c", "192.0.2.13")]
    assert names("[d@192.0.2.12, {ssh: 'd@bastion:2201', address: 192.0.2.13}]", nodes) == {
        "192.0.2.12": "id-b",
        "bastion:2201": "id-c",
    }


def test_a_server_is_the_node_whose_address_its_name_leads_to_and_else_the_one_of_its_name():
    nodes = [node("app2", "192.0.2.11"), node("app1", "192.0.2.12"), node("app3.example.com", "192.0.2.13")]
    resolved = {"app1.example.com": frozenset({"192.0.2.11"})}
    assert names("[app1.example.com]", nodes, resolved) == {"app1.example.com": "id-app2"}
    # The swarm's own network may be another one than NGINX's.
    assert names("[app1.example.com, app3.example.com]", nodes) == {
        "app1.example.com": "id-app1",
        "app3.example.com": "id-app3.example.com",
    }


def test_a_node_that_left_and_came_back_is_the_one_that_is_ready():
    nodes = [node("app1", "192.0.2.11", id="was", state="down"), node("app1", "192.0.2.11", id="is")]
    assert names("[192.0.2.11]", nodes) == {"192.0.2.11": "is"}


@pytest.mark.parametrize(
    ("nodes", "said"),
    [
        ([], "no node of the swarm"),
        ([node("app9", "203.0.113.9")], "there are app9 (203.0.113.9)"),
        ([node("x", "192.0.2.11"), node("y", "192.0.2.11")], "more than one node"),
    ],
)
def test_a_server_that_is_no_node_or_two_is_told_with_all_there_are(nodes: list[Node], said: str):
    assert said in names("[192.0.2.11]", nodes)["192.0.2.11"]


def test_two_servers_cannot_be_one_node():
    found = nodes_of(pipeline("servers: [192.0.2.11, app1]").servers, [node("app1", "192.0.2.11")], {})
    assert all(isinstance(each, StateError) and "is " in each.message for each in found.values())


def test_the_newest_task_of_a_node_is_its_container():
    tasks = [task(1, "failed", "shutdown"), task(2), task(3, node="id-app2")]
    (found,) = containers_on(node("app1"), [BLUE], tasks)
    assert (found.id, found.name, found.running, found.host_ports) == ("task-2", "shop-blue", True, (8081,))
    assert found.labels == {"on": "service", SWARM_SERVICE: "service-blue"}


def test_a_node_that_is_down_runs_nothing_whatever_its_last_word_was():
    (found,) = containers_on(node("app1", state="down"), [BLUE], [task(1)])
    assert (found.running, found.host_ports) == (False, ())


def test_a_task_that_is_on_its_way_out_does_not_count_as_running():
    (found,) = containers_on(node("app1"), [BLUE], [task(1, wanted="shutdown")])
    assert not found.running


def test_a_service_without_a_task_there_is_still_something_that_has_to_go():
    (found,) = containers_on(node("app2"), [BLUE], [task(1)])
    assert (found.id, found.running, found.labels[SWARM_SERVICE]) == ("service-blue", False, "service-blue")


def test_the_routing_mesh_of_another_service_has_its_port_on_every_node():
    (found,) = containers_on(node("app2"), [Service("x", "grafana", {}, {}, (8081,))], [])
    assert (found.running, found.host_ports) == (True, (8081,))


def test_what_runs_has_not_ended_whatever_was_before():
    assert end_of([]) is None
    assert end_of([task(1, "preparing")]) is None
    assert end_of([task(1, "failed", "shutdown"), task(2)]) is None


def test_the_end_of_a_task_is_seen_also_while_the_next_one_waits():
    tasks = [task(1, "failed", "shutdown", trouble="task: non-zero exit (3)", exit_code=3), task(2, "ready", "ready")]
    ended = end_of(tasks)
    assert ended is not None
    assert (ended.exit_code, str(ended)) == (3, "failed: task: non-zero exit (3)")
    assert str(end_of([task(1, "complete", "shutdown")])) == "ended with exit code 0"
    rejected = end_of([task(1, "rejected", "shutdown", trouble="No such image: x")])
    assert str(rejected) == "was rejected by its node: No such image: x"


def test_restarts_are_the_tasks_that_were_replaced():
    assert restarts([task(1)]) == 0
    assert restarts([task(1, "failed")]) == 0
    assert restarts([task(1, "failed"), task(2, "complete"), task(3)]) == 2


@pytest.mark.parametrize(
    ("said", "kind", "hint"),
    [
        ("was rejected by its node: No such image: r/shop@sha256:1", ImageError, "docker pull"),
        (
            "failed: starting container failed: port is already allocated",
            HostError,
            "8081",
        ),
        ("was rejected by its node: bind source path does not exist: /x", HostError, "make that folder"),
        ("was rejected by its node: something else", HostError, "docker service ps"),
        ("failed: task: non-zero exit (3)", ReleaseRefused, "the log above"),
    ],
)
def test_what_never_ran_is_told_with_its_cause(said: str, kind: type[JenkinsgenError], hint: str):
    error = never_ran("app1", STEP, Ended(1, out_of_memory=False, said=said))
    assert type(error) is kind
    assert error.message == f"app1: the task of shop-blue {said}"
    assert error.hint
    assert hint in error.hint
