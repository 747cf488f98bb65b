"""App servers that run Podman's service of Docker's API."""

from __future__ import annotations

import time
from typing import TYPE_CHECKING

import pytest
from sandbox_workspace import as_root, check_out, make_bare

from jenkinsgen import sandbox as sandboxes
from jenkinsgen.errors import ToolMissing
from jenkinsgen.report import Report
from jenkinsgen.sandbox.place import NAME_VARIABLE

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from sandbox_workspace import Workspace

pytestmark = pytest.mark.sandbox

NAME = "podmantest"


@pytest.fixture(scope="module")
def podman() -> Iterator[sandboxes.Sandbox]:
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv(NAME_VARIABLE, NAME)
        try:
            yield sandboxes.up(2, Report(), app_engine="podman")
        except ToolMissing as missing:
            pytest.skip(str(missing))
        finally:
            sandboxes.down(Report())


@pytest.fixture
def workspace(podman: sandboxes.Sandbox, tmp_path: Path) -> Workspace:
    make_bare(podman)
    return check_out(podman, tmp_path / "workspace")


def test_a_release_is_replaced_taken_back_and_has_not_drifted(workspace: Workspace):
    workspace.deploy()
    workspace.deploy()
    assert workspace.get() == (200, "1.0.2")
    assert workspace.containers() == [["shop-blue"], ["shop-blue"]]
    assert "no drift" in workspace.succeed("status")

    workspace.succeed("rollback")

    assert workspace.get() == (200, "1.0.1")


def test_a_container_that_ends_before_it_was_healthy_is_refused_though_podman_starts_it_again(workspace: Workspace):
    workspace.deploy()
    workspace.build(healthy="no", crash_after_seconds=1)
    workspace.succeed("build-image")

    said = workspace.fail("deploy-colour", 6)

    assert "ended by itself and was started again" in said or "ended with exit code 1" in said
    assert workspace.containers() == [["shop-green"], ["shop-green"]]
    assert workspace.get() == (200, "1.0.1")


def test_a_container_that_ends_later_is_started_again(workspace: Workspace):
    workspace.deploy()
    first = workspace.sandbox.servers[0]
    as_root(workspace.sandbox, first, "kill -9 $(podman inspect --format '{{.State.Pid}}' shop-green)")

    shown = "podman inspect --format '{{.RestartCount}} {{.State.Running}}' shop-green"
    end = time.monotonic() + 20
    while as_root(workspace.sandbox, first, shown).split() != ["1", "true"]:
        assert time.monotonic() < end
        time.sleep(0.2)


def test_doctor_does_not_take_podmans_silence_for_an_answer_of_the_registry(workspace: Workspace):
    workspace.deploy()

    said = workspace.succeed("doctor")

    assert "cannot tell: Podman has no call to ask a registry without a pull" in said
    assert "any more" not in said


def test_a_restart_of_podmans_service_costs_no_container(workspace: Workspace):
    workspace.deploy()
    for server in workspace.sandbox.servers:
        back = "kill -9 $(cat /run/podman/service.pid); timeout 20 sh -c 'until docker ps -q; do sleep 0.2; done'"
        as_root(workspace.sandbox, server, back)

    assert workspace.get() == (200, "1.0.1")
    assert workspace.containers() == [["shop-green"], ["shop-green"]]
    workspace.deploy()
    assert workspace.get() == (200, "1.0.2")
