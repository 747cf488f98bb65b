"""The demo on a sandbox of its own: everything together, from a commit to NGINX, under load."""

from __future__ import annotations

import json
import signal
import subprocess
import sys
import time
from ipaddress import IPv4Network
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

from jenkinsgen import sandbox as sandboxes
from jenkinsgen.errors import ToolMissing
from jenkinsgen.report import Report
from jenkinsgen.sandbox.clients.http_client import KeepAliveClient
from jenkinsgen.sandbox.clients.traffic import Load, Target
from jenkinsgen.sandbox.place import NAME_VARIABLE

if TYPE_CHECKING:
    from collections.abc import Iterator

pytestmark = [pytest.mark.sandbox, pytest.mark.groovy]

NAME = "demotest"
DEMO = [sys.executable, "-m", "jenkinsgen", "sandbox", "demo"]


@pytest.fixture(scope="module")
def sandbox() -> Iterator[sandboxes.Sandbox]:
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv(NAME_VARIABLE, NAME)
        try:
            yield sandboxes.up(2, Report())
        except ToolMissing as missing:
            pytest.skip(str(missing))
        finally:
            sandboxes.down(Report())


@pytest.fixture(scope="module")
def demo(sandbox: sandboxes.Sandbox) -> dict[str, Any]:  # noqa: ARG001 - the demo finds it by its name
    """What one whole demo said."""
    done = subprocess.run([*DEMO, "--json"], capture_output=True, text=True, check=False, timeout=280)
    assert done.returncode == 0, done.stdout + done.stderr
    said: dict[str, Any] = json.loads(done.stdout)
    return said


def live_version(sandbox: sandboxes.Sandbox) -> str | None:
    client = KeepAliveClient(sandbox.nginx.address, 80, "shop.test")
    try:
        return client.send("GET", "/").version
    finally:
        client.close()


def test_three_releases_and_a_refused_one_lose_no_request(demo: dict[str, Any]):
    assert demo["problems"] == []
    assert (demo["deployments"], demo["refused"]) == (3, 1)
    assert (demo["failed"], demo["duplicated"], demo["lost"], demo["mixed_seconds"]) == (0, 0, 0, 0)
    assert [release["result"] for release in demo["releases"]] == ["SUCCESS"] * 3 + ["FAILURE"]
    assert [span["version"] for span in demo["versions"]] == [r["version"] for r in demo["releases"][:3]]
    # The switch reloads nothing, so it closes no connection either.
    assert demo["load"]["order"]["connections"]["closed_while_idle"] == 0
    assert all(kind["requests"] > 0 for kind in demo["load"].values())
    assert 0 < demo["switch_ms"] < 1000


def test_what_jenkins_knows_of_secrets_is_in_no_console(demo: dict[str, Any], sandbox: sandboxes.Sandbox):
    for release in demo["releases"]:
        console = Path(release["log"]).read_text()
        assert "jenkinsgen deploy-colour" in console
        assert sandbox.registry_password not in console
        assert "PRIVATE KEY" not in console


@pytest.mark.usefixtures("demo")
def test_an_interrupted_demo_stops_its_build_and_the_last_release_serves_on(sandbox: sandboxes.Sandbox, tmp_path: Path):
    serves = live_version(sandbox)
    with (tmp_path / "talk").open("w+") as talk, subprocess.Popen(DEMO, stderr=talk) as running:
        builds = sandbox.credentials_file.parent / "jenkins" / "workspace@builds"
        log = builds / "5" / "log"
        while not (log.exists() and "start shop-" in log.read_text()):
            assert running.poll() is None
            time.sleep(0.1)
        running.send_signal(signal.SIGINT)
        running.wait(timeout=40)
        talk.seek(0)
        said = talk.read()

    assert running.returncode == 130
    assert "remove it with: jenkinsgen sandbox down" in said
    assert log.read_text().endswith("Finished: ABORTED\n")
    assert live_version(sandbox) == serves


@pytest.mark.usefixtures("demo")
def test_the_load_does_see_an_outage(sandbox: sandboxes.Sandbox):
    # Without this, "failed=0" could as well mean that nobody looked.
    target = Target(sandbox.nginx.address, 80, "shop.test", allowed=(IPv4Network(sandbox.subnet),))
    load = Load(target).start()
    time.sleep(2)
    for server in sandbox.servers:
        command = "docker kill $(docker ps -q)"
        words = ["ssh", "-F", str(sandbox.ssh_config), server.name, command]
        subprocess.run(words, check=True, capture_output=True)
    time.sleep(1)
    result = load.stop()

    assert result.failed > 0
    assert result.kinds["slow"].failed > 0
    assert any("status 50" in reason for kind in result.kinds.values() for reason in kind.reasons)
