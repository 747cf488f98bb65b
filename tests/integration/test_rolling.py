"""Rolling: one server after the other, under load, and every way in which that ends early."""

from __future__ import annotations

import signal
import time
from typing import TYPE_CHECKING

import pytest
from conftest import as_root, on
from test_under_load import failures, load_on, lost_and_duplicated

if TYPE_CHECKING:
    import subprocess

    from conftest import Workspace

pytestmark = pytest.mark.sandbox

FOLDER = "/var/lib/jenkinsgen/shop"
STAGES = ("build-image", "roll-out", "cleanup")
MOMENT_SECONDS = 30


@pytest.fixture
def shop(workspace: Workspace) -> Workspace:
    """Release 1.0.1 runs on both servers."""
    workspace.change_spec(strategy="rolling")
    workspace.build()
    workspace.succeed(*STAGES)
    return workspace


def out(shop: Workspace) -> str:
    """Which batch is out, as the files tell."""
    return as_root(shop.sandbox, shop.sandbox.nginx, f"cd {FOLDER} && ls | grep ^out- || :").strip()


def versions(shop: Workspace) -> list[str]:
    """What runs on each server."""
    label = '{{.Label "jenkinsgen.version"}}'
    found = [on(shop.sandbox, server, "docker", "ps", "--format", label) for server in shop.sandbox.servers]
    return [each.strip().rpartition("-")[2] for each in found]


def roll_until(shop: Workspace, *moment: object) -> subprocess.Popen[str]:
    """Start a roll-out and return when `versions` and `out` are these."""
    process = shop.start("roll-out")
    end = time.monotonic() + MOMENT_SECONDS
    while (versions(shop), out(shop)) != moment:
        assert time.monotonic() < end, (versions(shop), out(shop), process.poll())
    return process


def test_servers_are_replaced_one_after_the_other_and_no_request_is_lost(shop: Workspace):
    load = load_on(shop)
    shop.build()
    shop.succeed(*STAGES)
    result = load.stop()

    assert failures(result) == {}
    assert [span.version for span in result.versions] == ["1.0.1", "1.0.2"]
    assert lost_and_duplicated(shop, result) == (0, 0)
    assert versions(shop) == ["2", "2"]
    assert shop.containers() == [["shop-green"]] * 2
    assert out(shop) == ""


def test_a_release_that_is_not_healthy_stops_at_the_first_server_and_is_taken_back(shop: Workspace):
    shop.change_spec(service={"health": {"timeout": "2s"}})
    live = shop.release["version"]
    load = load_on(shop)
    shop.build(healthy="no")
    shop.succeed("build-image")
    refused = shop.release["version"]
    said = shop.fail("roll-out", 6)
    result = load.stop()

    assert "was not healthy within 2s" in said
    assert "goes back to every server that lost it" in said
    assert failures(result) == {}
    assert [span.version for span in result.versions] == ["1.0.1"]
    assert versions(shop) == ["1", "1"]
    assert out(shop) == ""
    # Nothing of it is left, and the next build is an ordinary one.
    for server in shop.sandbox.servers:
        images = ("docker", "images", "--quiet", "--filter")
        assert on(shop.sandbox, server, *images, f"label=jenkinsgen.version={live}") != ""
        assert on(shop.sandbox, server, *images, f"label=jenkinsgen.version={refused}") == ""
    shop.build(healthy="yes")
    shop.succeed(*STAGES)
    assert shop.get() == (200, "1.0.3")


def test_a_build_that_is_aborted_at_the_second_server_goes_back_on_the_first_one(shop: Workspace):
    load = load_on(shop)
    shop.build(start_seconds=2)
    shop.succeed("build-image")
    process = roll_until(shop, ["2", "1"], "out-2")
    code, said = shop.terminate(process)
    result = load.stop()

    assert code == 128 + signal.SIGTERM, said
    assert failures(result) == {}
    assert versions(shop) == ["1", "1"]
    assert out(shop) == ""


def test_a_roll_out_that_is_killed_leaves_its_server_out_and_the_next_build_ends_it(shop: Workspace):
    load = load_on(shop)
    shop.build(start_seconds=2)
    shop.succeed("build-image")
    process = roll_until(shop, ["2", "1"], "out-2")
    process.kill()
    process.communicate()
    shop.build()
    shop.succeed(*STAGES)
    result = load.stop()

    assert failures(result) == {}
    assert lost_and_duplicated(shop, result) == (0, 0)
    assert versions(shop) == ["3", "3"]
    assert out(shop) == ""


def test_after_a_roll_out_that_was_killed_back_is_where_it_began(shop: Workspace):
    shop.build(start_seconds=2)
    shop.succeed("build-image")
    process = roll_until(shop, ["2", "1"], "out-2")
    process.kill()
    process.communicate()
    said = shop.run("status")[1]
    assert "out" in said
    assert "drift" in said

    shop.succeed("rollback")
    assert versions(shop) == ["1", "1"]
    assert out(shop) == ""


def test_rollback_goes_server_by_server_to_the_release_before(shop: Workspace):
    shop.build()
    shop.succeed(*STAGES)
    load = load_on(shop)
    said = shop.succeed("rollback")
    result = load.stop()

    assert "is live again" in said
    assert failures(result) == {}
    assert versions(shop) == ["1", "1"]
    assert "taken back already" in shop.fail("rollback", 8)


def test_a_team_moves_to_rolling_and_back(workspace: Workspace):
    workspace.deploy()
    workspace.deploy()  # blue is live
    workspace.change_spec(strategy="rolling")
    workspace.build()
    workspace.succeed(*STAGES)
    assert workspace.containers() == [["shop-blue"]] * 2
    assert workspace.get() == (200, "1.0.3")
    workspace.change_spec(strategy="blue-green")
    workspace.deploy()
    assert workspace.get() == (200, "1.0.4")
    assert workspace.containers() == [["shop-green"]] * 2
