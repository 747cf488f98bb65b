"""doctor on real hosts with real faults: each is found where it is, and hides nothing of the other hosts."""

from __future__ import annotations

import json
import socket
import subprocess
import sys
import threading
from contextlib import contextmanager
from typing import TYPE_CHECKING

import pytest
from conftest import as_root, on

if TYPE_CHECKING:
    from collections.abc import Iterator

    from conftest import Workspace

    from jenkinsgen.sandbox import Host

pytestmark = pytest.mark.sandbox

Found = dict[tuple[str, str], dict[str, str]]


def ask(workspace: Workspace, *more: str) -> subprocess.CompletedProcess[str]:
    done = subprocess.run(
        [sys.executable, "-m", "jenkinsgen", "doctor", "pipelines/shop.yaml", *more],
        cwd=workspace.folder,
        env=workspace.environment,
        capture_output=True,
        text=True,
        check=False,
        timeout=90,
    )
    assert "Traceback" not in done.stderr
    assert workspace.sandbox.registry_password not in done.stdout + done.stderr
    return done


def look(workspace: Workspace, code: int) -> Found:
    """(host, name) -> the check, of all that are not ok; ends with `code`."""
    done = ask(workspace, "--json")
    assert done.returncode == code, done.stdout + done.stderr
    checks = json.loads(done.stdout)
    assert {check["host"] for check in checks} >= {"agent", nginx_name(workspace)}
    return {(check["host"], check["name"]): check for check in checks if check["verdict"] != "ok"}


def nginx_name(workspace: Workspace) -> str:
    return f"{workspace.sandbox.nginx.address} (NGINX)"


def failures(found: Found) -> set[tuple[str, str]]:
    return {key for key, check in found.items() if check["verdict"] == "failed"}


@contextmanager
def broken(workspace: Workspace, host: Host, breaking: str, mending: str) -> Iterator[None]:
    as_root(workspace.sandbox, host, breaking)
    try:
        yield
    finally:
        as_root(workspace.sandbox, host, mending)


def traces(workspace: Workspace) -> list[str]:
    """All that a look could leave: files of NGINX, the flag's folder, containers and images."""
    sandbox = workspace.sandbox
    files = "find /etc/nginx /var/lib/jenkinsgen /run/nginx.pid -printf '%p %s %T@ %u\\n' | sort"
    engines = [on(sandbox, server, "sh", "-c", "docker ps -a; docker images") for server in sandbox.servers]
    # Their ages are in the tables of Docker; what is there is told by the number of lines.
    return [as_root(sandbox, sandbox.nginx, files), *(str(len(table.splitlines())) for table in engines)]


def test_a_healthy_fleet_is_told_host_by_host_and_not_touched(workspace: Workspace):
    # The registry is the same for all tests; to this repository nobody has pushed.
    workspace.change_spec(image={"repository": f"{workspace.sandbox.registry}/never-built"})
    before = traces(workspace)
    done = ask(workspace)
    assert done.returncode == 0, done.stdout + done.stderr
    assert traces(workspace) == before
    for host in ("agent", nginx_name(workspace), *(server.address for server in workspace.sandbox.servers)):
        assert f"\n{host}\n" in f"\n{done.stdout}"
    assert "the first deployment writes it" in done.stdout
    assert "no image yet" in done.stdout
    assert "0 failed" in done.stdout


def test_a_fleet_with_a_release_knows_it(workspace: Workspace):
    workspace.deploy()
    done = ask(workspace)
    assert done.returncode == 0, done.stdout + done.stderr
    assert "is the spec's; green is live" in done.stdout
    assert "8080 (green) answers, 8081 (blue) refused" in done.stdout
    assert "shop-green:latest, and this server may pull it" in done.stdout

    # The same, with the flag's folder in other hands: sudo does not help a deployment there.
    flags = "/var/lib/jenkinsgen/shop"
    with broken(workspace, workspace.sandbox.nginx, f"chown root {flags}", f"chown deploy {flags}"):
        found = look(workspace, 1)
    assert failures(found) == {(nginx_name(workspace), "flag folder")}
    assert (
        "jenkinsgen nginx setup pipelines/shop.yaml | ssh root@"
        in found[nginx_name(workspace), "flag folder"]["remedy"]
    )

    # And with a container that was stopped: users get errors from that server.
    server = workspace.sandbox.servers[0]
    on(workspace.sandbox, server, "docker", "stop", "-t", "1", "shop-green")
    found = look(workspace, 1)
    assert failures(found) == {(nginx_name(workspace), f"to {server.address}")}


