"""`nginx.others`: two NGINX hosts in front of the same servers, which switch together or not at all."""

from __future__ import annotations

import json
import time
from contextlib import contextmanager
from ipaddress import IPv4Network
from typing import TYPE_CHECKING

import pytest
from conftest import as_root, log_in
from sandbox_workspace import BARE_NGINX, BARE_SERVER, NAME, check_out
from test_under_load import PROFILE, failures, lost_and_duplicated

from jenkinsgen import sandbox as sandboxes
from jenkinsgen.deploy.state.lease import Holder, Lease
from jenkinsgen.edge.state.folder import StateFolder
from jenkinsgen.edge.state.folders import StateFolders
from jenkinsgen.errors import LeaseLost, ToolMissing
from jenkinsgen.report import Report
from jenkinsgen.sandbox.clients.traffic import Load, Target
from jenkinsgen.sandbox.place import NAME_VARIABLE
from jenkinsgen.spec.colour import Colour
from jenkinsgen.spec.reading.load import load_spec

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from conftest import Workspace

    from jenkinsgen.sandbox import Host, Sandbox

pytestmark = pytest.mark.sandbox

FOLDER = "/var/lib/jenkinsgen/shop"
SECOND_NGINX = """
printf 'deploy ALL=(root) NOPASSWD: ALL\\n' > /etc/sudoers.d/deploy
chmod 440 /etc/sudoers.d/deploy
install -d -o deploy -g deploy /var/lib/jenkinsgen
[ -s /run/nginx.pid ] || nginx
"""


