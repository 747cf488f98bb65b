"""One SSH connection to one host, shared by commands, tunnels and the Docker API."""

from __future__ import annotations

import os
import threading
import time
from contextlib import closing
from dataclasses import dataclass
from typing import TYPE_CHECKING

import paramiko

from jenkinsgen.edge.ssh.command import MAX_OUTPUT, Completed, TooMuchOutput, converse, execute
from jenkinsgen.edge.ssh.dial import ATTEMPT_SECONDS, DIAL_SECONDS, dial
from jenkinsgen.edge.ssh.key import load_key
from jenkinsgen.edge.ssh.known_hosts import read_known_hosts
from jenkinsgen.edge.ssh.login_shell import marked, quoted
from jenkinsgen.errors import CommandFailed, HostError
from jenkinsgen.surroundings import home

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from jenkinsgen.spec.values import HostAddress

COMMAND_SECONDS = 60.0
# Taking back must not wait half a minute for a host that is gone.
REDIAL_SECONDS = 10.0
SESSIONS = 8
"""Commands at one time on one connection; sshd allows ten (MaxSessions). Tunnels do not count there."""
_SESSION_PAUSE = 0.1


@dataclass(frozen=True, slots=True)
class Login:
    """The user of a login, its key, and the host keys that are trusted."""

    user: str | None = None
    """For hosts whose address names no user."""
    key_file: str | None = None
    """Without it: the keys of the user that runs this, and its ssh-agent."""
    passphrase: str | None = None
    known_hosts: str | None = None
    """Without it: ~/.ssh/known_hosts."""

    def key(self) -> paramiko.PKey | None:
        """The key in the file; None without a file. Raises KeyFileError."""
        return None if self.key_file is None else load_key(self.key_file, self.passphrase or None)


class RunningCommand:
    """A command that was started on a host. `close` frees its place for the next one."""

    def __init__(self, channel: paramiko.Channel, places: threading.Semaphore) -> None:
        self.channel = channel
        self._places: threading.Semaphore | None = places

    def close(self) -> None:
        self.channel.close()
        places, self._places = self._places, None
        if places is not None:
            places.release()


