"""engine: swarm, on a real swarm of three nodes."""

from __future__ import annotations

import json
import subprocess
import time
from contextlib import contextmanager
from typing import TYPE_CHECKING

import pytest
from conftest import as_root, on
from sandbox_workspace import BARE_NGINX, BARE_SERVER, NAME, check_out
from test_rollback import version
from test_under_load import PROFILE, failures, load_on, lost_and_duplicated

from jenkinsgen import sandbox as sandboxes
from jenkinsgen.errors import ToolMissing
from jenkinsgen.report import Report
from jenkinsgen.sandbox.place import NAME_VARIABLE

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from conftest import Workspace

    from jenkinsgen.sandbox import Host, Sandbox

pytestmark = pytest.mark.sandbox

SERVICES = "docker service ls --format '{{.Name}}'"


@pytest.fixture(scope="module")
def fleet() -> Iterator[Sandbox]:
    """A sandbox of its own: three app servers, the first of which manages their swarm."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv(NAME_VARIABLE, f"{NAME[:15]}fleet")
        try:
            made = sandboxes.up(3, Report(), as_swarm=True)
        except ToolMissing as missing:
            pytest.skip(str(missing))
        yield made
        sandboxes.down(Report())


@pytest.fixture
def workspace(fleet: Sandbox, tmp_path: Path) -> Workspace:
    """A fresh checkout; no service, and NGINX as if nothing had ever been deployed."""
    on_manager(fleet, f"{SERVICES} | xargs -r docker service rm")
    on_manager(fleet, "docker node ls -q | xargs -n 1 docker node update --availability active")
    for server in fleet.servers:
        as_root(fleet, server, BARE_SERVER)
    as_root(fleet, fleet.nginx, BARE_NGINX)
    made = check_out(fleet, tmp_path / "workspace")
    # The one line.
    made.change_spec(engine="swarm")
    return made


def on_manager(fleet: Sandbox, script: str) -> str:
    return as_root(fleet, fleet.servers[0], script)


def services(workspace: Workspace) -> list[str]:
    return sorted(on_manager(workspace.sandbox, SERVICES).split())


def test_no_request_is_lost_while_releases_change_and_go_back(workspace: Workspace):
    workspace.change_spec(bake="10m", service={"secrets": {"DB_PIN": "db-pin"}, "environment": {"MODE": "fleet"}})
    workspace.extra["JENKINSGEN_SECRET_DB_PIN"] = "s3cr3t-pin"
    workspace.deploy()
    load = load_on(workspace)
    said = workspace.deploy()
    said += workspace.deploy()
    assert services(workspace) == ["shop-blue", "shop-green"]
    warm = workspace.succeed("rollback")
    cold = workspace.succeed("rollback", options=("--to", version(workspace, 1)))
    result = load.stop()

    assert failures(result) == {}
    assert result.requests > 500
    # In the order in which each was seen first; two of them were live twice.
    assert [span.version for span in result.versions] == ["1.0.1", "1.0.2", "1.0.3"]
    assert workspace.get() == (200, "1.0.1")
    assert lost_and_duplicated(workspace, result) == (0, 0)
    assert "service" not in warm
    assert "is no longer warm" in cold
    assert "the swarm: create the service shop-green" in cold
    seen = workspace.succeed("status")
    assert "no drift" in seen
    assert "s3cr3t-pin" not in said + warm + cold + seen
    environment = on_manager(workspace.sandbox, "docker inspect $(docker ps -q) --format '{{.Config.Env}}'")
    assert "DB_PIN=s3cr3t-pin" in environment


def test_a_release_that_cannot_be_leaves_nothing_and_nobody_notices(workspace: Workspace):
    workspace.deploy()
    load = load_on(workspace)
    workspace.change_spec(service={"health": {"timeout": "2s"}})
    refused = refused_release(workspace, 6, healthy="no")
    ended = refused_release(workspace, 6, healthy="yes", exit_at_start=1)
    workspace.build(exit_at_start=0)
    workspace.succeed("build-image")
    file, release = workspace.folder / "release.json", workspace.release
    file.write_text(json.dumps({**release, "digest": "sha256:" + "d" * 64}), encoding="utf-8")
    absent = workspace.fail("deploy-colour", 5)
    file.write_text(json.dumps(release), encoding="utf-8")
    with port_taken(workspace, workspace.sandbox.servers[1]):
        taken = workspace.fail("deploy-colour", 4)
    with another_service(workspace):
        published = workspace.fail("deploy-colour", 8)
    result = load.stop()

    assert "status 503" in refused
    assert "says healthy=no" in refused
    assert "version 1.0.3 ends at start" in ended
    assert "non-zero exit (1)" in ended
    assert "manifest unknown" in absent
    assert f"{workspace.sandbox.servers[1].address}: the task of shop-blue failed" in taken
    assert "docker ps --filter publish=8081" in taken
    assert "port 8081 is taken by the container grafana" in published
    assert services(workspace) == ["shop-green"]
    assert failures(result) == {}
    assert [span.version for span in result.versions] == ["1.0.1"]


def refused_release(workspace: Workspace, code: int, **app: object) -> str:
    workspace.build(**app)
    workspace.succeed("build-image")
    said = workspace.fail("deploy-colour", code)
    assert "shop-blue" not in services(workspace)
    return said


@contextmanager
def port_taken(workspace: Workspace, server: Host) -> Iterator[None]:
    """By a container that no manager knows of."""
    run = "docker run -d --name squatter -p 8081:99 $(docker images -q | tail -1)"
    as_root(workspace.sandbox, server, run)
    yield
    as_root(workspace.sandbox, server, "docker rm -f squatter")


@contextmanager
def another_service(workspace: Workspace) -> Iterator[None]:
    """Somebody else's, with a port of ours."""
    image = "$(docker service inspect shop-green --format '{{.Spec.TaskTemplate.ContainerSpec.Image}}')"
    create = "docker service create --detach --quiet --mode global --publish mode=host,published=8081,target=9"
    on_manager(workspace.sandbox, f"{create} --name grafana {image}")
    on_manager(workspace.sandbox, "until docker ps | grep -q grafana; do sleep 0.1; done")
    yield
    on_manager(workspace.sandbox, "docker service rm grafana; while docker ps | grep -q grafana; do sleep 0.1; done")


