"""The four stages on real engines, a real sshd, a real NGINX and a real registry."""

from __future__ import annotations

import json
import socket
import subprocess
import threading
import time
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from typing import TYPE_CHECKING

import pytest
from conftest import as_root, on

if TYPE_CHECKING:
    from collections.abc import Iterator

    from conftest import Workspace

    from jenkinsgen.sandbox import Host

pytestmark = pytest.mark.sandbox


def test_the_first_release_sets_nginx_up_and_serves(workspace: Workspace):
    said = workspace.deploy()

    assert workspace.get() == (200, "1.0.1")
    assert workspace.release["colour"] == "green"
    assert workspace.containers() == [["shop-green"], ["shop-green"]]
    assert "live is nothing yet" in said


def test_an_image_without_expose_is_deployed(workspace: Workspace):
    assert "EXPOSE" not in (workspace.folder / "Dockerfile").read_text()

    workspace.deploy()

    assert workspace.get() == (200, "1.0.1")


def test_the_next_release_takes_the_other_colour_and_only_it_is_left(workspace: Workspace):
    workspace.deploy()
    workspace.deploy()

    assert workspace.get() == (200, "1.0.2")
    assert workspace.release["colour"] == "blue"
    assert workspace.containers() == [["shop-blue"], ["shop-blue"]]
    for server in workspace.sandbox.servers:
        images = on(workspace.sandbox, server, "docker", "images", "--format", "{{.Repository}}")
        assert "shop-green" not in images


def test_the_container_is_what_the_spec_says(workspace: Workspace):
    workspace.change_spec(
        service={"environment": {"PROFILE": 'dev "quoted" $HOME'}, "secrets": {"DB_PASSWORD": "db-password"}}
    )
    workspace.extra["JENKINSGEN_SECRET_DB_PASSWORD"] = "s3cr3t-$x"

    said = workspace.deploy()

    found = on(workspace.sandbox, workspace.sandbox.servers[0], "docker", "inspect", "shop-green")
    (container,) = json.loads(found)
    assert container["HostConfig"]["Memory"] == 100 * 1024**2
    assert container["HostConfig"]["NanoCpus"] == 1_800_000_000
    assert container["HostConfig"]["Binds"] == ["/home/deploy/data:/data"]
    assert container["Config"]["Image"].endswith("@" + workspace.release["digest"])
    assert 'PROFILE=dev "quoted" $HOME' in container["Config"]["Env"]
    assert "DB_PASSWORD=s3cr3t-$x" in container["Config"]["Env"]
    labels = container["Config"]["Labels"]
    assert labels["jenkinsgen.version"] == workspace.release["version"]
    assert labels["jenkinsgen.build-url"] == "http://jenkins.test/job/shop/1/"
    for secret in ("s3cr3t-$x", workspace.sandbox.registry_password):
        assert secret not in said
        for path in workspace.folder.rglob("*"):
            assert not path.is_file() or secret.encode() not in path.read_bytes()


def test_image_tags_are_in_the_registry_and_not_on_the_agent(workspace: Workspace):
    workspace.build()
    workspace.succeed("build-image")

    release = workspace.release
    server = workspace.sandbox.servers[0]
    login = f"docker login -u {workspace.sandbox.registry_user} --password-stdin {workspace.sandbox.registry}"
    on(workspace.sandbox, server, "sh", "-c", f"echo {workspace.sandbox.registry_password} | {login} 2>/dev/null")
    for tag in ("latest", release["version"]):
        pulled = on(workspace.sandbox, server, "docker", "pull", f"{release['repository']}:{tag}")
        assert release["digest"] in pulled
    on(workspace.sandbox, server, "docker", "logout", workspace.sandbox.registry)
    import docker  # noqa: PLC0415 - the agent's engine

    engine = docker.from_env()
    assert [image for image in engine.images.list() if any("shop" in tag for tag in image.tags)] == []
    engine.close()


def test_a_release_that_never_gets_healthy_is_refused(workspace: Workspace):
    workspace.deploy()
    workspace.change_spec(service={"health": {"timeout": "2s"}})
    workspace.build(healthy="no")
    workspace.succeed("build-image")

    said = workspace.fail("deploy-colour", 6)

    assert "shop-blue was not healthy within 2s" in said
    assert "status 503" in said
    assert "service.health.timeout" in said
    assert workspace.containers() == [["shop-green"], ["shop-green"]]
    assert workspace.get() == (200, "1.0.1")
    assert "it was not switched to" in workspace.fail("cleanup", 8)
    assert "does not run as blue" in workspace.fail("switch-nginx", 8)


