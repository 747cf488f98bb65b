"""The promise, and the proof that the proof has teeth."""

from __future__ import annotations

import time
from ipaddress import IPv4Network
from typing import TYPE_CHECKING

import pytest
from conftest import on

from jenkinsgen.sandbox.clients.traffic import Flow, Load, Profile, Target
from jenkinsgen.sandbox.demo_result import count_orders

if TYPE_CHECKING:
    from conftest import Workspace

    from jenkinsgen.sandbox.clients.traffic_result import LoadResult

pytestmark = pytest.mark.sandbox

# Between the switch and the end of the old colour lies the start of another process, a second at least; requests that
# are shorter would hide a drain that does not work.
PROFILE = Profile(slow_milliseconds=4000, slow=Flow(24, 6), upload_seconds=4.0, upload=Flow(8, 1.5))


def load_on(workspace: Workspace) -> Load:
    sandbox = workspace.sandbox
    target = Target(sandbox.nginx.address, 80, "shop.test", allowed=(IPv4Network(sandbox.subnet),))
    load = Load(target, PROFILE).start()
    time.sleep(2.5)  # every kind of request is under way before anything happens
    return load


def lost_and_duplicated(workspace: Workspace, result: LoadResult) -> tuple[int, int]:
    """Orders that were accepted and are in no server's log, and those that are there twice."""
    logs = [on(workspace.sandbox, server, "cat", "data/orders.log") for server in workspace.sandbox.servers]
    orders = count_orders(logs, result)
    return orders.lost, orders.duplicated


def failures(result: LoadResult) -> dict[str, tuple[str, ...]]:
    return {name: kind.reasons for name, kind in result.kinds.items() if kind.failed}


def test_no_request_is_lost_or_answered_twice_while_releases_change(workspace: Workspace):
    workspace.deploy()
    load = load_on(workspace)
    workspace.deploy()
    workspace.deploy()
    result = load.stop()

    assert failures(result) == {}
    assert result.requests > 500
    assert result.mixed_seconds == 0
    assert [span.version for span in result.versions] == ["1.0.1", "1.0.2", "1.0.3"]
    assert all(kind.connections.closed_while_idle == 0 for kind in result.kinds.values())
    assert lost_and_duplicated(workspace, result) == (0, 0)


def test_without_the_drain_the_same_load_fails(workspace: Workspace):
    """Were this to pass without a failure, the test above would prove nothing."""
    workspace.deploy()
    workspace.change_spec(cleanup={"drain": "0s", "grace": "0s"})
    load = load_on(workspace)
    workspace.deploy()
    result = load.stop()

    assert result.failed > 0
    assert set(failures(result)) <= {"slow", "upload", "order", "page", "idle", "websocket"}


def test_a_refused_release_is_not_noticed_by_anybody(workspace: Workspace):
    workspace.deploy()
    workspace.change_spec(service={"health": {"timeout": "2s"}})
    load = load_on(workspace)
    workspace.build(healthy="no")
    workspace.succeed("build-image")
    workspace.fail("deploy-colour", 6)
    result = load.stop()

    assert failures(result) == {}
    assert [span.version for span in result.versions] == ["1.0.1"]


def test_a_server_is_added_under_load(workspace: Workspace):
    """The one moment at which mode flag reloads NGINX: idle connections may be closed, no request may fail."""
    both = [f"deploy@{server.address}" for server in workspace.sandbox.servers]
    workspace.change_spec(servers=both[:1])
    workspace.deploy()
    workspace.change_spec(servers=both)
    load = load_on(workspace)
    workspace.deploy()
    result = load.stop()

    # A POST that meets a connection which the old worker closes at that very instant is the client's to retry;
    # NGINX below 1.27.4 cannot avoid it. Measured: 0 to 1 in 1,000 requests.
    assert result.failed <= 1
    assert [span.version for span in result.versions] == ["1.0.1", "1.0.2"]
