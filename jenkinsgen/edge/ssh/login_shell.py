"""Login shells of hosts: they may print, read, or run something else, before a command or instead of it.

`echo` in ~/.bashrc, ~/.ssh/rc, a message of the day: sshd gives every command to the user's login shell, and what that
prints stands before the answer. So each command first says a random word, which no program there can know; what came
before it is no answer, and where it does not come there is none.
"""

from __future__ import annotations

import secrets
import shlex
import time
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from jenkinsgen.errors import HostError

if TYPE_CHECKING:
    from collections.abc import Sequence

    import paramiko

    from jenkinsgen.edge.ssh.command import Completed
    from jenkinsgen.spec.values import HostAddress

MOST_NOISE = 64 * 1024
"""Bytes before the word that begins a stream."""
_SHOWN = 200
_RUN = 'mark=$1; shift; echo "$mark"; echo "$mark" >&2; exec "$@"'
# paramiko may send input, or its end, just after the command has ended and its channel was closed on both sides. For
# that sshd cuts the whole connection, and all that runs on it. So no command with input ends before it has read it.
# A login shell that reads takes the first line: without it nothing is run, or half an input would be taken for a whole.
_RUN_WITH_INPUT = (
    'mark=$1; shift; IFS= read -r said; [ "$said" = "$mark" ] || exit 1; '
    'echo "$mark"; echo "$mark" >&2; "$@"; code=$?; cat >/dev/null; exit $code'
)


@dataclass(frozen=True, slots=True)
class Marked:
    """A command that says `mark`, on a line of its own, before anything else."""

    mark: str
    argv: tuple[str, ...]
    stdin: bytes = b""

    def answer(self, address: HostAddress, done: Completed) -> Completed:
        """The output of the command itself. Raises HostError when it did not run."""
        line = f"{self.mark}\n"
        before, ran, output = done.output.partition(line)
        if not ran:
            raise not_run(address, before + done.errors, f"it ended with {done.exit_code}")
        return replace(done, output=output, errors=done.errors.rpartition(line)[2])


def marked(argv: Sequence[str], stdin: str = "") -> Marked:
    """The command, to be run by the login shell of a host."""
    mark = f"jenkinsgen-{secrets.token_hex(8)}"
    script = _RUN_WITH_INPUT if stdin else _RUN
    return Marked(mark, ("sh", "-c", script, "sh", mark, *argv), f"{mark}\n{stdin}".encode() if stdin else b"")


def quoted(argv: Sequence[str]) -> str:
    """The command line that makes these words in sh, bash, zsh and fish.

    To fish a backslash between single quotes is not what it is to the others; outside of quotes it is the same to all.
    """
    return " ".join(shlex.quote(word).replace("\\", r"'\\'") for word in argv)


def skip_noise(address: HostAddress, channel: paramiko.Channel, mark: str, end: float) -> None:
    """Read a stream up to its mark: what follows is the command's, from its first byte.

    Raises HostError when it does not come, TimeoutError at `end` (of time.monotonic), OSError.
    """
    line, noise = f"{mark}\n".encode(), bytearray()
    while not noise.endswith(line):
        channel.settimeout(max(0.0, end - time.monotonic()))
        byte = channel.recv(1)
        noise += byte
        if not byte or len(noise) > MOST_NOISE:
            raise not_run(address, noise.decode(errors="replace"), "it ended" if not byte else "and went on")


def not_run(address: HostAddress, said: str, how: str) -> HostError:
    """The login shell did something else."""
    shown = " ".join(said.split())[:_SHOWN]
    return HostError(
        f"{address}: its login shell did not run the command: it said {shown or 'nothing'!r}, {how}",
        hint="`ssh USER@HOST echo ok` has to print ok. Is the shell of that user nologin, rbash or csh (getent passwd "
        "USER)? does sshd_config or authorized_keys force another command? does ~/.bashrc or ~/.ssh/rc end the shell, "
        "or read its input?",
    )
