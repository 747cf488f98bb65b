"""The SSH connection: attempts, deadlines and bounds, against a server that misbehaves as told."""

from __future__ import annotations

import socket
import threading
import time
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any

import pytest
import sshd
from sshd import FakeSshd

from jenkinsgen.edge.ssh import command as ssh_command
from jenkinsgen.edge.ssh import dial as ssh_dial
from jenkinsgen.edge.ssh.host import SESSIONS, Login, SshHost, connect
from jenkinsgen.errors import HostError
from jenkinsgen.spec.values import HostAddress

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from pathlib import Path

    import paramiko

pytestmark = pytest.mark.slow


@contextmanager
def host(tmp_path: Path, serve: Callable[[paramiko.Channel, str], None]) -> Iterator[SshHost]:
    with FakeSshd(tmp_path, serve) as server:
        connected = connect(server.address, server.login)
        try:
            yield connected
        finally:
            connected.close()


def free_port() -> int:
    with socket.create_server(("127.0.0.1", 0)) as unused:
        port: int = unused.getsockname()[1]
        return port


def test_an_sshd_that_is_busy_is_tried_again(tmp_path: Path):
    with FakeSshd(tmp_path, sshd.echo, turned_away=3) as server:
        connect(server.address, server.login).close()

        assert server.seen == 4


def test_an_sshd_that_starts_late_is_tried_again(tmp_path: Path):
    server = FakeSshd(tmp_path, sshd.echo)
    server._socket.close()

    def start() -> None:
        server._socket = socket.create_server(("127.0.0.1", server.port))
        server.__enter__()

    threading.Timer(0.5, start).start()
    connect(server.address, server.login).close()
    server.__exit__()


def test_a_host_that_refuses_is_tried_until_the_deadline_and_the_error_says_so(tmp_path: Path):
    known_hosts = tmp_path / "known_hosts"
    known_hosts.touch()

    with pytest.raises(HostError) as caught:
        connect(HostAddress("127.0.0.1", "deploy", free_port()), Login(known_hosts=str(known_hosts)), seconds=2)

    assert "connection refused; tried" in caught.value.message
    assert "only an app server that is known to be dead, for its users as well" in (caught.value.hint or "")
    assert "times in" in caught.value.message


def test_different_reasons_are_all_told(tmp_path: Path):
    with FakeSshd(tmp_path, sshd.echo, turned_away=1000) as server:
        threading.Timer(1.0, server._socket.shutdown, (socket.SHUT_RDWR,)).start()
        with pytest.raises(HostError) as caught:
            connect(server.address, server.login, seconds=3)

    assert "sshd closed the connection without a word" in caught.value.message
    assert ", then connection refused" in caught.value.message
    assert caught.value.hint is not None
    assert "MaxStartups" in caught.value.hint


def test_a_refused_login_is_never_tried_again(tmp_path: Path):
    with FakeSshd(tmp_path, sshd.echo) as server:
        with pytest.raises(HostError, match=r"the login of root with the key ecdsa-\S+ SHA256:\S+ was refused"):
            connect(HostAddress("127.0.0.1", "root", server.port), server.login)

        assert server.seen == 1


@pytest.mark.parametrize("pinned", ["", "127.0.0.1 ssh-ed25519 x\n"])
def test_an_unknown_key_is_never_tried_again(tmp_path: Path, pinned: str):
    with FakeSshd(tmp_path, sshd.echo) as server:
        known_hosts = tmp_path / "none"
        known_hosts.write_text(
            pinned.replace("x", "AAAAC3NzaC1lZDI1NTE5AAAAIJWZ2r7pYZ1q2m0n8cX2m6y0J4m3wq5yq0bqk2g0h1iJ")
        )
        with pytest.raises(HostError, match="its host key is not known"):
            connect(server.address, Login(key_file=server.login.key_file, known_hosts=str(known_hosts)))

        assert server.seen == 1


