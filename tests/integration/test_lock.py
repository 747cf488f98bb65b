"""One deployment at a time: builds that meet, builds that died, and people who give a lease back."""

from __future__ import annotations

import json
import shutil
import signal
import threading
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, HTTPServer
from typing import TYPE_CHECKING

import pytest
from conftest import Workspace, as_root

if TYPE_CHECKING:
    import subprocess
    from collections.abc import Iterator

pytestmark = pytest.mark.sandbox

LEASE = "/var/lib/jenkinsgen/shop/lease.json"
FIRST = "http://jenkins.test/job/shop/2/"
NOBODY = "deploy@127.0.0.1:9"


@pytest.fixture
def other(workspace: Workspace) -> Workspace:
    """Another build of the job, in a workspace of its own."""
    folder = workspace.folder.with_name("other")
    shutil.copytree(workspace.folder, folder)
    return Workspace(workspace.sandbox, folder, number=10)


@contextmanager
def deploying(workspace: Workspace) -> Iterator[subprocess.Popen[str]]:
    """A build that waits for a release that does not get healthy."""
    workspace.deploy()
    workspace.change_spec(service={"health": {"timeout": "60s"}})
    workspace.build(healthy="no")
    workspace.succeed("build-image")
    process = workspace.start("deploy-colour")
    try:
        workspace.await_containers([["shop-blue", "shop-green"]] * 2)
        yield process
    finally:
        process.kill()
        process.communicate()


def stopped_before_its_first_step(workspace: Workspace) -> subprocess.Popen[str]:
    """A stage that hangs as soon as it has said what it will do."""
    process = workspace.start("deploy-colour")
    assert process.stdout is not None
    for line in process.stdout:
        if line.startswith("==> "):
            break
    process.send_signal(signal.SIGSTOP)
    return process


def ended(process: subprocess.Popen[str]) -> tuple[int, str]:
    process.send_signal(signal.SIGCONT)
    said, _ = process.communicate(timeout=60)
    return process.returncode, said


def test_a_second_build_refuses_or_waits(workspace: Workspace, other: Workspace):
    with deploying(workspace) as first:
        other.build()
        said = other.fail("build-image", 8)
        assert f"another deployment is under way: {FIRST} (deploy-colour, " in said
        plan = other.fail("plan", 8)
        assert f"would refuse with exit code 8: another deployment is under way: held by {FIRST}" in plan
        waiting = other.start("build-image --wait 60s")
        assert waiting.stdout is not None
        assert "waiting" in waiting.stdout.readline()
        assert workspace.terminate(first)[0] == 143
        said, _ = waiting.communicate(timeout=60)

    assert waiting.returncode == 0, said
    other.succeed("deploy-colour", "switch-nginx", "cleanup")
    assert other.get() == (200, "1.0.11")


def test_a_holder_that_was_killed_on_this_agent_is_taken_over_at_once(workspace: Workspace, other: Workspace):
    with deploying(workspace) as first:
        first.kill()
        first.wait()
        show = workspace.succeed("lock show")
        other.build()
        said = other.succeed("build-image")

    assert f"its process {first.pid} on this agent has ended" in show
    assert f"took the lease over from {FIRST}" in said
    assert f"its process {first.pid} on this agent has ended" in said
    assert f"{FIRST} did not end its stage deploy-colour" in said
    assert "taken over: build-image" in other.succeed("history")


def elsewhere(workspace: Workspace, age: str) -> None:
    """Let the lease be that of a process on another machine, last renewed then."""
    change = f'sed -i \'s/"boot": ".*"/"boot": "another"/\' {LEASE}; chown deploy: {LEASE}; touch -d \'{age}\' {LEASE}'
    as_root(workspace.sandbox, workspace.sandbox.nginx, change)


def test_a_holder_elsewhere_has_its_time_and_no_more(workspace: Workspace, other: Workspace):
    with deploying(workspace) as first:
        first.kill()
        first.wait()
        elsewhere(workspace, "10 seconds ago")
        assert "not known to be dead" in other.fail("lock release", 8)
        assert json.loads(other.succeed("lock show --json"))["lease"]["free_because"] is None
        elsewhere(workspace, "40 seconds ago")
        assert "expired" in other.succeed("lock show")
        other.build()
        said = other.succeed("build-image")

    assert "it was not renewed for 4" in said