def test_an_unknown_host_key_is_told_with_its_fingerprint(workspace: Workspace):
    first, second = workspace.sandbox.servers
    known = workspace.folder / "known"
    lines = workspace.sandbox.known_hosts.read_text().splitlines(keepends=True)
    known.write_text("".join(line for line in lines if first.address not in line))
    workspace.change_spec(ssh={"known_hosts": "known"})
    found = look(workspace, 1)
    assert failures(found) == {(first.address, "SSH")}
    assert "SHA256:" in found[first.address, "SSH"]["found"]
    assert "ssh-keyscan" in found[first.address, "SSH"]["remedy"]
    assert (second.address, "SSH") not in found


def test_ports_in_other_hands(workspace: Workspace):
    """A container that is not ours on one server, a process that is no container on the other."""
    sandbox = workspace.sandbox
    first, second = sandbox.servers
    program = f"{sandbox.prefix}-{first.name}:/tmp/app"
    subprocess.run(["docker", "cp", str(workspace.folder / "app"), program], check=True, capture_output=True)
    as_root(
        sandbox,
        first,
        "cd /tmp; echo version=0 >app.conf; chmod 755 app; tar c app app.conf | docker import - squatter >/dev/null\n"
        "docker run -d --name squatter -p 8081:8080 squatter /app >/dev/null",
    )
    with broken(workspace, second, "/usr/sbin/sshd -p 8080 -o PidFile=/run/second.pid", "kill $(cat /run/second.pid)"):
        found = look(workspace, 1)
    assert failures(found) == {(first.address, "port 8081 (blue)"), (second.address, "port 8080 (green)")}
    assert "the container squatter" in found[first.address, "port 8081 (blue)"]["found"]
    assert "a process of root that is no container" in found[second.address, "port 8080 (green)"]["found"]


def test_a_registry_that_refuses_the_login(workspace: Workspace):
    workspace.extra["JENKINSGEN_REGISTRY_PASSWORD"] = "wrong"
    found = look(workspace, 1)
    assert failures(found) == {(server.address, "registry") for server in workspace.sandbox.servers}
    check = found[workspace.sandbox.servers[0].address, "registry"]
    assert "unauthorized" in check["found"]
    assert "image.credential" in check["remedy"]


def test_a_registry_that_is_down(workspace: Workspace):
    address = workspace.sandbox.registry.partition(":")[0]
    workspace.change_spec(image={"repository": f"{address}:5001/shop"})
    found = look(workspace, 1)
    assert failures(found) == {(server.address, "registry") for server in workspace.sandbox.servers}
    assert "connection refused" in found[workspace.sandbox.servers[0].address, "registry"]["found"]


def test_nginx_that_is_stopped_and_one_that_is_broken(workspace: Workspace):
    nginx = workspace.sandbox.nginx
    name = nginx_name(workspace)
    with broken(workspace, nginx, "nginx -s stop; while [ -e /run/nginx.pid ]; do sleep 0.1; done", "nginx"):
        found = look(workspace, 1)
        assert as_root(workspace.sandbox, nginx, "ls /run/nginx.pid 2>/dev/null || :") == ""
    assert failures(found) == {(name, "NGINX")}
    assert "does not run" in found[name, "NGINX"]["found"]

    bad = "/etc/nginx/conf.d/other.conf"
    with broken(workspace, nginx, f"echo 'colour blue;' >{bad}", f"rm {bad}"):
        found = look(workspace, 1)
    assert failures(found) == {(name, "nginx -t")}
    assert 'unknown directive "colour"' in found[name, "nginx -t"]["found"]


def test_without_sudo_the_administrator_is_told_what_to_run(workspace: Workspace):
    name = nginx_name(workspace)
    rights = "/etc/sudoers.d/deploy"
    with broken(workspace, workspace.sandbox.nginx, f"mv {rights} /root/", f"mv /root/deploy {rights}"):
        found = look(workspace, 1)
    assert failures(found) == {(name, "sudo"), (name, "flag folder")}
    assert "without a password: sh, true; needed" in found[name, "sudo"]["found"]
    assert found[name, "nginx -t"]["verdict"] == "warning"


