"""Who logs in to the registry with what, on a real one that wants a login."""

from __future__ import annotations

import base64
import json
import os
import shlex
import subprocess
from typing import TYPE_CHECKING

import pytest
import yaml
from conftest import on

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from conftest import Workspace

pytestmark = pytest.mark.sandbox


def without_credential(workspace: Workspace) -> None:
    spec = yaml.safe_load(workspace.spec_file.read_text(encoding="utf-8"))
    del spec["image"]["credential"]
    workspace.spec_file.write_text(yaml.safe_dump(spec), encoding="utf-8")
    for name in ("JENKINSGEN_REGISTRY_USER", "JENKINSGEN_REGISTRY_PASSWORD"):
        workspace.extra[name] = ""


def agent_login(workspace: Workspace, folder: Path) -> None:
    """What `docker login` writes for the user that runs the stages."""
    sandbox = workspace.sandbox
    login = base64.b64encode(f"{sandbox.registry_user}:{sandbox.registry_password}".encode()).decode()
    folder.mkdir()
    (folder / "config.json").write_text(json.dumps({"auths": {sandbox.registry: {"auth": login}}}))
    workspace.extra["DOCKER_CONFIG"] = str(folder)


@pytest.fixture
def _servers_logged_in(workspace: Workspace) -> Iterator[None]:
    sandbox = workspace.sandbox
    password = shlex.quote(sandbox.registry_password)
    log_in = f"echo {password} | docker login -u {sandbox.registry_user} --password-stdin {sandbox.registry}"
    for server in sandbox.servers:
        on(sandbox, server, "sh", "-c", log_in)
    yield
    for server in sandbox.servers:
        on(sandbox, server, "docker", "logout", sandbox.registry)


@pytest.mark.usefixtures("_servers_logged_in")
def test_servers_that_are_logged_in_pull_with_their_own_login(workspace: Workspace, tmp_path: Path):
    without_credential(workspace)
    agent_login(workspace, tmp_path / "docker")

    workspace.deploy()

    assert workspace.get() == (200, "1.0.1")


def test_the_login_of_the_agent_is_not_lent_to_servers_that_have_none(workspace: Workspace, tmp_path: Path):
    without_credential(workspace)
    agent_login(workspace, tmp_path / "docker")
    workspace.build()
    workspace.succeed("build-image")

    said = workspace.fail("deploy-colour", 5)

    assert "cannot be pulled" in said
    assert "docker login there" in said
    assert workspace.containers() == [[], []]


def test_servers_pull_with_a_second_login_and_do_not_need_that_of_the_push(workspace: Workspace):
    sandbox = workspace.sandbox
    workspace.change_spec(image={"pull_credential": "registry-reader"})
    workspace.build()
    workspace.succeed("build-image")
    workspace.extra |= {"JENKINSGEN_REGISTRY_USER": "", "JENKINSGEN_REGISTRY_PASSWORD": ""}
    workspace.extra |= {
        "JENKINSGEN_PULL_USER": sandbox.registry_user,
        "JENKINSGEN_PULL_PASSWORD": sandbox.registry_password,
    }

    workspace.succeed("deploy-colour", "switch-nginx", "cleanup")

    assert workspace.get() == (200, "1.0.1")


def test_a_private_base_image_is_pulled_with_the_credential_of_the_spec(workspace: Workspace, tmp_path: Path):
    agent_login(workspace, tmp_path / "docker")
    base = f"{workspace.sandbox.registry}/base:1"
    (tmp_path / "Dockerfile").write_text("FROM scratch\nCOPY Dockerfile /base\n")
    docker = ["docker", "--config", str(tmp_path / "docker")]
    for command in (["build", "-q", "-t", base, str(tmp_path)], ["push", "-q", base], ["rmi", base]):
        subprocess.run([*docker, *command], check=True, capture_output=True, env={**os.environ, "DOCKER_BUILDKIT": "0"})
    dockerfile = workspace.folder / "Dockerfile"
    dockerfile.write_text(dockerfile.read_text().replace("FROM scratch", f"FROM {base}"))
    # This user has no login of its own.
    workspace.extra["DOCKER_CONFIG"] = str(tmp_path / "nothing")
    workspace.build()
    try:
        workspace.succeed("build-image")
    finally:
        subprocess.run([*docker, "rmi", base], check=False, capture_output=True)
