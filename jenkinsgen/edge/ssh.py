"""One SSH connection to one host, shared by commands, tunnels and the Docker API."""

from __future__ import annotations

import base64
import hashlib
import os
import shlex
import socket
import threading
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

import paramiko
from paramiko.hostkeys import InvalidHostKey

from jenkinsgen.errors import CommandFailed, HostError

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from jenkinsgen.spec.values import HostAddress

CONNECT_SECONDS = 10.0
COMMAND_SECONDS = 60.0
# A dead peer is noticed although nothing is sent.
KEEPALIVE_SECONDS = 15


@dataclass(frozen=True, slots=True)
class Login:
    """Who logs in, with what, and which host keys are trusted."""

    user: str | None = None
    """For hosts whose address names no user."""
    key_file: str | None = None
    """Without it: the keys of the user that runs this, and its ssh-agent."""
    passphrase: str | None = None
    known_hosts: str | None = None
    """Without it: ~/.ssh/known_hosts."""


@dataclass(frozen=True, slots=True)
class Completed:
    """What a command on a host said."""

    exit_code: int
    output: str
    errors: str


class _UnknownHostKey(Exception):
    def __init__(self, key: paramiko.PKey) -> None:
        super().__init__()
        self.key = key


class _Refuse(paramiko.MissingHostKeyPolicy):
    """An unknown key is never accepted silently."""

    def missing_host_key(self, client: paramiko.SSHClient, hostname: str, key: paramiko.PKey) -> None:  # noqa: ARG002
        raise _UnknownHostKey(key)


class SshHost:
    """A connected host. Errors are HostError and say which host, why, and what to do."""

    def __init__(self, address: HostAddress, client: paramiko.SSHClient, reopen: Callable[[], None]) -> None:
        self.address = address
        self.client = client
        self._reopen = reopen
        self._reopening = threading.Lock()

    @property
    def transport(self) -> paramiko.Transport:
        """The connection; opened anew when it is gone, so that a cut one does not keep anything from being taken back.

        What was under way on the old one has failed by then: nothing is done twice. Raises HostError.
        """
        with self._reopening:
            transport = self.client.get_transport()
            if transport is None or not transport.is_active():
                self._reopen()
                transport = self.client.get_transport()
            if transport is None:
                raise HostError(f"{self.address}: the SSH connection is gone", hint="run the stage again; it is safe")
            return transport

    def run(self, argv: Sequence[str], *, stdin: str = "", seconds: float = COMMAND_SECONDS) -> Completed:
        """Run one command, without a terminal; the words are quoted here and nowhere else.

        Raises HostError when the connection breaks or the command takes longer than `seconds`.
        """
        try:
            channel = self.transport.open_session(timeout=CONNECT_SECONDS)
            with channel:
                channel.settimeout(seconds)
                channel.exec_command(shlex.join(argv))
                channel.sendall(stdin.encode())
                channel.shutdown_write()
                output = channel.makefile("rb").read()
                errors = channel.makefile_stderr("rb").read()
                exit_code = channel.recv_exit_status()
        except TimeoutError as error:
            raise HostError(f"{self.address}: `{argv[0]}` did not end within {seconds:.0f} s") from error
        except (paramiko.SSHException, OSError, EOFError) as error:
            raise HostError(
                f"{self.address}: the SSH connection broke ({str(error) or type(error).__name__})",
                hint="run the stage again; it is safe",
            ) from error
        if exit_code == -1:
            raise HostError(
                f"{self.address}: `{argv[0]}` was killed, or the SSH connection broke",
                hint="run the stage again; it is safe",
            )
        return Completed(exit_code, output.decode(errors="replace"), errors.decode(errors="replace"))

    def check(self, argv: Sequence[str], *, stdin: str = "", seconds: float = COMMAND_SECONDS) -> str:
        """Like `run`, but raises CommandFailed when the command does not end with 0; returns its output."""
        done = self.run(argv, stdin=stdin, seconds=seconds)
        if done.exit_code != 0:
            said = (done.errors or done.output).strip() or "it said nothing"
            raise CommandFailed(f"{self.address}: `{argv[0]}` ended with {done.exit_code}: {said}")
        return done.output

    def open_tunnel(self, address: str, port: int) -> paramiko.Channel:
        """A connection from that host to `address:port`, as if it were a socket. Raises OSError."""
        try:
            channel = self.transport.open_channel(
                "direct-tcpip", (address, port), ("127.0.0.1", 0), timeout=CONNECT_SECONDS
            )
        except paramiko.ChannelException as error:
            if error.code == 1:
                raise HostError(
                    f"{self.address}: its sshd forbids tunnels (AllowTcpForwarding no)",
                    hint=f"allow `AllowTcpForwarding local` for this user in its sshd_config, only towards {port}",
                ) from error
            raise ConnectionRefusedError(f"{address}:{port} refused the connection") from error
        except (paramiko.SSHException, EOFError) as error:
            raise ConnectionError(str(error) or type(error).__name__) from error
        return channel

    def close(self) -> None:
        self.client.close()