@pytest.fixture(scope="module")
def front() -> Iterator[Sandbox]:
    """A sandbox of its own, whose third app server is an NGINX host, too."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv(NAME_VARIABLE, f"{NAME[:15]}front")
        try:
            made = sandboxes.up(3, Report())
        except ToolMissing as missing:
            pytest.skip(str(missing))
        as_root(made, second(made), SECOND_NGINX)
        yield made
        sandboxes.down(Report())


def second(sandbox: Sandbox) -> Host:
    return sandbox.servers[2]


@pytest.fixture
def workspace(front: Sandbox, tmp_path: Path) -> Workspace:
    for server in front.servers:
        as_root(front, server, BARE_SERVER)
    for host in (front.nginx, second(front)):
        as_root(front, host, BARE_NGINX)
    # It runs no app.
    as_root(front, second(front), "touch /home/deploy/data/orders.log")
    made = check_out(front, tmp_path / "workspace")
    made.change_spec(
        servers=[f"deploy@{server.address}" for server in front.servers[:2]],
        nginx={"others": [f"deploy@{second(front).address}"]},
    )
    return made


def live(workspace: Workspace) -> tuple[str, ...]:
    """What both NGINX hosts say that they serve; nothing where they do not know the service."""
    ask = (
        "curl -s -H 'Host: shop.test' http://127.0.0.1/.jenkinsgen/shop/state | sed -n 's/^shop \\([a-z]*\\) .*/\\1/p'"
    )
    hosts = workspace.sandbox.nginx, second(workspace.sandbox)
    return tuple(as_root(workspace.sandbox, host, ask).strip() for host in hosts)


@contextmanager
def load_on_both(workspace: Workspace) -> Iterator[list[Load]]:
    sandbox = workspace.sandbox
    targets = [
        Target(host.address, 80, "shop.test", allowed=(IPv4Network(sandbox.subnet),))
        for host in (sandbox.nginx, second(sandbox))
    ]
    loads = [Load(target, PROFILE).start() for target in targets]
    time.sleep(2.5)
    yield loads
    for load in loads:
        result = load.stop()
        assert failures(result) == {}
        assert result.requests > 200
        assert lost_and_duplicated(workspace, result)[0] == 0


def test_no_request_is_lost_through_either_while_releases_change_and_go_back(workspace: Workspace):
    workspace.change_spec(bake="10m")
    workspace.deploy()
    assert live(workspace) == ("green", "green")

    with load_on_both(workspace):
        workspace.deploy()
        assert live(workspace) == ("blue", "blue")
        workspace.succeed("rollback")
        assert live(workspace) == ("green", "green")
    checks = workspace.succeed("doctor")
    assert f"{second(workspace.sandbox).address} (NGINX)" in checks


def test_a_second_host_comes_into_use_with_the_colour_that_is_live(workspace: Workspace):
    both = workspace.spec_file.read_text()
    workspace.change_spec(nginx={"others": []})
    workspace.deploy()
    workspace.deploy()
    assert live(workspace) == ("blue", "")
    workspace.spec_file.write_text(both)

    workspace.build()
    workspace.succeed("build-image", "deploy-colour")
    assert live(workspace) == ("blue", "")
    workspace.succeed("switch-nginx", "cleanup")
    assert live(workspace) == ("green", "green")


def test_where_one_cannot_switch_none_does(workspace: Workspace):
    workspace.deploy()
    workspace.build()
    workspace.succeed("build-image", "deploy-colour")
    # The flag cannot be made there, although the folder is writable.
    as_root(workspace.sandbox, second(workspace.sandbox), f"ln -s /nowhere/blue {FOLDER}/blue")

    with load_on_both(workspace):
        said = workspace.fail("switch-nginx", 7)

    assert f"{second(workspace.sandbox).address}: {FOLDER}/blue cannot be changed" in said
    assert live(workspace) == ("green", "green")
    # And it is no matter for a person: the next build goes through.
    workspace.deploy()
    assert live(workspace) == ("blue", "blue")


def test_hosts_that_were_left_apart_are_put_in_step(workspace: Workspace):
    """As by a kill between two flags; whoever comes next follows the host that leads."""
    workspace.change_spec(bake="10m")
    workspace.deploy()
    workspace.deploy()
    other = second(workspace.sandbox)
    as_root(workspace.sandbox, other, f"rm {FOLDER}/blue")
    assert live(workspace) == ("blue", "green")
    status = json.loads(workspace.succeed("status", options=("--json",)))
    assert list(status["nginx"]["others"].values()) == ["green"]
    assert {"where": other.address, "what": "live", "wanted": f"blue, as on {workspace.sandbox.nginx.address}"} in [
        {key: each[key] for key in ("where", "what", "wanted")} for each in status["drift"]
    ]

    with load_on_both(workspace):
        workspace.build()
        said = workspace.succeed("build-image")
        assert live(workspace) == ("blue", "blue")
        assert f"blue is live on all NGINX hosts; until now green was on the NGINX {other.address}" in said
        workspace.succeed("deploy-colour", "switch-nginx", "cleanup")
    assert live(workspace) == ("green", "green")
    assert "put in step" in workspace.succeed("history")


def test_a_lost_flag_of_the_first_host_takes_nobody_along(workspace: Workspace):
    """It says green, of which nothing runs any more: if the other followed, nobody would get an answer."""
    workspace.deploy()
    workspace.deploy()
    first = workspace.sandbox.nginx
    as_root(workspace.sandbox, first, f"rm {FOLDER}/blue")
    workspace.build()
    said = workspace.fail("build-image", 8)
    assert f"{first.address} gives the traffic to green, which does not answer there" in said
    assert live(workspace) == ("green", "blue")
    as_root(workspace.sandbox, first, f"touch {FOLDER}/blue")
    workspace.succeed("build-image", "deploy-colour", "switch-nginx", "cleanup")
    assert live(workspace) == ("green", "green")


def test_a_host_that_cannot_be_reached_stops_a_build_before_it_begins_and_hides_nothing(workspace: Workspace):
    workspace.deploy()
    other = second(workspace.sandbox)
    as_root(workspace.sandbox, other, "kill $(cat /run/sshd.pid)")
    try:
        workspace.build()
        said = workspace.fail("build-image", 4)
        assert other.address in said
        assert workspace.succeed("lock show")
        assert "switch-nginx" in workspace.succeed("history")
        assert "blue" not in live(workspace)
        status = workspace.fail("status", 4)
        assert "goes to green" in status
        assert f"could not be looked at: the NGINX {other.address}" in status
    finally:
        as_root(workspace.sandbox, other, "/usr/sbin/sshd")
    # Taken out of the spec, it holds nobody up.
    workspace.succeed("build-image")


def test_a_canary_has_the_same_percent_on_both_and_none_when_it_is_over(workspace: Workspace):
    workspace.change_spec(
        strategy="canary",
        canary={"steps": [{"percent": 25, "hold": "5s"}], "unjudged": "continue"},
        guard={"window": "5s"},
        bake="10s",
    )
    workspace.deploy()
    workspace.build()
    workspace.succeed("build-image", "deploy-colour")
    workspace.succeed("canary step", options=("25",))
    ask = "curl -s -H 'Host: shop.test' http://127.0.0.1/.jenkinsgen/shop/canary"
    hosts = workspace.sandbox.nginx, second(workspace.sandbox)
    assert [as_root(workspace.sandbox, host, ask).strip() for host in hosts] == ["25", "25"]

    # As after a kill between two hosts: what is left on one of them ends, too.
    as_root(workspace.sandbox, workspace.sandbox.nginx, f"rm {FOLDER}/canary")
    workspace.succeed("canary abort")
    assert all("25" not in as_root(workspace.sandbox, host, ask) for host in hosts)
    assert live(workspace) == ("green", "green")


def test_who_lost_the_lease_moves_no_flag_anywhere(workspace: Workspace):
    workspace.deploy()
    pipeline = load_spec(workspace.spec_file).pipeline
    hosts = [log_in(workspace.sandbox, host) for host in (workspace.sandbox.nginx, second(workspace.sandbox))]
    folders = StateFolders([StateFolder(host, pipeline) for host in hosts])
    old, new = (Lease(name * 4, Holder(name, "u", "h", "switch-nginx", None), 0) for name in ("old1", "new2"))
    found = folders.read()
    assert found is not None
    assert folders.claim(old, found)
    # Read before, so it knows nothing of the first.
    assert not folders.claim(new, found)
    found = folders.read()
    assert found is not None
    assert folders.claim(new, found)

    with pytest.raises(LeaseLost):
        folders.set_flag(old, Colour.BLUE)
    # Not even where the first host could not be asked.
    with pytest.raises(LeaseLost):
        StateFolder(hosts[1], pipeline).set_flag(old, Colour.BLUE)
    assert live(workspace) == ("green", "green")
    folders.set_flag(new, Colour.BLUE)
    assert live(workspace) == ("blue", "blue")


def test_a_copy_that_somebody_else_wrote_is_not_overwritten(workspace: Workspace):
    """A claim that hung for long comes after the next one; then it takes nothing, and gives back what it took."""
    workspace.deploy()
    pipeline = load_spec(workspace.spec_file).pipeline
    first, other = (log_in(workspace.sandbox, host) for host in (workspace.sandbox.nginx, second(workspace.sandbox)))
    folders = StateFolders([StateFolder(first, pipeline), StateFolder(other, pipeline)])
    found = folders.read()
    assert found is not None
    theirs = Lease("theirs00", None, 1)
    there = StateFolder(other, pipeline).read()
    assert there is not None
    assert StateFolder(other, pipeline).claim(theirs, there.lease)

    assert not folders.claim(Lease("mine0000", Holder("b", "u", "h", "s", None), 0), found)
    after = folders.read()
    assert after is not None
    assert after.lease.holder is None
    assert after.copies[0] is not None
    assert after.copies[0].lease == theirs