class SshHost:
    """A connected host. Errors are HostError and say which host, why, and what to do."""

    def __init__(self, address: HostAddress, client: paramiko.SSHClient, reopen: Callable[[], None]) -> None:
        self.address = address
        self.client = client
        self._reopen = reopen
        self._reopening = threading.Lock()
        self._failed_at, self._failure = 0.0, ""
        self._places = threading.Semaphore(SESSIONS)

    @property
    def transport(self) -> paramiko.Transport:
        """The connection; opened anew when it is gone, so that a cut one does not keep anything from being taken back.

        What was under way on the old one has failed by then: nothing is done twice. Raises HostError.
        """
        asked = time.monotonic()
        with self._reopening:
            transport = self.client.get_transport()
            if transport is None or not transport.is_active():
                self._open_anew(asked)
                transport = self.client.get_transport()
            if transport is None:
                raise HostError(f"{self.address}: the SSH connection is gone", hint="run the stage again; it is safe")
            return transport

    def _open_anew(self, asked: float) -> None:
        if self._failed_at > asked:
            # Another thread has tried while this one waited for it.
            raise HostError(self._failure)
        try:
            self._reopen()
        except HostError as error:
            self._failed_at, self._failure = time.monotonic(), error.message
            raise
        # The commands of the old connection have their places there.
        self._places = threading.Semaphore(SESSIONS)

    def start(self, argv: Sequence[str], end: float, *, with_input: bool = True) -> RunningCommand:
        """Start a command, without a terminal; the words are quoted here and nowhere else. The caller closes it.

        Without input it reads /dev/null, so that it learns at once that there is none.

        Raises TimeoutError at `end` (of time.monotonic), HostError, OSError and paramiko's errors.
        """
        transport = self.transport
        places = self._places
        if not places.acquire(timeout=max(0.0, end - time.monotonic())):
            raise TimeoutError
        try:
            command = RunningCommand(self._open_session(transport, end), places)
        except BaseException:
            places.release()
            raise
        try:
            execute(command.channel, quoted(argv) + ("" if with_input else " </dev/null"), end)
        except BaseException:
            command.close()
            raise
        return command

    def _open_session(self, transport: paramiko.Transport, end: float) -> paramiko.Channel:
        last = min(end, time.monotonic() + ATTEMPT_SECONDS)
        while True:
            try:
                return transport.open_session(timeout=max(0.1, last - time.monotonic()))
            except paramiko.ChannelException as error:
                # A command that we have left counts at sshd until its process has ended.
                if time.monotonic() + _SESSION_PAUSE >= last:
                    raise HostError(
                        f"{self.address}: sshd opens no session for a command ({error})",
                        hint=f"its sshd_config: MaxSessions should be above {SESSIONS}",
                    ) from error
                time.sleep(_SESSION_PAUSE)

    def run(self, argv: Sequence[str], *, stdin: str = "", seconds: float = COMMAND_SECONDS) -> Completed:
        """Run one command to its end, from any thread. What the login shell there says before it is left out.

        Raises HostError when it was not run at all, when the connection breaks, when the command has not ended after
        `seconds`, whatever it still writes, or when it writes too much.
        """
        end = time.monotonic() + seconds
        words = marked(argv, stdin)
        try:
            with closing(self.start(words.argv, end, with_input=bool(stdin))) as command:
                done = converse(command.channel, words.stdin, end)
        except TimeoutError as error:
            raise HostError(f"{self.address}: `{argv[0]}` did not end within {seconds:.0f} s") from error
        except TooMuchOutput as error:
            raise HostError(f"{self.address}: `{argv[0]}` wrote more than {MAX_OUTPUT // 1024**2} MiB") from error
        except (paramiko.SSHException, OSError, EOFError) as error:
            raise HostError(
                f"{self.address}: the SSH connection broke ({str(error) or type(error).__name__})",
                hint="run the stage again; it is safe",
            ) from error
        if done.exit_code == -1:
            raise HostError(
                f"{self.address}: `{argv[0]}` was killed, or the SSH connection broke",
                hint="run the stage again; it is safe",
            )
        return words.answer(self.address, done)

    def check(self, argv: Sequence[str], *, stdin: str = "", seconds: float = COMMAND_SECONDS) -> str:
        """Like `run`, but raises CommandFailed when the command does not end with 0; returns its output."""
        done = self.run(argv, stdin=stdin, seconds=seconds)
        if done.exit_code != 0:
            said = (done.errors or done.output).strip() or "it said nothing"
            raise CommandFailed(f"{self.address}: `{argv[0]}` ended with {done.exit_code}: {said}")
        return done.output

    def open_tunnel(self, address: str, port: int, seconds: float = ATTEMPT_SECONDS) -> paramiko.Channel:
        """A connection from that host to `address:port`, as if it were a socket. Raises OSError."""
        try:
            channel = self.transport.open_channel("direct-tcpip", (address, port), ("127.0.0.1", 0), timeout=seconds)
        except paramiko.ChannelException as error:
            if error.code == 1:
                raise HostError(
                    f"{self.address}: its sshd forbids tunnels to {address}:{port}",
                    hint=f"for this user, in its sshd_config: AllowTcpForwarding local, PermitOpen {address}:{port}; "
                    "or does `restrict` in authorized_keys forbid it?",
                ) from error
            raise ConnectionRefusedError(f"{address}:{port} refused the connection") from error
        except (paramiko.SSHException, EOFError) as error:
            raise ConnectionError(str(error) or type(error).__name__) from error
        return channel

    def close(self) -> None:
        self.client.close()


def connect(address: HostAddress, login: Login, *, seconds: float = DIAL_SECONDS) -> SshHost:
    """Open a connection, trying for at most `seconds` while that may help.

    Raises KeyFileError before anybody is asked; HostError: unreachable, unknown or changed host key, refused login.
    """
    # First of all: what is wrong with it is no fault of a host.
    login.key()
    known = read_known_hosts(
        login.known_hosts or os.fspath(home() / ".ssh/known_hosts"), required=login.known_hosts is not None
    )
    client = paramiko.SSHClient()
    client.set_missing_host_key_policy(known)
    dial(client, address, login, known, seconds=seconds)
    return SshHost(address, client, lambda: dial(client, address, login, known, seconds=REDIAL_SECONDS))