def test_a_container_that_ends_is_reported_at_once(workspace: Workspace):
    workspace.change_spec(service={"health": {"timeout": "60s"}})
    workspace.build(exit_at_start=1)
    workspace.succeed("build-image")

    said = workspace.fail("deploy-colour", 6)

    assert "ended with exit code" in said
    assert "within 60s" not in said
    assert "the end of its log" in said
    assert workspace.containers() == [[], []]


def test_health_can_be_looked_at_from_the_nginx_host(workspace: Workspace):
    workspace.change_spec(service={"health": {"from": "nginx"}})

    workspace.deploy()

    assert workspace.get() == (200, "1.0.1")


def test_every_stage_can_be_run_again(workspace: Workspace):
    workspace.deploy()
    workspace.build()
    for stage in ("build-image", "deploy-colour", "switch-nginx", "cleanup"):
        workspace.succeed(stage, stage)

    assert workspace.get() == (200, "1.0.2")
    assert "serves already" in workspace.succeed("deploy-colour")


def test_what_is_not_ours_is_never_removed(workspace: Workspace):
    workspace.build()
    workspace.succeed("build-image")
    server = workspace.sandbox.servers[1]
    image = f"{workspace.release['repository']}@{workspace.release['digest']}"
    run = f"docker import /bin/true x >/dev/null 2>&1; docker create --name shop-green -l owner=somebody {image}"
    login = f"docker login -u {workspace.sandbox.registry_user} --password-stdin {workspace.sandbox.registry}"
    on(workspace.sandbox, server, "sh", "-c", f"echo {workspace.sandbox.registry_password} | {login} 2>/dev/null")
    on(workspace.sandbox, server, "sh", "-c", f"docker pull -q {image}; {run}")
    on(workspace.sandbox, server, "docker", "logout", workspace.sandbox.registry)

    said = workspace.fail("deploy-colour", 8)

    assert "that jenkinsgen did not make" in said
    assert workspace.containers() == [[], ["shop-green"]]


def test_sigterm_takes_the_new_colour_back(workspace: Workspace):
    workspace.deploy()
    workspace.change_spec(service={"health": {"timeout": "60s"}})
    workspace.build(healthy="no")
    workspace.succeed("build-image")
    process = workspace.start("deploy-colour")
    workspace.await_containers([["shop-blue", "shop-green"]] * 2)

    code, said = workspace.terminate(process)

    assert code == 143, said
    assert workspace.containers() == [["shop-green"], ["shop-green"]]
    assert workspace.get() == (200, "1.0.1")


def test_a_killed_stage_is_made_good_by_the_next_build(workspace: Workspace):
    workspace.deploy()
    workspace.change_spec(service={"health": {"timeout": "60s"}})
    workspace.build(healthy="no")
    workspace.succeed("build-image")
    process = workspace.start("deploy-colour")
    workspace.await_containers([["shop-blue", "shop-green"]] * 2)
    process.kill()
    process.communicate()

    workspace.deploy(healthy="yes")

    assert workspace.containers() == [["shop-blue"], ["shop-blue"]]
    assert workspace.get() == (200, "1.0.3")


def test_a_request_that_began_before_the_ports_changed_is_answered(workspace: Workspace):
    """The drain watches where NGINX has sent it, not where the spec would send it now."""
    workspace.deploy()
    workspace.build()
    workspace.change_spec(service={"ports": {"green": 8090, "blue": 8091}})
    workspace.succeed("build-image", "deploy-colour")
    with ThreadPoolExecutor(2) as pool:
        # While the workers of the old file finish this one, those of the new file send another one to the same colour.
        first = pool.submit(workspace.get, "/slow?ms=5000")
        time.sleep(0.5)
        switching = workspace.start("switch-nginx")
        time.sleep(3)
        second = pool.submit(workspace.get, "/slow?ms=8000")
        said, _ = switching.communicate(timeout=60)
        assert switching.returncode == 0, said
        workspace.succeed("cleanup")
        assert [first.result(), second.result()] == [(200, "1.0.1")] * 2

    assert workspace.get() == (200, "1.0.2")
    assert workspace.containers() == [["shop-blue"]] * 2


