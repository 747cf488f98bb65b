"""NGINX in a container, a read-only one, on a host that has no NGINX of its own."""

from __future__ import annotations

import json
import subprocess
import sys
from dataclasses import replace
from typing import TYPE_CHECKING

import pytest
from conftest import as_root, log_in
from sandbox_workspace import BARE_SERVER, NAME, check_out
from test_guard import LOG
from test_nginx_modes import prepare
from test_under_load import failures, load_on, lost_and_duplicated

from jenkinsgen import sandbox as sandboxes
from jenkinsgen.edge.nginx.access_log import AccessLog
from jenkinsgen.errors import ToolMissing
from jenkinsgen.report import Report
from jenkinsgen.sandbox.place import NAME_VARIABLE
from jenkinsgen.spec.colour import Colour

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from conftest import Workspace

    from jenkinsgen.sandbox import Sandbox

pytestmark = pytest.mark.sandbox

SHARED = "-v /etc/nginx:/etc/nginx:ro -v /var/lib/jenkinsgen:/var/lib/jenkinsgen:ro -v /var/log/nginx:/var/log/nginx"
# What docs/nginx.md says, and harder: nothing but what is shared can be written.
RUN = (
    "docker run -d --name web --network host --read-only --tmpfs /run --tmpfs /var/lib/nginx --tmpfs /home"
    f" {SHARED} bare-nginx nginx -g 'daemon off;' >/dev/null"
)
# NGINX, a shell, and the libraries of both; then the host's own NGINX goes, so that nothing can be done by it.
IMAGE = """
[ -e /usr/sbin/nginx ] || exit 0
install -d /var/lib/jenkinsgen
printf 'deploy ALL=(root) NOPASSWD: ALL\\n' >/etc/sudoers.d/deploy
# Each program is the heading of its libraries.
files=$(ldd /usr/sbin/nginx /usr/lib/nginx/modules/*.so /bin/sh /bin/sleep | grep -o '/[^ :]*' | sort -u)
mkdir -p /tmp/empty/run /tmp/empty/tmp /tmp/empty/home
tar -ch $files /usr/share/nginx /etc/passwd /etc/group -C /tmp/empty run tmp home 2>/dev/null |
    docker import - bare-nginx >/dev/null
rm /usr/sbin/nginx
"""
CLEAN = """
docker rm -f web >/dev/null 2>&1 || :
rm -rf /var/lib/jenkinsgen/* /var/lib/jenkinsgen/.try.* /etc/nginx/conf.d/* /etc/nginx/sites-enabled/shop.conf
rm -rf /home/deploy/shop-conf /var/log/nginx/*
"""


