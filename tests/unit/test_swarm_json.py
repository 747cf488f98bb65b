"""A manager's JSON, recorded from Docker 20.10, and what is sent to it."""

from __future__ import annotations

import threading
import time
from typing import Any

from examples import pipeline, release

from jenkinsgen.deploy.container import start_container
from jenkinsgen.deploy.steps.swarm import CreateService
from jenkinsgen.edge.fresh import Fresh
from jenkinsgen.edge.swarm.read import read_node, read_service, read_task
from jenkinsgen.edge.swarm.spec import service_spec

PORT = {"Protocol": "tcp", "TargetPort": 8080, "PublishedPort": 8081, "PublishMode": "host"}
NODE: dict[str, Any] = {
    "ID": "1spq",
    "Spec": {"Labels": {}, "Role": "manager", "Availability": "active"},
    "Description": {"Hostname": "app1"},
    "Status": {"State": "ready", "Addr": "0.0.0.0"},  # noqa: S104 - recorded
    "ManagerStatus": {"Leader": True, "Reachability": "reachable", "Addr": "172.30.79.21:2377"},
}
SERVICE: dict[str, Any] = {
    "ID": "ihlr",
    "Spec": {"Name": "shop-blue", "Labels": {"a": "b"}, "Mode": {"Global": {}}, "EndpointSpec": {"Ports": [PORT]}},
    "Endpoint": {"Spec": {"Mode": "vip", "Ports": [PORT]}, "Ports": [PORT]},
}
TASK: dict[str, Any] = {
    "ID": "4es4",
    "CreatedAt": "2026-11-23T11:27:08.874240815Z",
    "Spec": {
        "ContainerSpec": {
            "Image": "r/shop@sha256:9",
            "Labels": {"c": "d"},
            "Env": ["X=1=2"],
            "Mounts": [
                {"Type": "bind", "Source": "/var/log/shop", "Target": "/logs", "ReadOnly": True},
                {"Type": "volume", "Source": "cache", "Target": "/cache"},
            ],
        },
        "Resources": {"Limits": {"NanoCPUs": 1800000000, "MemoryBytes": 104857600}},
        "RestartPolicy": {"Condition": "any", "MaxAttempts": 0},
    },
    "ServiceID": "ihlr",
    "NodeID": "wvdg",
    "Status": {
        "Timestamp": "2026-11-23T11:27:09.76510697Z",
        "State": "running",
        "Message": "started",
        "ContainerStatus": {"ContainerID": "c4fd", "PID": 353, "ExitCode": 0},
    },
    "DesiredState": "running",
}


def test_a_manager_that_knows_itself_by_no_address_has_the_one_that_the_others_use():
    assert read_node(NODE).addresses == {"172.30.79.21"}
    worker = {**NODE, "Status": {"State": "down", "Addr": "2001:db8::2"}}
    del worker["ManagerStatus"]
    assert (read_node(worker).addresses, read_node(worker).state) == ({"2001:db8::2"}, "down")


def test_a_service_has_its_ports_on_its_nodes_or_on_all():
    assert read_service(SERVICE).ports == {8080: (8081,)}
    assert read_service(SERVICE).host_ports == (8081,)
    # Chosen by the mesh: it is not in the spec.
    chosen = {"TargetPort": 80, "PublishedPort": 30000, "PublishMode": "ingress"}
    mesh = read_service({**SERVICE, "Endpoint": {"Ports": [chosen]}})
    assert (mesh.host_ports, mesh.mesh_ports) == ((), (30000,))
    assert read_service({"ID": "x", "Spec": {"Name": "worker"}, "Endpoint": {}}).host_ports == ()


def test_a_task_is_read_with_all_that_the_spec_decides():
    task = read_task(TASK)
    assert task.running
    assert (task.settings.memory, task.settings.cpus, task.restart_policy) == (104857600, 1.8, "any")
    assert task.settings.volumes == ("/var/log/shop:/logs:ro", "cache:/cache")
    assert task.environment == {"X": "1=2"}
    assert task.since == 1795433229


def test_a_task_without_node_and_container_is_one_too():
    bare = {**TASK, "Spec": {"ContainerSpec": {"Image": "x"}}, "Status": {**TASK["Status"], "State": "pending"}}
    del bare["NodeID"]
    del bare["Status"]["ContainerStatus"]
    task = read_task(bare)
    assert (task.node, task.container, task.placed, task.settings.memory) == ("", "", False, None)


def test_what_is_sent_is_what_is_read_back():
    spec = pipeline(
        "{engine: swarm, cleanup: {grace: 7s}, service: {memory: 700m, cpus: 1.5, environment: {A: b}, "
        "secrets: {DB: db-id}, volumes: ['/a:/b:ro', 'cache:/cache:rw']}}"
    )
    step = CreateService(start_container(spec, release()), "jenkinsgen.shop-blue", 7.0)
    body = service_spec(step, {"DB": "hidden"})
    assert "hidden" not in repr(step)
    task = read_task({**TASK, "Spec": body["TaskTemplate"]})
    assert (task.image, task.settings.memory, task.settings.cpus) == (release().reference, 700 * 1024**2, 1.5)
    assert task.environment == {"A": "b", "DB": "hidden"}
    assert "hidden" not in repr(task)
    assert task.settings.volumes == ("/a:/b:ro", "cache:/cache")
    assert [mount["Type"] for mount in body["TaskTemplate"]["ContainerSpec"]["Mounts"]] == ["bind", "volume"]
    assert body["TaskTemplate"]["ContainerSpec"]["StopGracePeriod"] == 7_000_000_000
    assert body["TaskTemplate"]["Placement"] == {"Constraints": ["node.labels.jenkinsgen.shop-blue==true"]}
    service = read_service({"ID": "x", "Spec": body})
    assert (service.name, service.ports, service.labels) == ("shop-blue", {80: (8081,)}, step.task.labels)


def test_an_answer_is_asked_for_once_for_all_who_want_it_until_it_is_old_or_forgotten():
    asked = []

    def ask() -> int:
        time.sleep(0.05)
        asked.append(1)
        return len(asked)

    fresh = Fresh(ask, 60.0)
    threads = [threading.Thread(target=fresh.get) for _ in range(20)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert (fresh.get(), len(asked)) == (1, 1)
    fresh.forget()
    assert fresh.get() == 2
    always_old = Fresh(ask, -1.0)
    assert [always_old.get() for _ in range(2)] == [3, 4]
