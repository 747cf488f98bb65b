"""What lies on the disks of the servers and of the agent, after a build went well, was refused, or was killed."""

from __future__ import annotations

import time
from typing import TYPE_CHECKING

import docker
import pytest
from conftest import as_root, on

if TYPE_CHECKING:
    from collections.abc import Iterator

    from conftest import Workspace

pytestmark = pytest.mark.sandbox

LABEL = "jenkinsgen.service=shop@{nginx}"


def versions_on_servers(workspace: Workspace) -> list[set[str]]:
    """The build numbers whose images lie on each server."""
    form = '{{index .Config.Labels "jenkinsgen.version"}}'
    ours = f"docker images -aq --filter label=jenkinsgen.service | sort -u | xargs -r docker inspect --format '{form}'"
    return [
        {line.rpartition("-")[2] for line in on(workspace.sandbox, server, "sh", "-c", ours).split()}
        for server in workspace.sandbox.servers
    ]


@pytest.fixture
def agent() -> Iterator[docker.DockerClient]:
    engine = docker.from_env()
    yield engine
    engine.close()


def images_on_agent(agent: docker.DockerClient, workspace: Workspace) -> list[str]:
    label = LABEL.format(nginx=workspace.sandbox.nginx.address)
    return [str(image.tags) for image in agent.images.list(all=True, filters={"label": label})]


def test_after_a_success_only_the_live_image_lies_there(workspace: Workspace):
    workspace.deploy()
    assert versions_on_servers(workspace) == [{"1"}] * 2

    workspace.deploy()

    assert versions_on_servers(workspace) == [{"2"}] * 2


def test_releases_that_are_kept_stay_and_refused_ones_do_not_count(workspace: Workspace):
    workspace.change_spec(cleanup={"keep_releases": 1}, service={"health": {"timeout": "2s"}})
    workspace.deploy()
    workspace.deploy()
    workspace.build(healthy="no")
    workspace.succeed("build-image")
    said = workspace.fail("deploy-colour", 6)
    assert versions_on_servers(workspace) == [{"1", "2"}] * 2
    assert "remove the image of" in said

    workspace.deploy(healthy="yes")

    assert versions_on_servers(workspace) == [{"2", "4"}] * 2


def test_the_table_of_a_refusal_names_each_server(workspace: Workspace):
    workspace.change_spec(service={"health": {"timeout": "2s"}})
    workspace.build(healthy="no")
    workspace.succeed("build-image")

    said = workspace.fail("deploy-colour", 6)

    assert "health: failed on" in said
    assert "  failed   shop-green was not healthy within 2s" in said


def test_a_refusal_leaves_the_image_that_somebody_looks_at(workspace: Workspace):
    """Somebody's running container holds the image of the refused release."""
    workspace.change_spec(service={"health": {"timeout": "8s"}})
    workspace.build(healthy="no")
    workspace.succeed("build-image")
    process = workspace.start("deploy-colour")
    workspace.await_containers([["shop-green"]] * 2)
    server = workspace.sandbox.servers[0]
    image = f"{workspace.release['repository']}@{workspace.release['digest']}"
    on(workspace.sandbox, server, "docker", "run", "-d", "--name", "debug", image)
    said, _ = process.communicate(timeout=60)

    assert process.returncode == 6, said
    assert workspace.containers() == [["debug"], []]
    assert versions_on_servers(workspace) == [{"1"}, set()]


def test_what_a_killed_deployment_left_goes_with_the_next_one(workspace: Workspace):
    workspace.deploy()
    workspace.change_spec(service={"health": {"timeout": "60s"}})
    workspace.build(healthy="no")
    workspace.succeed("build-image")
    process = workspace.start("deploy-colour")
    workspace.await_containers([["shop-blue", "shop-green"]] * 2)
    process.kill()
    process.communicate()
    assert versions_on_servers(workspace) == [{"1", "2"}] * 2

    workspace.deploy(healthy="yes")

    assert versions_on_servers(workspace) == [{"3"}] * 2


def test_a_deployment_makes_room_before_it_pulls(workspace: Workspace):
    workspace.change_spec(cleanup={"keep_releases": 3})
    for _ in range(3):
        workspace.deploy()
    assert versions_on_servers(workspace) == [{"1", "2", "3"}] * 2
    workspace.change_spec(cleanup={"keep_releases": 0})
    workspace.build()

    workspace.succeed("build-image", "deploy-colour")

    assert versions_on_servers(workspace) == [{"3", "4"}] * 2


def test_the_registry_is_not_needed_for_what_lies_on_the_servers(workspace: Workspace):
    workspace.build()
    workspace.succeed("build-image", "deploy-colour")
    registry = next(host for host in workspace.sandbox.hosts if host.role == "registry")
    for server in workspace.sandbox.servers:
        as_root(workspace.sandbox, server, "docker rm -f shop-green")
        as_root(workspace.sandbox, server, f"iptables -I OUTPUT -d {registry.address} -p tcp --dport 5000 -j DROP")
    try:
        workspace.succeed("deploy-colour")
        for server in workspace.sandbox.servers:
            rules = as_root(workspace.sandbox, server, "iptables --verbose --numeric --exact --list OUTPUT")
            (packets,) = (line.split()[0] for line in rules.splitlines() if "dpt:5000" in line)
            assert packets == "0"
    finally:
        for server in workspace.sandbox.servers:
            as_root(workspace.sandbox, server, f"iptables -D OUTPUT -d {registry.address} -p tcp --dport 5000 -j DROP")

    assert workspace.containers() == [["shop-green"]] * 2


def test_what_a_killed_build_left_on_the_agent_goes_with_the_next_one(workspace: Workspace, agent: docker.DockerClient):
    workspace.build()
    process = workspace.start("build-image")
    end = time.monotonic() + 60
    while not images_on_agent(agent, workspace):
        assert time.monotonic() < end
        assert process.poll() is None, process.communicate()
        time.sleep(0.002)
    process.kill()
    process.communicate()
    assert images_on_agent(agent, workspace)

    workspace.deploy()

    assert images_on_agent(agent, workspace) == []