def test_a_name_without_an_address_is_never_tried_again(tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    known_hosts = tmp_path / "known_hosts"
    known_hosts.touch()
    asked: list[object] = []
    really_dial = socket.create_connection

    def dial(address: tuple[str, int], *arguments: Any, **options: Any) -> socket.socket:
        asked.append(address)
        return really_dial(address, *arguments, **options)

    monkeypatch.setattr(socket, "create_connection", dial)

    with pytest.raises(HostError, match="this name has no address") as caught:
        connect(HostAddress("no.such.host.invalid", "deploy", 22), Login(known_hosts=str(known_hosts)))

    assert "`servers`" not in str(caught.value)
    assert asked == [("no.such.host.invalid", 22)]


def test_few_logins_at_once_to_one_name(tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    lock, most, under_way = threading.Lock(), 0, 0
    really_open = ssh_dial._open

    def counted(*arguments: object) -> None:
        nonlocal most, under_way
        with lock:
            under_way += 1
            most = max(most, under_way)
        try:
            really_open(*arguments)  # type: ignore[arg-type]
        finally:
            with lock:
                under_way -= 1

    monkeypatch.setattr(ssh_dial, "_open", counted)
    with FakeSshd(tmp_path, sshd.echo) as server, ThreadPoolExecutor(32) as pool:
        for opened in list(pool.map(lambda _: connect(server.address, server.login), range(32))):
            opened.close()

    assert 1 < most <= ssh_dial.LOGINS_AT_ONCE


def test_more_errors_than_a_window_holds_do_not_block_the_output(tmp_path: Path):
    with host(tmp_path, sshd.errors_first) as connected:
        done = connected.run(["x"], seconds=20)

    assert (done.exit_code, len(done.output), len(done.errors)) == (3, 5_000_000, 5_000_000)


def test_a_long_input_that_is_echoed_does_not_block(tmp_path: Path):
    text = "0123456789" * 500_000
    with host(tmp_path, sshd.echo) as connected:
        assert connected.check(["cat"], stdin=text, seconds=20) == text


def test_a_command_that_does_not_read_its_input_is_told_by_its_code(tmp_path: Path):
    with host(tmp_path, sshd.deaf) as connected:
        assert connected.run(["x"], stdin="y" * 10_000_000, seconds=20).exit_code == 7


def test_a_command_that_trickles_for_ever_ends_at_its_deadline(tmp_path: Path):
    with host(tmp_path, sshd.trickle) as connected, pytest.raises(HostError, match="`tail` did not end within 1 s"):
        connected.run(["tail", "-f"], seconds=1)


def test_a_command_whose_start_is_never_confirmed_ends_at_its_deadline(tmp_path: Path):
    with FakeSshd(tmp_path, sshd.echo) as server:
        connected = connect(server.address, server.login)
        # It hears, but never answers.
        server.transports[0]._send_user_message = lambda _: None  # type: ignore[attr-defined]
        server.transports[0]._send_message = lambda _: None  # type: ignore[attr-defined]
        with pytest.raises(HostError):
            connected.run(["true"], seconds=1)
        connected.close()


def test_output_without_end_is_an_error(tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr(ssh_command, "MAX_OUTPUT", 3 * 1024**2)
    with host(tmp_path, sshd.flood) as connected, pytest.raises(HostError, match="`cat` wrote more than"):
        connected.run(["cat"], seconds=30)


def test_leaving_commands_that_still_write_costs_no_connection(tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr(ssh_command, "MAX_OUTPUT", 64 * 1024)
    with FakeSshd(tmp_path, sshd.flood) as server:
        connected = connect(server.address, server.login)
        for _ in range(80):
            with pytest.raises(HostError, match="`cat` wrote more than"):
                connected.run(["cat"], seconds=30)
        connected.close()

    assert server.seen == 1


def test_many_threads_share_the_places_of_one_connection(tmp_path: Path):
    lock, full, most, running = threading.Lock(), threading.Event(), 0, 0

    def serve(channel: paramiko.Channel, _command: str) -> None:
        nonlocal most, running
        with lock:
            running += 1
            most = max(most, running)
            if running == SESSIONS:
                full.set()
        # However busy the machine: the first ones wait until all places are taken.
        full.wait(10)
        time.sleep(0.05)
        with lock:
            running -= 1
        sshd.ends(channel)

    with host(tmp_path, serve) as connected, ThreadPoolExecutor(30) as pool:
        codes = list(pool.map(lambda _: connected.run(["true"]).exit_code, range(60)))

    assert codes == [0] * 60
    assert most == SESSIONS


def test_a_place_is_free_again_after_every_kind_of_end(tmp_path: Path):
    with host(
        tmp_path, lambda channel, command: (sshd.trickle if command.startswith("hang") else sshd.deaf)(channel, command)
    ) as h:
        for _ in range(SESSIONS + 2):
            with pytest.raises(HostError):
                h.run(["hang"], seconds=0.1)
        assert h.run(["true"]).exit_code == 7


def test_a_session_that_sshd_has_no_room_for_yet_is_asked_for_again(tmp_path: Path):
    with FakeSshd(tmp_path, sshd.deaf, busy=3) as server:
        connected = connect(server.address, server.login)
        assert connected.run(["true"], seconds=5).exit_code == 7
        connected.close()


def test_an_sshd_without_any_session_is_named_as_such(tmp_path: Path):
    with FakeSshd(tmp_path, sshd.deaf, busy=1000) as server:
        connected = connect(server.address, server.login)
        with pytest.raises(HostError, match="sshd opens no session") as caught:
            connected.run(["true"], seconds=1)
        connected.close()

    assert "MaxSessions" in str(caught.value)


def test_a_host_that_is_gone_is_dialled_once_for_all_threads_that_wait(tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr("jenkinsgen.edge.ssh.host.REDIAL_SECONDS", 1.0)
    with host(tmp_path, sshd.echo) as connected:
        connected.transport.close()
        connected.address = HostAddress("127.0.0.1", "deploy", connected.address.port)
        monkeypatch.setattr(ssh_dial.socket, "create_connection", _refuse)
        with ThreadPoolExecutor(8) as pool:
            futures = [pool.submit(connected.run, ["true"]) for _ in range(8)]
        errors = {str(future.exception()) for future in futures}

    assert len({error.partition("\n")[0] for error in errors}) == 1
    assert "connection refused; tried" in errors.pop()


def _refuse(*_: object, **__: object) -> socket.socket:
    raise ConnectionRefusedError


@pytest.mark.parametrize("code", [socket.EAI_AGAIN, socket.EAI_NONAME])
def test_a_name_server_that_is_away_says_nothing_of_the_host(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, code: int
):
    def ask(*_: object, **__: object) -> None:
        raise socket.gaierror(code, "as the system says it")

    monkeypatch.setattr(socket, "create_connection", ask)
    (tmp_path / "known_hosts").touch()
    with pytest.raises(HostError) as caught:
        connect(HostAddress("app1.example.com", "deploy", 22), Login(known_hosts=str(tmp_path / "known_hosts")))
    away = code == socket.EAI_AGAIN
    assert ("no name server answered" in caught.value.message) == away
    assert ("this name has no address" in caught.value.message) != away
    assert "`servers`" not in str(caught.value)


@pytest.mark.parametrize("trouble", [PermissionError(13, "no"), OSError(24, "Too many open files")])
def test_trouble_of_this_machine_is_not_the_servers(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, trouble: OSError):
    def dial(*_: object, **__: object) -> None:
        raise trouble

    monkeypatch.setattr(socket, "create_connection", dial)
    (tmp_path / "known_hosts").touch()
    with pytest.raises(HostError, match="cannot be reached by SSH") as caught:
        connect(HostAddress("app1.example.com", "deploy", 22), Login(known_hosts=str(tmp_path / "known_hosts")))
    assert "`servers`" not in str(caught.value)
