"""The container that an engine makes is the one that was asked for."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest
from examples import pipeline, release
from fake_engine import Asked, FakeEngine, Reply

from jenkinsgen.container.settings import ContainerSettings
from jenkinsgen.deploy.container import start_container
from jenkinsgen.deploy.steps import StartContainer
from jenkinsgen.errors import HostError

STEP = StartContainer(
    name="shop-blue",
    image="registry.example.com/shop@sha256:00",
    host_port=8081,
    container_port=8080,
    labels={"jenkinsgen.service": "shop"},
    environment={"PROFILE": "prod"},
    secrets=(),
    settings=ContainerSettings(memory=1024**2, cpus=0.5, volumes=("/srv/data:/data",)),
    loopback=False,
)
PUBLISHED = {"8080/tcp": [{"HostIp": "192.0.2.11", "HostPort": "8081"}, {"HostIp": "::", "HostPort": "8081"}]}


def engine_with(ports: object, *, running: bool = True) -> FakeEngine:
    """An engine that starts what it is told, and says then that it published these ports."""

    def answer(asked: Asked) -> Reply:
        if asked.path == "/containers/create":
            return Reply({"Id": "c1"}, 201)
        if asked.path.endswith("/start"):
            return Reply(status=204)
        return Reply({"Id": "c1", "State": {"Running": running}, "NetworkSettings": {"Ports": ports}})

    return FakeEngine(answer)


def test_the_port_is_asked_for_so_that_an_image_without_expose_publishes_it():
    with engine_with(PUBLISHED) as fake:
        fake.engine.start(STEP, {"DB": "hidden"})

        body: dict[str, Any] = fake.find("POST /containers/create").json
    # An engine takes `8080/tcp/tcp` for no port at all.
    assert body["ExposedPorts"] == {"8080/tcp": {}}
    assert body["HostConfig"]["PortBindings"] == {"8080/tcp": [{"HostIp": "", "HostPort": "8081"}]}
    assert body["Env"] == ["PROFILE=prod", "DB=hidden"]


@pytest.mark.parametrize("ports", [{}, None, {"8080/tcp": None}, {"8080/tcp": [{"HostIp": "", "HostPort": "32768"}]}])
def test_a_container_whose_port_is_not_published_is_an_error_at_once(ports: object):
    with (
        engine_with(ports) as fake,
        pytest.raises(HostError, match=r"192\.0\.2\.11: shop-blue runs, but .* 8081") as no,
    ):
        fake.engine.start(STEP, {})

    assert "docker inspect shop-blue" in str(no.value)


LOOPBACK = {"8080/tcp": [{"HostIp": "127.0.0.1", "HostPort": "8081"}]}


def test_a_port_that_no_other_machine_reaches_is_an_error_at_once():
    with engine_with(LOOPBACK) as fake, pytest.raises(HostError, match=r"8081 on 127\.0\.0\.1 alone") as no:
        fake.engine.start(STEP, {})
    assert "daemon.json" in str(no.value.hint)
    assert "`address: 127.0.0.1`" in str(no.value.hint)


def test_where_nginx_is_on_that_very_server_its_loopback_address_is_enough():
    with engine_with(LOOPBACK) as fake:
        fake.engine.start(replace(STEP, loopback=True), {})
        assert fake.find("POST /containers/create").json
    here = pipeline("servers: [{ssh: deploy@192.0.2.10, address: 127.0.0.1}]\nservice: {health: {from: nginx}}")
    assert start_container(here, release()).loopback
    assert not start_container(pipeline(), release()).loopback


def test_a_container_that_ended_at_once_is_judged_by_its_end_and_not_by_its_ports():
    with engine_with({}, running=False) as fake:
        fake.engine.start(STEP, {})