def test_a_slow_upload_that_began_before_the_switch_is_answered(workspace: Workspace):
    """NGINX chooses the colour when the headers are there; the body comes while the old colour drains."""
    workspace.deploy()
    workspace.build()
    workspace.succeed("build-image", "deploy-colour")
    answer: list[bytes] = []

    def upload() -> None:
        with socket.create_connection((workspace.sandbox.nginx.address, 80), timeout=30) as connection:
            connection.sendall(
                b"POST /orders?id=slow HTTP/1.1\r\nHost: shop.test\r\nTransfer-Encoding: chunked\r\n"
                b"Connection: close\r\n\r\n"
            )
            for _ in range(10):
                connection.sendall(b"5\r\nhello\r\n")
                time.sleep(0.5)
            connection.sendall(b"0\r\n\r\n")
            answer.append(connection.makefile("rb").read())

    thread = threading.Thread(target=upload)
    thread.start()
    time.sleep(0.5)
    workspace.succeed("switch-nginx", "cleanup")
    thread.join()

    assert b"200 OK" in answer[0].splitlines()[0]
    assert b"bytes=50" in answer[0]
    assert b"X-Version: 1.0.1" in answer[0]


def test_a_server_is_added(workspace: Workspace):
    """NGINX's file changes; the live colour keeps its servers until it goes."""
    both = [f"deploy@{server.address}" for server in workspace.sandbox.servers]
    workspace.change_spec(servers=both[:1])
    workspace.deploy()
    assert workspace.containers() == [["shop-green"], []]

    workspace.change_spec(servers=both)
    workspace.build()
    workspace.succeed("build-image", "deploy-colour")
    for _ in range(4):
        assert workspace.get() == (200, "1.0.1")
    workspace.succeed("switch-nginx", "cleanup")

    assert workspace.containers() == [["shop-blue"], ["shop-blue"]]
    for _ in range(4):
        assert workspace.get() == (200, "1.0.2")
    workspace.deploy()
    site = as_root(workspace.sandbox, workspace.sandbox.nginx, "cat /etc/nginx/conf.d/jenkinsgen-shop.conf")
    assert site.count(f"server {workspace.sandbox.servers[1].address}:") == 2


def test_a_switch_that_cannot_be_proven_is_taken_back(workspace: Workspace):
    workspace.deploy()
    server = workspace.sandbox.servers[1]
    workspace.build()
    workspace.succeed("build-image", "deploy-colour")
    with _workers_kept_from(workspace, server, 8081):
        said = workspace.fail("switch-nginx", 7)

    assert f"{server.address}:8081 did not answer healthily through NGINX" in said
    assert "switch to green" in said
    assert workspace.get() == (200, "1.0.1")


def test_a_first_switch_that_cannot_be_proven_leaves_nginx_as_it_was(workspace: Workspace):
    workspace.build()
    workspace.succeed("build-image", "deploy-colour")
    with _workers_kept_from(workspace, workspace.sandbox.servers[0], 8080):
        said = workspace.fail("switch-nginx", 7)

    assert "remove /etc/nginx/conf.d/jenkinsgen-shop.conf" in said
    assert as_root(workspace.sandbox, workspace.sandbox.nginx, "ls /etc/nginx/conf.d") == ""


def test_a_server_that_the_nginx_host_does_not_reach_stops_a_switch_before_it_moves_anything(workspace: Workspace):
    """A firewall lets the agent through, and the NGINX host to the old port alone."""
    workspace.deploy()
    server = workspace.sandbox.servers[1]
    workspace.build()
    workspace.succeed("build-image", "deploy-colour")
    with _cut_off_from_nginx(workspace, server):
        said = workspace.fail("switch-nginx", 7)

    assert "prove that the NGINX host reaches blue: failed" in said
    assert "switch to" not in said
    assert workspace.get() == (200, "1.0.1")


@contextmanager
def _workers_kept_from(workspace: Workspace, server: Host, port: int) -> Iterator[None]:
    """The NGINX host reaches a port of a server, but NGINX's workers do not, as SELinux may have it."""
    sandbox = workspace.sandbox
    network = f"container:{sandbox.prefix}-{sandbox.nginx.name}"
    match = f"OUTPUT -m owner --uid-owner www-data -d {server.address} -p tcp --dport {port} -j REJECT"

    def iptables(change: str) -> None:
        of_the_host = ["docker", "run", "--rm", "--network", network, "--cap-add", "NET_ADMIN", sandbox.image]
        subprocess.run([*of_the_host, "iptables", change, *match.split()], check=True)

    iptables("-I")
    try:
        yield
    finally:
        iptables("-D")


@contextmanager
def _cut_off_from_nginx(workspace: Workspace, server: Host) -> Iterator[None]:
    # A published port is translated before the packet is forwarded, so the rule names the container's own port.
    rule = f"FORWARD -s {workspace.sandbox.nginx.address} -p tcp --dport 8080 -j REJECT"
    as_root(workspace.sandbox, server, f"iptables -I {rule}")
    try:
        yield
    finally:
        as_root(workspace.sandbox, server, f"iptables -D {rule}")