class _Jenkins(BaseHTTPRequestHandler):
    """Says of every build that it was aborted, and remembers what it was asked."""

    asked: list[tuple[str, str]]

    def do_GET(self) -> None:
        type(self).asked.append((self.path, self.headers.get("Authorization", "")))
        body = b'{"building": false, "result": "ABORTED"}'
        self.send_response(200)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, *_: object) -> None:
        """Quiet."""


@pytest.fixture
def jenkins() -> Iterator[tuple[str, list[tuple[str, str]]]]:
    asked: list[tuple[str, str]] = []
    server = HTTPServer(("127.0.0.1", 0), type("Jenkins", (_Jenkins,), {"asked": asked}))
    threading.Thread(target=server.serve_forever, daemon=True).start()
    yield f"http://127.0.0.1:{server.server_port}", asked
    server.shutdown()
    server.server_close()


def test_jenkins_says_that_the_build_is_over(
    workspace: Workspace, other: Workspace, jenkins: tuple[str, list[tuple[str, str]]]
):
    url, asked = jenkins
    workspace.extra["BUILD_URL"] = f"{url}/job/shop/2/"
    with deploying(workspace) as first:
        first.kill()
        first.wait()
        elsewhere(workspace, "3 seconds ago")
        other.extra |= {"JENKINS_URL": "http://127.0.0.2:1/", "JENKINS_USER": "deployer", "JENKINS_TOKEN": "t0ken"}
        # It is a build of another server: the token is not for that one.
        assert "not known to be dead" in other.succeed("lock show")
        assert asked == []
        other.extra["JENKINS_URL"] = url
        assert "yes: Jenkins says that this build has ended (ABORTED)" in other.succeed("lock show")
        other.build()
        said = other.succeed("build-image")

    assert "took the lease over" in said
    assert asked[0][0] == "/job/shop/2/api/json?tree=building,result"
    assert asked[0][1].startswith("Basic ")


def test_a_stage_fences_one_of_its_own_build_that_hangs(workspace: Workspace):
    workspace.deploy()
    workspace.build()
    workspace.succeed("build-image")
    stuck = stopped_before_its_first_step(workspace)
    try:
        workspace.succeed("deploy-colour")
        code, said = ended(stuck)
    finally:
        stuck.kill()

    assert code == 8, said
    assert f"{FIRST} (deploy-colour, " in said
    # What the younger one has made is not taken back by the older one.
    assert workspace.containers() == [["shop-blue", "shop-green"]] * 2
    workspace.succeed("switch-nginx", "cleanup")
    assert workspace.get() == (200, "1.0.2")


def test_a_stage_whose_lease_was_given_back_stops_before_its_next_step(workspace: Workspace):
    workspace.deploy()
    workspace.build()
    workspace.succeed("build-image")
    stuck = stopped_before_its_first_step(workspace)
    try:
        refused = workspace.fail("lock release", 8)
        released = workspace.succeed("lock release --force")
        code, said = ended(stuck)
    finally:
        stuck.kill()

    assert "lock release --force" in refused
    assert FIRST in released
    assert code == 8, said
    assert "somebody has released it" in said
    assert "it expires by itself" not in said
    assert "start shop-blue on port 8081 (" not in said
    assert workspace.containers() == [["shop-green"]] * 2
    assert workspace.get() == (200, "1.0.1")
    audit = next(
        event for event in json.loads(workspace.succeed("history --json"))["events"] if event["what"] == "lock release"
    )
    assert f"the lease of {FIRST} (deploy-colour, " in audit["detail"]
    assert "forced" in audit["detail"]
    workspace.succeed("deploy-colour", "switch-nginx", "cleanup")
    assert workspace.get() == (200, "1.0.2")


def test_the_lease_of_a_dead_build_can_be_given_back(workspace: Workspace):
    with deploying(workspace) as first:
        first.kill()
        first.wait()

        assert "given back" in workspace.succeed("lock release")

    assert workspace.succeed("lock show") == "nobody holds the lease\n"
    assert workspace.succeed("lock release --force") == "nobody holds the lease\n"


def test_a_stage_that_cannot_reach_a_server_gives_the_lease_back(workspace: Workspace):
    workspace.deploy()
    workspace.build()
    workspace.succeed("build-image")
    workspace.change_spec(servers=[*(f"deploy@{server.address}" for server in workspace.sandbox.servers), NOBODY])

    said = workspace.fail("deploy-colour", 4)

    assert f"{NOBODY}: cannot be reached by SSH" in said
    assert "nobody holds the lease" in workspace.succeed("lock show")
