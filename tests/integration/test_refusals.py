"""Hosts, keys, engines and a registry that fail: one clear message each, and a documented exit code."""

from __future__ import annotations

import re
import subprocess
from typing import TYPE_CHECKING

import pytest
from conftest import as_root

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from conftest import Workspace

pytestmark = pytest.mark.sandbox


def test_an_unknown_host_key_is_never_accepted(workspace: Workspace, tmp_path: Path):
    empty = tmp_path / "known_hosts"
    empty.touch()
    workspace.change_spec(ssh={"known_hosts": str(empty)})
    workspace.build()

    said = workspace.fail("build-image", 4)

    address = workspace.sandbox.nginx.address
    assert "host key is not known: ssh-ed25519 SHA256:" in said
    assert f"ssh-keyscan {address} >> {empty}" in said
    assert empty.read_text() == ""


def test_a_changed_host_key_is_refused(workspace: Workspace, tmp_path: Path):
    other = workspace.sandbox.known_hosts.read_text().splitlines()
    nginx, server = workspace.sandbox.nginx.address, workspace.sandbox.servers[0].address
    forged = tmp_path / "known_hosts"
    keys = {line.split()[0]: line.split(maxsplit=1)[1] for line in other if line}
    forged.write_text(f"{nginx} {keys[server]}\n")
    workspace.change_spec(ssh={"known_hosts": str(forged)})
    workspace.build()

    said = workspace.fail("build-image", 4)

    assert "its host key has changed" in said


def test_a_key_that_the_servers_do_not_know(workspace: Workspace, tmp_path: Path):
    key = tmp_path / "key"
    subprocess.run(["ssh-keygen", "-q", "-t", "ed25519", "-N", "", "-f", str(key)], check=True)
    workspace.extra["JENKINSGEN_SSH_KEY"] = str(key)
    workspace.build()

    said = workspace.fail("build-image", 4)

    assert re.search(r"the login of deploy with the key ssh-ed25519 SHA256:\S+ was refused", said)
    assert "authorized_keys" in said


def test_a_key_with_a_passphrase(workspace: Workspace, tmp_path: Path):
    key = tmp_path / "key"
    key.write_bytes(workspace.sandbox.key_file.read_bytes())
    key.chmod(0o600)
    subprocess.run(["ssh-keygen", "-q", "-p", "-P", "", "-N", "open sesame", "-f", str(key)], check=True)
    workspace.extra["JENKINSGEN_SSH_KEY"] = str(key)
    workspace.build()

    assert "it is encrypted, and no passphrase is bound" in workspace.fail("build-image", 11)
    workspace.extra["JENKINSGEN_SSH_PASSPHRASE"] = "open sesame"
    assert "open sesame" not in workspace.succeed("build-image")


def test_servers_that_do_not_answer_are_all_named(workspace: Workspace):
    workspace.build()
    workspace.succeed("build-image")
    closed = [f"deploy@{server.address}:9" for server in workspace.sandbox.servers]
    workspace.change_spec(servers=closed)

    said = workspace.fail("deploy-colour", 4)

    for server in closed:
        assert f"{server}: cannot be reached by SSH on port 9" in said


def test_a_name_without_an_address(workspace: Workspace):
    workspace.change_spec(nginx={"host": "deploy@nowhere.invalid"})
    workspace.build()

    assert "this name has no address" in workspace.fail("build-image", 4)


def test_docker_is_not_installed_on_a_server(workspace: Workspace):
    workspace.build()
    workspace.succeed("build-image")
    server = workspace.sandbox.servers[1]
    as_root(workspace.sandbox, server, "mv /usr/bin/docker /usr/bin/docker.away")
    try:
        said = workspace.fail("deploy-colour", 4)
    finally:
        as_root(workspace.sandbox, server, "mv /usr/bin/docker.away /usr/bin/docker")

    assert f"deploy@{server.address}: Docker is not installed there" in said


def test_the_user_may_not_use_docker(workspace: Workspace):
    workspace.build()
    workspace.succeed("build-image")
    server = workspace.sandbox.servers[0]
    as_root(workspace.sandbox, server, "chmod 600 /var/run/docker.sock")
    try:
        said = workspace.fail("deploy-colour", 4)
    finally:
        as_root(workspace.sandbox, server, "chmod 660 /var/run/docker.sock")

    assert "may not use Docker there" in said
    assert "usermod -aG docker deploy" in said


@pytest.fixture
def _registry_down(workspace: Workspace) -> Iterator[None]:
    name = f"{workspace.sandbox.prefix}-{workspace.sandbox.registry_host.name}"
    subprocess.run(["docker", "pause", name], check=True, capture_output=True)
    subprocess.run(["docker", "unpause", name], check=True, capture_output=True)
    subprocess.run(["docker", "stop", name], check=True, capture_output=True)
    yield
    subprocess.run(["docker", "start", name], check=True, capture_output=True)


@pytest.mark.usefixtures("_registry_down")
def test_the_registry_is_down(workspace: Workspace):
    workspace.build()

    said = workspace.fail("build-image", 5)

    assert "cannot be pushed" in said
    assert workspace.sandbox.registry in said


def test_the_registry_refuses_the_password(workspace: Workspace):
    workspace.extra["JENKINSGEN_REGISTRY_PASSWORD"] = "wrong-one"
    workspace.build()

    said = workspace.fail("build-image", 5)

    assert "image.credential" in said
    assert "wrong-one" not in said


def test_a_dockerfile_that_fails(workspace: Workspace):
    (workspace.folder / "Dockerfile").write_text("FROM scratch\nCOPY nothing /\n")
    workspace.build()

    said = workspace.fail("build-image", 5)

    assert "the image cannot be built" in said


def test_a_dockerfile_that_is_not_there(workspace: Workspace):
    (workspace.folder / "Dockerfile").unlink()
    workspace.build()

    assert "Dockerfile" in workspace.fail("build-image", 5)


def test_the_agent_has_no_engine(workspace: Workspace):
    workspace.extra["DOCKER_HOST"] = "unix:///nowhere/docker.sock"
    workspace.build()

    assert "the agent's Docker engine cannot be used" in workspace.fail("build-image", 2)


def test_a_release_of_another_build(workspace: Workspace):
    workspace.build()
    workspace.succeed("build-image")
    workspace.number += 1

    said = workspace.fail("deploy-colour", 8)

    assert "was written by build 1, this is build 2" in said
