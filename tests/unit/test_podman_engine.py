"""Podman's service of Docker's API: how it is known, and what is done where it cannot do what Docker does."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

import pytest
from sshd import FakeSshd

from jenkinsgen.deploy.health import Ended
from jenkinsgen.doctor.registry import unknown_registry
from jenkinsgen.edge.docker.connect import remote_engine
from jenkinsgen.edge.docker.engine import Engine
from jenkinsgen.edge.docker.podman import Podman, is_podman
from jenkinsgen.edge.docker.read import read_version
from jenkinsgen.edge.ssh.host import connect

if TYPE_CHECKING:
    from pathlib import Path

    import paramiko

# What Podman 4.3.1 and Docker 20.10.24, both of Debian 12, answer to GET /version, shortened.
PODMAN = {"Version": "4.3.1", "ApiVersion": "1.41", "Components": [{"Name": "Podman Engine"}, {"Name": "Conmon"}]}
DOCKER = {"Version": "20.10.24", "ApiVersion": "1.41", "Components": [{"Name": "Engine"}, {"Name": "containerd"}]}


@pytest.mark.parametrize(("version", "podman"), [(PODMAN, True), (DOCKER, False), ({"ApiVersion": "1.41"}, False)])
def test_an_engine_is_podman_when_it_says_so(version: dict[str, Any], podman: bool):
    assert is_podman(read_version(version)) is podman


@pytest.mark.parametrize(("version", "kind"), [(PODMAN, Podman), (DOCKER, Engine)])
def test_a_servers_engine_is_treated_as_what_it_is(tmp_path: Path, version: dict[str, Any], kind: type[Engine]):
    def serve(channel: paramiko.Channel, command: str) -> None:
        assert "dial-stdio" in command
        while channel.recv(4096):
            body = json.dumps(version)
            head = f"HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nContent-Length: {len(body)}\r\n\r\n"
            channel.sendall((head + body).encode())

    with FakeSshd(tmp_path, serve) as server:
        host = connect(server.address, server.login)
        assert type(remote_engine(host)) is kind
        host.close()


class Inspecting:
    """An API that knows one container, and has no call to change it."""

    def __init__(self, restarts: int, *, running: bool) -> None:
        self._restarts = restarts
        self._state = {
            "Status": "running" if running else "exited",
            "Running": running,
            "ExitCode": 0 if running else 3,
            "OOMKilled": False,
        }

    def inspect_container(self, _: str) -> dict[str, Any]:
        return {"State": self._state, "RestartCount": self._restarts}


@pytest.mark.parametrize(
    ("restarts", "running", "verdict"),
    [
        (0, True, None),
        (0, False, Ended(3, out_of_memory=False)),
        (1, True, Ended(0, out_of_memory=False, said="ended by itself and was started again once")),
        (7, True, Ended(0, out_of_memory=False, said="ended by itself and was started again 7 times")),
    ],
)
def test_a_container_that_podman_started_again_has_ended_all_the_same(
    restarts: int, running: bool, verdict: Ended | None
):
    engine = Podman(Inspecting(restarts, running=running), "app1")  # type: ignore[arg-type]

    assert engine.ended("shop-blue") == verdict
    engine.keep_running("shop-blue")


# What `GET /containers/ID/json` of Podman 4.3.1 said, as far as a spec decides it.
CREATED = {
    "Image": "sha256:1",
    "RestartCount": 0,
    "State": {
        "Status": "running",
        "Running": True,
        "ExitCode": 0,
        "OOMKilled": False,
        "StartedAt": "2026-11-23T08:42:10.1Z",
    },
    "HostConfig": {
        "PortBindings": {"8080/tcp": [{"HostIp": "", "HostPort": "8081"}]},
        "Binds": ["/home/deploy/data:/data:rw,rprivate,rbind", "/etc/shop:/etc/shop:ro,rprivate,rbind"],
        "RestartPolicy": {"Name": "always", "MaximumRetryCount": 0},
    },
    "Config": {"Env": ["PATH=/bin", "TERM=xterm", "container=podman", "HOSTNAME=e35aac848dd4", "MODE=prod"]},
}


class Created:
    """An API with one container and its image."""

    def inspect_container(self, _: str) -> dict[str, Any]:
        return CREATED

    def inspect_image(self, _: str) -> dict[str, Any]:
        return {"Id": "sha256:1", "Config": {"Env": ["PATH=/bin"]}}


def test_what_podman_adds_to_a_container_is_not_the_containers():
    found = Podman(Created(), "app1").inspect("shop-blue")  # type: ignore[arg-type]

    assert found is not None
    assert found.settings.volumes == ("/home/deploy/data:/data", "/etc/shop:/etc/shop:ro")
    assert found.environment.keys() - found.inherited == {"MODE"}


def test_an_engine_that_cannot_ask_a_registry_is_no_proof_of_an_image():
    check = unknown_registry("192.0.2.11")

    assert not Podman.asks_registries
    assert check.verdict == "warning"
    assert "cannot tell" in check.found