def connect(address: HostAddress, login: Login) -> SshHost:
    """Open a connection. Raises HostError: unreachable, unknown or changed host key, refused login."""
    client = paramiko.SSHClient()
    client.set_missing_host_key_policy(_Refuse())
    known_hosts = _load_known_hosts(client, login)

    def open_it() -> None:
        _open(client, address, login, known_hosts)

    open_it()
    return SshHost(address, client, open_it)


def _open(client: paramiko.SSHClient, address: HostAddress, login: Login, known_hosts: str) -> None:
    user = address.user or login.user
    try:
        client.connect(
            address.name,
            port=address.port,
            username=user,
            key_filename=login.key_file,
            passphrase=login.passphrase or None,
            allow_agent=login.key_file is None,
            look_for_keys=login.key_file is None,
            timeout=CONNECT_SECONDS,
            banner_timeout=CONNECT_SECONDS,
            auth_timeout=CONNECT_SECONDS,
        )
    except _UnknownHostKey as error:
        client.close()
        raise _unknown_key(address, error.key, known_hosts) from None
    except (paramiko.SSHException, OSError, EOFError, ValueError) as error:
        client.close()
        raise _connect_error(address, user, login, known_hosts, error) from error
    transport = client.get_transport()
    if transport is not None:
        transport.set_keepalive(KEEPALIVE_SECONDS)


def _load_known_hosts(client: paramiko.SSHClient, login: Login) -> str:
    path = login.known_hosts or os.fspath(Path("~/.ssh/known_hosts").expanduser())
    try:
        client.load_host_keys(path)
    except FileNotFoundError:
        if login.known_hosts:
            raise HostError(
                f"{path}: there is no such file of known hosts",
                hint="ssh.known_hosts is a path from the root of the repository; fill it with ssh-keyscan",
            ) from None
    # paramiko's InvalidHostKey is no SSHException; a file that is not text is a ValueError.
    except (OSError, ValueError, paramiko.SSHException, InvalidHostKey) as error:
        raise HostError(f"{path}: the known hosts cannot be read: {error}") from error
    return path


def _fingerprint(key: paramiko.PKey) -> str:
    digest = base64.b64encode(hashlib.sha256(key.asbytes()).digest()).decode().rstrip("=")
    return f"{key.get_name()} SHA256:{digest}"


def _scan(address: HostAddress) -> str:
    return "ssh-keyscan" + (f" -p {address.port}" if address.port != 22 else "") + f" {address.name}"  # noqa: PLR2004


def _unknown_key(address: HostAddress, key: paramiko.PKey, known_hosts: str) -> HostError:
    return HostError(
        f"{address}: its host key is not known: {_fingerprint(key)}",
        hint=f"compare this fingerprint with the server's own, then pin it: {_scan(address)} >> {known_hosts}",
    )


def _connect_error(
    address: HostAddress, user: str | None, login: Login, known_hosts: str, error: Exception
) -> HostError:
    if isinstance(error, paramiko.BadHostKeyException):
        return HostError(
            f"{address}: its host key has changed: it is now {_fingerprint(error.key)}, "
            f"pinned is {_fingerprint(error.expected_key)}",
            hint=f"if the server was set up anew, remove its line from {known_hosts} and pin the new key; "
            "if not, somebody may be in between",
        )
    if isinstance(error, (paramiko.PasswordRequiredException, ValueError)):
        return HostError(f"{address}: the SSH key cannot be used: {error}", hint="is its passphrase in the credential?")
    if isinstance(error, paramiko.AuthenticationException):
        return HostError(
            f"{address}: the login of {user or 'the current user'} was refused",
            hint="is the public key in ~/.ssh/authorized_keys of that user?"
            + ("" if login.key_file else " The spec names no ssh.credential, so the agent's own keys were tried"),
        )
    if isinstance(error, socket.gaierror):
        return HostError(f"{address}: this name has no address", hint="check the spelling, and DNS on the agent")
    if isinstance(error, FileNotFoundError):
        return HostError(f"{address}: the SSH key file {login.key_file} is not there")
    why = "no answer" if isinstance(error, TimeoutError) else (str(error) or type(error).__name__)
    return HostError(
        f"{address}: cannot be reached by SSH on port {address.port}: {why}",
        hint="is the server up, and may the agent reach its SSH port?",
    )