@pytest.fixture(scope="module")
def fleet() -> Iterator[Sandbox]:
    """Three hosts with Docker; NGINX is to be on the third, and the sandbox's own has nothing to do."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv(NAME_VARIABLE, f"{NAME[:15]}box")
        try:
            made = sandboxes.up(3, Report())
        except ToolMissing as missing:
            pytest.skip(str(missing))
        try:
            as_root(made, made.servers[2], IMAGE)
            yield replace(made, nginx=made.servers[2], servers=made.servers[:2])
        finally:
            sandboxes.down(Report())


@pytest.fixture
def workspace(fleet: Sandbox, tmp_path: Path) -> Workspace:
    """A fresh checkout whose spec names the container, which runs; nothing has ever been deployed."""
    for server in fleet.servers:
        as_root(fleet, server, BARE_SERVER)
    run(fleet, RUN)
    made = check_out(fleet, tmp_path / "workspace")
    made.change_spec(
        servers=[f"deploy@{server.address}" for server in fleet.servers],
        nginx={"host": f"deploy@{fleet.nginx.address}", "container": "web"},
    )
    return made


def run(fleet: Sandbox, command: str) -> None:
    """Make the container anew."""
    as_root(fleet, fleet.nginx, f"{CLEAN}\n{command}")


def doctor(workspace: Workspace) -> dict[str, tuple[str, str, str]]:
    """What doctor says of the NGINX host: name -> verdict, what it found, remedy."""
    command = [sys.executable, "-m", "jenkinsgen", "doctor", "--json", "pipelines/shop.yaml"]
    done = subprocess.run(
        command, cwd=workspace.folder, env=workspace.environment, capture_output=True, text=True, check=False
    )
    assert "Traceback" not in done.stderr
    host = f"{workspace.sandbox.nginx.address} (NGINX)"
    return {
        each["name"]: (each["verdict"], each["found"], each["remedy"])
        for each in json.loads(done.stdout)
        if each["host"] == host
    }


def files(workspace: Workspace) -> str:
    return as_root(workspace.sandbox, workspace.sandbox.nginx, "ls -A /etc/nginx/conf.d /var/lib/jenkinsgen")


def test_releases_change_without_a_failed_request(workspace: Workspace):
    workspace.deploy()
    load = load_on(workspace)
    workspace.deploy()
    workspace.succeed("rollback")
    result = load.stop()

    assert failures(result) == {}
    assert result.requests > 500
    assert [span.version for span in result.versions] == ["1.0.1", "1.0.2"]
    assert workspace.get() == (200, "1.0.1")
    assert lost_and_duplicated(workspace, result) == (0, 0)
    assert sorted(files(workspace).split()) == sorted(
        ["/etc/nginx/conf.d:", "jenkinsgen-shop.conf", "/var/lib/jenkinsgen:", "shop"]
    )
    found = doctor(workspace)
    assert {verdict for verdict, _, _ in found.values()} == {"ok"}
    assert "runs in the container web" in found["NGINX"][1]
    assert "has the host's network, /etc/nginx, /var/lib/jenkinsgen" in found["container"][1]
    assert found["nginx -t"][1] == "the configuration is valid"


def test_a_configuration_that_somebody_broke_changes_nothing(workspace: Workspace):
    workspace.deploy()
    nginx = workspace.sandbox.nginx
    site = as_root(workspace.sandbox, nginx, "cat /etc/nginx/conf.d/jenkinsgen-shop.conf")
    as_root(workspace.sandbox, nginx, "echo 'nonsense;' >/etc/nginx/conf.d/other.conf")
    before = files(workspace)
    # Another site file is needed for it.
    workspace.change_spec(nginx={"proxy": {"read_timeout": "70s"}})
    workspace.build()
    workspace.succeed("build-image", "deploy-colour")

    said = workspace.fail("switch-nginx", 7)

    assert 'unknown directive "nonsense" in /etc/nginx/conf.d/other.conf:1' in said
    assert "nothing was changed" in said
    assert workspace.get() == (200, "1.0.1")
    assert files(workspace) == before
    assert as_root(workspace.sandbox, nginx, "cat /etc/nginx/conf.d/jenkinsgen-shop.conf") == site


def test_root_tries_nothing_where_somebody_else_could_put_a_link(workspace: Workspace):
    workspace.build()
    workspace.succeed("build-image", "deploy-colour")
    host = workspace.sandbox.nginx
    as_root(workspace.sandbox, host, "chown deploy /var/lib/jenkinsgen")
    try:
        said = workspace.fail("switch-nginx", 7)
    finally:
        as_root(workspace.sandbox, host, "chown root /var/lib/jenkinsgen")
    assert "/var/lib/jenkinsgen has to be root's alone to write" in said
    assert "jenkinsgen-shop.conf" not in files(workspace)
    assert ".try" not in files(workspace)
    workspace.succeed("switch-nginx")


def test_a_site_that_nginx_does_not_take_is_put_back(workspace: Workspace):
    """That a port is taken is not seen by `nginx -t`; only the reload meets it."""
    workspace.deploy()
    nginx = workspace.sandbox.nginx
    as_root(workspace.sandbox, nginx, "echo 'server { listen 22; }' >/etc/nginx/conf.d/other.conf")
    site = as_root(workspace.sandbox, nginx, "cat /etc/nginx/conf.d/jenkinsgen-shop.conf")
    workspace.change_spec(nginx={"proxy": {"read_timeout": "70s"}})
    workspace.build()
    workspace.succeed("build-image", "deploy-colour")

    said = workspace.fail("switch-nginx", 7)

    assert "which was put back" in said
    assert workspace.get() == (200, "1.0.1")
    assert as_root(workspace.sandbox, nginx, "cat /etc/nginx/conf.d/jenkinsgen-shop.conf") == site


@pytest.mark.parametrize(
    ("command", "name", "found", "remedy"),
    [
        (RUN.replace("--network host", "-p 80:80"), "container's network", "a network of its own", "--network host"),
        (
            RUN.replace("-v /var/lib/jenkinsgen:/var/lib/jenkinsgen:ro", ""),
            "container's mounts",
            "does not see this host's /var/lib/jenkinsgen",
            "-v /var/lib/jenkinsgen:/var/lib/jenkinsgen:ro",
        ),
        (
            f"{RUN}\ndocker stop -t 1 web >/dev/null",
            "container",
            "the container web does not run (exited)",
            "start web",
        ),
        ("docker run -d --name web bare-nginx sleep 99 >/dev/null", "container", "no NGINX runs in", "docker top web"),
        (":", "container", "there is no container web", "docs/nginx.md"),
    ],
)
def test_a_container_that_cannot_be_it_is_told_before_the_build(
    workspace: Workspace, command: str, name: str, found: str, remedy: str
):
    run(workspace.sandbox, command)
    checks = doctor(workspace)
    assert {each for each, (verdict, _, _) in checks.items() if verdict == "failed"} == {name}
    assert found in checks[name][1]
    assert remedy in checks[name][2]
    workspace.build()

    said = workspace.fail("build-image", 7)

    assert f"{workspace.sandbox.nginx.address}: " in said
    assert found in said
    assert remedy in said


def test_a_container_made_anew_without_its_flags_is_named_by_the_switch(workspace: Workspace):
    workspace.deploy()
    short = RUN.replace("-v /var/lib/jenkinsgen:/var/lib/jenkinsgen:ro", "")
    as_root(workspace.sandbox, workspace.sandbox.nginx, f"docker rm -f web >/dev/null\n{short}")
    workspace.build()
    workspace.succeed("build-image", "deploy-colour")

    said = workspace.fail("switch-nginx", 7)

    assert "the container web does not see this host's /var/lib/jenkinsgen" in said
    assert workspace.get() == (200, "1.0.1")


def test_without_sudo_an_administrator_is_asked_once(workspace: Workspace):
    """Here NGINX is not the container's first process: a shell has started it."""
    nginx = workspace.sandbox.nginx
    run(workspace.sandbox, RUN.replace("nginx -g 'daemon off;'", "sh -c 'nginx; while :; do sleep 1; done'"))
    as_root(workspace.sandbox, nginx, "mv /etc/sudoers.d/deploy /root/deploy.sudoers; gpasswd -d deploy docker")
    try:
        workspace.build()
        assert "jenkinsgen nginx setup" in workspace.fail("build-image", 8)
        command = [sys.executable, "-m", "jenkinsgen", "nginx", "setup", "pipelines/shop.yaml"]
        setup = subprocess.run(command, cwd=workspace.folder, capture_output=True, text=True, check=True)
        as_root(workspace.sandbox, nginx, setup.stdout)
        workspace.deploy()
        workspace.deploy()
        found = doctor(workspace)
        # The flag outlives the container.
        as_root(workspace.sandbox, nginx, "docker restart -t 1 web; until curl -so /run/answer 127.0.0.1; do :; done")
    finally:
        as_root(workspace.sandbox, nginx, "mv /root/deploy.sudoers /etc/sudoers.d/deploy; usermod -aG docker deploy")

    assert workspace.get() == (200, "1.0.3")
    assert found["NGINX"][0] == "warning"
    assert "permission denied" in found["NGINX"][1].lower()
    assert [name for name, (verdict, _, _) in found.items() if verdict == "failed"] == []


def test_mode_reload_switches_between_the_prepared_files(workspace: Workspace):
    prepare(workspace)
    workspace.deploy()
    workspace.deploy()

    assert workspace.get() == (200, "1.0.2")
    assert workspace.containers() == [["shop-blue"], ["shop-blue"]]


def test_a_guard_reads_the_log_on_the_host_and_must_be_able_to(workspace: Workspace):
    workspace.change_spec(bake="1m", guard={})
    workspace.build()
    workspace.succeed("build-image", "deploy-colour", "switch-nginx")
    assert workspace.get() == (200, "1.0.1")
    host = log_in(workspace.sandbox, workspace.sandbox.nginx)
    try:
        (request,) = AccessLog(host, LOG).recent(60).requests
    finally:
        host.close()
    assert (request.colour, request.status) == (Colour.GREEN, 200)

    run(workspace.sandbox, RUN.replace("-v /var/log/nginx:/var/log/nginx", "--tmpfs /var/log/nginx"))
    verdict, found, remedy = doctor(workspace)["container's mounts"]
    assert verdict == "failed"
    assert "/var/log/nginx" in found
    assert remedy.endswith("-v /var/log/nginx:/var/log/nginx")
