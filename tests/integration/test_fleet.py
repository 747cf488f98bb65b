"""Real sshds that allow as little as OpenSSH does by default, or less."""

from __future__ import annotations

import socket
import threading
import time
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from typing import TYPE_CHECKING

import pytest
from conftest import as_root, log_in

from jenkinsgen.edge.docker.connect import remote_engine
from jenkinsgen.edge.ssh.host import SESSIONS
from jenkinsgen.errors import HostError

if TYPE_CHECKING:
    from collections.abc import Iterator

    from conftest import Workspace

    from jenkinsgen.sandbox import Host, Sandbox

pytestmark = pytest.mark.sandbox

CONFIG = "/etc/ssh/sshd_config"
HANG_UP = 'kill -HUP "$(cat /run/sshd.pid)"'


@contextmanager
def strict(sandbox: Sandbox, hosts: tuple[Host, ...], *, startups: str, sessions: int) -> Iterator[None]:
    """Sshd with these bounds on some hosts; connections that are there already stay as they are."""
    bounds = f"s/^MaxStartups.*/MaxStartups {startups}/; s/^MaxSessions.*/MaxSessions {sessions}/"
    set_them = f"cp {CONFIG} {CONFIG}.before; sed -i '{bounds}' {CONFIG}; {HANG_UP}"
    for host in hosts:
        as_root(sandbox, host, set_them)
    time.sleep(0.5)
    try:
        yield
    finally:
        for host in hosts:
            as_root(sandbox, host, f"mv {CONFIG}.before {CONFIG}; {HANG_UP}")
        time.sleep(0.5)


@contextmanager
def crowded(hosts: tuple[Host, ...], logins: int, seconds: float) -> Iterator[None]:
    """Strangers that hold so many unfinished logins at each host for some seconds, from now on."""
    held = [socket.create_connection((host.address, 22), timeout=5) for host in hosts for _ in range(logins)]

    def leave() -> None:
        for connection in held:
            connection.close()

    timer = threading.Timer(seconds, leave)
    timer.start()
    try:
        yield
    finally:
        timer.cancel()
        leave()


def test_a_deployment_waits_for_its_turn_at_an_sshd_that_is_full(workspace: Workspace):
    """MaxStartups 3:100:3 and three strangers: every login is dropped for as long as they are there."""
    hosts = (workspace.sandbox.nginx, *workspace.sandbox.servers)
    workspace.build()
    with strict(workspace.sandbox, hosts, startups="3:100:3", sessions=10):
        with crowded(hosts, 3, 4.0):
            workspace.succeed("build-image")
        with crowded(hosts, 3, 4.0):
            workspace.succeed("deploy-colour")
        workspace.succeed("switch-nginx", "cleanup")

    assert workspace.get() == (200, "1.0.1")


def test_an_sshd_that_stays_full_is_named_as_such(workspace: Workspace):
    server = workspace.sandbox.servers[0]
    with (
        strict(workspace.sandbox, (server,), startups="3:100:3", sessions=10),
        crowded((server,), 3, 100),
        pytest.raises(HostError) as caught,
    ):
        log_in(workspace.sandbox, server)

    assert "sshd closed the connection without a word; tried" in caught.value.message
    assert "MaxStartups" in str(caught.value)


def test_thirty_threads_log_in_through_one_door(workspace: Workspace):
    """As to many servers behind one bastion; three unfinished logins are all that it bears."""
    server = workspace.sandbox.servers[0]
    with (
        strict(workspace.sandbox, (server,), startups="3:100:3", sessions=10),
        ThreadPoolExecutor(30) as pool,
    ):
        hosts = list(pool.map(lambda _: log_in(workspace.sandbox, server), range(30)))
        said = list(pool.map(lambda host: host.check(["echo", "here"]), hosts))
        for host in hosts:
            host.close()

    assert said == ["here\n"] * 30


def test_commands_and_the_engine_share_the_ten_sessions_of_one_connection(workspace: Workspace):
    server = workspace.sandbox.servers[0]
    with strict(workspace.sandbox, (server,), startups="10:30:100", sessions=10):
        host = log_in(workspace.sandbox, server)
        engine = remote_engine(host)
        with ThreadPoolExecutor(30) as pool:
            commands = [pool.submit(host.check, ["sh", "-c", "sleep 0.2; echo here"]) for _ in range(3 * SESSIONS)]
            listings = [pool.submit(engine.containers) for _ in range(3 * SESSIONS)]
            different = [pool.submit(engine.log, f"no-such-{number}") for number in range(3 * SESSIONS)]
        host.close()

    assert {future.result() for future in commands} == {"here\n"}
    assert {len(future.result()) for future in listings} == {0}
    assert {future.result() for future in different} == {""}


@pytest.mark.parametrize("stdin", ["", "not read by anybody"])
def test_hundreds_of_short_commands_do_not_cut_their_own_connection(workspace: Workspace, stdin: str):
    host = log_in(workspace.sandbox, workspace.sandbox.nginx)
    first = host.transport
    with ThreadPoolExecutor(200) as pool:
        codes = list(pool.map(lambda _: host.run(["false"], stdin=stdin).exit_code, range(400)))
    same = host.transport is first
    host.close()

    assert codes == [1] * 400
    assert same


def test_an_engine_that_was_restarted_in_between_is_asked_anew(workspace: Workspace):
    """The idle connection to the old engine is dead; nobody notices."""
    server = workspace.sandbox.servers[0]
    host = log_in(workspace.sandbox, server)
    engine = remote_engine(host)
    assert engine.containers() == ()

    as_root(
        workspace.sandbox,
        server,
        "kill $(cat /run/docker.pid); while docker version >/dev/null 2>&1; do sleep 0.1; done",
    )
    as_root(workspace.sandbox, server, "until docker version >/dev/null 2>&1; do sleep 0.1; done")

    assert engine.containers() == ()
    host.close()


def test_more_errors_than_a_window_holds_do_not_block(workspace: Workspace):
    host = log_in(workspace.sandbox, workspace.sandbox.nginx)
    script = "head -c 5000000 /dev/zero >&2; head -c 5000000 /dev/zero"

    done = host.run(["sh", "-c", script], seconds=30)
    host.close()

    assert (done.exit_code, len(done.output), len(done.errors)) == (0, 5_000_000, 5_000_000)


def test_a_command_that_trickles_for_ever_ends_at_its_deadline_and_frees_its_place(workspace: Workspace):
    host = log_in(workspace.sandbox, workspace.sandbox.nginx)
    for _ in range(2):
        with ThreadPoolExecutor(SESSIONS) as pool:
            futures = [
                pool.submit(host.run, ["sh", "-c", "while echo .; do sleep 0.05; done"], seconds=1)
                for _ in range(SESSIONS)
            ]
        assert all("did not end within 1 s" in str(future.exception()) for future in futures)

    assert host.check(["echo", "here"]) == "here\n"
    host.close()


def test_a_network_that_swallows_packets_is_noticed(workspace: Workspace):
    """Nothing is refused, nothing comes back: the kernel's own patience would be a quarter of an hour."""
    server = workspace.sandbox.servers[0]
    host = log_in(workspace.sandbox, server)
    rule = "INPUT -p tcp --dport 22 -j DROP"
    as_root(workspace.sandbox, server, f"iptables -I {rule}")
    try:
        with pytest.raises(HostError) as caught:
            host.run(["sleep", "600"], seconds=600)
    finally:
        as_root(workspace.sandbox, server, f"iptables -D {rule}")
        host.close()

    # Nor would a test be given that long.
    assert "did not end within" not in caught.value.message