def test_a_tunnel_that_sshd_forbids(workspace: Workspace):
    configuration = "/etc/ssh/sshd_config"
    reload = "kill -HUP $(cat /run/sshd.pid); sleep 0.5"
    with broken(
        workspace,
        workspace.sandbox.nginx,
        f"cp {configuration} /root/; printf 'AllowTcpForwarding no\\nMaxSessions 2\\n' >/tmp/new\n"
        f"grep -v MaxSessions {configuration} >>/tmp/new; cp /tmp/new {configuration}; {reload}",
        f"cp /root/sshd_config {configuration}; {reload}",
    ):
        found = look(workspace, 1)
    assert failures(found) == {(nginx_name(workspace), "tunnel")}
    assert "MaxSessions 2" in found[nginx_name(workspace), "sshd limits"]["found"]


def test_a_firewall_between_nginx_and_a_server(workspace: Workspace):
    sandbox = workspace.sandbox
    first, second = sandbox.servers
    rule = f"INPUT -p tcp --dport 8081 -s {sandbox.nginx.address}"
    with (
        broken(workspace, first, f"iptables -I {rule} -j DROP", f"iptables -D {rule} -j DROP"),
        broken(
            workspace,
            second,
            f"iptables -I {rule} -j REJECT --reject-with icmp-host-prohibited",
            f"iptables -D {rule} -j REJECT --reject-with icmp-host-prohibited",
        ),
    ):
        found = look(workspace, 1)
    name = nginx_name(workspace)
    assert failures(found) == {(name, f"to {first.address}"), (name, f"to {second.address}")}
    assert "8081 (blue) no answer" in found[name, f"to {first.address}"]["found"]
    assert "No route to host" in found[name, f"to {second.address}"]["found"]


def test_a_user_who_may_not_use_docker(workspace: Workspace):
    server = workspace.sandbox.servers[0]
    with broken(workspace, server, "gpasswd -d deploy docker >/dev/null", "gpasswd -a deploy docker >/dev/null"):
        found = look(workspace, 1)
    assert failures(found) == {(server.address, "Docker")}
    assert "usermod -aG docker deploy" in found[server.address, "Docker"]["remedy"]


@contextmanager
def mute_server() -> Iterator[int]:
    """Something that takes TCP connections and never says a word; yields its port."""
    taken: list[socket.socket] = []
    with socket.create_server(("127.0.0.1", 0)) as listening:

        def take() -> None:
            try:
                while True:
                    taken.append(listening.accept()[0])
            except OSError:
                return

        threading.Thread(target=take, daemon=True).start()
        yield listening.getsockname()[1]
        listening.shutdown(socket.SHUT_RDWR)
    for connection in taken:
        connection.close()


def test_hosts_that_are_away_or_mute_hide_nothing(workspace: Workspace):
    sandbox = workspace.sandbox
    good = sandbox.servers[0].address
    away = good.rpartition(".")[0] + ".99"
    with mute_server() as port:
        mute = {"ssh": f"deploy@127.0.0.1:{port}", "address": good.rpartition(".")[0] + ".98"}
        workspace.change_spec(servers=[f"deploy@{good}", f"deploy@{away}", mute])
        found = look(workspace, 1)
    assert {(away, "SSH"), (f"127.0.0.1:{port}", "SSH")} <= failures(found)
    assert "cannot be reached by SSH" in found[away, "SSH"]["found"]
    assert not [key for key in found if key[0] == good]


def test_what_jenkins_did_not_bind_is_named(workspace: Workspace):
    workspace.change_spec(service={"secrets": {"DB_PASSWORD": "db-password"}})
    workspace.extra["JENKINSGEN_SSH_KEY"] = ""
    found = look(workspace, 1)
    assert failures(found) == {("agent", "credentials")}
    assert found[nginx_name(workspace), "SSH"]["verdict"] == "warning"
    said = ask(workspace).stdout
    assert "JENKINSGEN_SSH_KEY is not set; ssh.credential names the credential deploy-key" in said
    assert "JENKINSGEN_SECRET_DB_PASSWORD is not set" in said


def test_a_stopped_engine_is_not_waited_for_for_ever(workspace: Workspace):
    """An engine that takes connections and does not answer, as after a stuck disk."""
    server = workspace.sandbox.servers[1]
    stop, go = "kill -STOP $(cat /run/docker.pid)", "kill -CONT $(cat /run/docker.pid)"
    with broken(workspace, server, stop, go):
        found = look(workspace, 1)
    assert failures(found) == {(server.address, "Docker")}
    assert "not done within 40 s" in found[server.address, "Docker"]["found"]
    assert "Version" in on(workspace.sandbox, server, "docker", "version")