def test_what_crashes_comes_back_and_a_node_that_is_down_is_named(workspace: Workspace):
    workspace.deploy()
    sandbox = workspace.sandbox
    crashed, down = sandbox.servers[1:]
    as_root(sandbox, crashed, "docker kill $(docker ps -q)")
    end = time.monotonic() + 30
    while "0 ready" not in (seen := nodes_with_a_task(workspace)):
        assert time.monotonic() < end, seen
        time.sleep(0.5)
    assert "restarted 1 times" in workspace.succeed("status")

    container = f"{sandbox.prefix}-{down.name}"
    workspace.build()
    workspace.succeed("build-image")
    subprocess.run(["docker", "stop", "--time", "2", container], check=True, capture_output=True)
    try:
        await_nodes(workspace, ready=2)
        said = workspace.fail("deploy-colour", 4)
        assert f"{down.address}: its node app3 is down" in said
        assert "app3 is down" in workspace.fail("status", 4)
        assert workspace.get() == (200, "1.0.1")
        assert services(workspace) == ["shop-green"]
    finally:
        subprocess.run(["docker", "start", container], check=True, capture_output=True)
        await_nodes(workspace, ready=3)
    on_manager(sandbox, "docker node update --availability drain app2")
    assert "takes no tasks" in workspace.fail("deploy-colour", 8)
    on_manager(sandbox, "docker node update --availability active app2")

    workspace.succeed("build-image", "deploy-colour", "switch-nginx", "cleanup")
    assert workspace.get() == (200, "1.0.2")
    assert services(workspace) == ["shop-blue"]
    assert "0 failed" in workspace.succeed("doctor")


def nodes_with_a_task(workspace: Workspace) -> str:
    """How many of the three lack one that runs."""
    states = on_manager(
        workspace.sandbox, "docker service ps shop-green --filter desired-state=running --format '{{.CurrentState}}'"
    )
    return f"{3 - states.count('Running')} ready"


def await_nodes(workspace: Workspace, *, ready: int) -> None:
    end = time.monotonic() + 60
    while on_manager(workspace.sandbox, "docker node ls --format '{{.Status}}'").count("Ready") != ready:
        assert time.monotonic() < end
        time.sleep(0.5)


def test_a_spec_moves_from_the_engines_to_the_swarm_with_one_line(workspace: Workspace):
    """As docs/swarm.md says."""
    workspace.change_spec(engine="docker")
    workspace.deploy()
    load = load_on(workspace)
    workspace.change_spec(engine="swarm")
    workspace.deploy()
    time.sleep(PROFILE.slow_milliseconds / 1000 + 2)
    for server in workspace.sandbox.servers:
        on(workspace.sandbox, server, "docker", "rm", "--force", "shop-green")
    workspace.build()
    workspace.succeed("build-image", "deploy-colour", "switch-nginx")
    result = load.stop()

    assert failures(result) == {}
    assert [span.version for span in result.versions] == ["1.0.1", "1.0.2", "1.0.3"]
    assert services(workspace) == ["shop-blue", "shop-green"]
