"""A small SSH server on loopback: what a test says about each command is what its client meets."""

from __future__ import annotations

import contextlib
import re
import socket
import threading
import time
from typing import TYPE_CHECKING

import paramiko

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence
    from pathlib import Path
    from typing import Self

from jenkinsgen.edge.ssh.host import Login
from jenkinsgen.spec.values import HostAddress

HOST_KEY = paramiko.ECDSAKey.generate()
USER_KEY = paramiko.ECDSAKey.generate()
_MARKED = re.compile(r"sh -c .* sh (jenkinsgen-[0-9a-f]+) (.*?)(?: </dev/null)?", re.DOTALL)


class _Rules(paramiko.ServerInterface):
    def __init__(
        self, serve: Callable[[paramiko.Channel, str], None], busy: int, keys: Sequence[paramiko.PKey]
    ) -> None:
        self._serve, self._busy, self._keys = serve, busy, keys

    def check_auth_publickey(self, username: str, key: paramiko.PKey) -> int:
        return paramiko.AUTH_SUCCESSFUL if username == "deploy" and key in self._keys else paramiko.AUTH_FAILED

    def get_allowed_auths(self, username: str) -> str:  # noqa: ARG002
        return "publickey"

    def check_channel_request(self, kind: str, chanid: int) -> int:  # noqa: ARG002
        self._busy -= 1
        return paramiko.OPEN_FAILED_RESOURCE_SHORTAGE if self._busy >= 0 else paramiko.OPEN_SUCCEEDED

    def check_channel_exec_request(self, channel: paramiko.Channel, command: bytes) -> bool:
        threading.Thread(target=self._run, args=(channel, command.decode()), daemon=True).start()
        return True

    def _run(self, channel: paramiko.Channel, command: str) -> None:
        # paramiko confirms the start when `check_channel_exec_request` has returned; a real sshd does that first.
        time.sleep(0.02)
        with contextlib.suppress(OSError, EOFError, paramiko.SSHException):
            self._serve(channel, _as_a_shell(channel, command))
            channel.close()


def _as_a_shell(channel: paramiko.Channel, command: str) -> str:
    """What a shell does with a command that says its mark first (edge/ssh/login_shell.py); returns that command."""
    found = _MARKED.fullmatch(command)
    if found is None:
        return command
    if "read -r" in command:
        while channel.recv(1) not in (b"\n", b""):
            pass
    channel.sendall(f"{found[1]}\n".encode())
    channel.sendall_stderr(f"{found[1]}\n".encode())
    return found[2]


class FakeSshd:
    """Serves connections; the first `turned_away` are closed without a word, as MaxStartups does.

    On each connection the first `busy` sessions are refused, as MaxSessions does. `deploy` logs in with any of `keys`.
    """

    def __init__(
        self,
        folder: Path,
        serve: Callable[[paramiko.Channel, str], None],
        *,
        turned_away: int = 0,
        busy: int = 0,
        listen: str = "127.0.0.1",
        keys: Sequence[paramiko.PKey] = (USER_KEY,),
    ) -> None:
        self._keys = keys
        self._serve, self._turned_away, self._busy = serve, turned_away, busy
        self.seen = 0
        self.transports: list[paramiko.Transport] = []
        self._socket = socket.create_server((listen, 0), backlog=200)
        self.port: int = self._socket.getsockname()[1]
        self.address = HostAddress("127.0.0.1", "deploy", self.port)
        key_file, known_hosts = folder / "key", folder / f"known_hosts-{self.port}"
        USER_KEY.write_private_key_file(str(key_file))
        known_hosts.write_text(f"[127.0.0.1]:{self.port} {HOST_KEY.get_name()} {HOST_KEY.get_base64()}\n")
        self.login = Login(key_file=str(key_file), known_hosts=str(known_hosts))

    def __enter__(self) -> Self:
        threading.Thread(target=self._accept, daemon=True).start()
        return self

    def __exit__(self, *_: object) -> None:
        self._socket.close()
        for transport in self.transports:
            transport.close()

    def _accept(self) -> None:
        while True:
            try:
                connection, _ = self._socket.accept()
            except OSError:
                return
            self.seen += 1
            if self.seen <= self._turned_away:
                connection.close()
                continue
            transport = paramiko.Transport(connection)
            transport.add_server_key(HOST_KEY)
            self.transports.append(transport)
            with contextlib.suppress(OSError, EOFError, paramiko.SSHException):
                transport.start_server(event=threading.Event(), server=_Rules(self._serve, self._busy, self._keys))


def ends(channel: paramiko.Channel, code: int = 0) -> None:
    channel.send_exit_status(code)


def trickle(channel: paramiko.Channel, _command: str) -> None:
    """Writes a little for ever."""
    while True:
        channel.sendall(b".")
        time.sleep(0.05)


def flood(channel: paramiko.Channel, _command: str) -> None:
    """Writes as fast as it can for ever."""
    while True:
        channel.sendall(b"x" * 65536)


def errors_first(channel: paramiko.Channel, _command: str) -> None:
    """Writes more than a window holds to stderr, then as much to stdout."""
    channel.sendall_stderr(b"e" * 5_000_000)
    channel.sendall(b"o" * 5_000_000)
    ends(channel, 3)


def echo(channel: paramiko.Channel, _command: str) -> None:
    """Writes back what it reads, while it reads."""
    while data := channel.recv(65536):
        channel.sendall(data)
    ends(channel)


def deaf(channel: paramiko.Channel, _command: str) -> None:
    """Ends without reading its input."""
    ends(channel, 7)
