"""What goes wrong while an SSH connection is opened: what may pass by itself, and what a person has to mend."""

from __future__ import annotations

import base64
import errno
import hashlib
import itertools
import socket
from typing import TYPE_CHECKING

import paramiko

from jenkinsgen.errors import HostError

if TYPE_CHECKING:
    from collections.abc import Sequence

    from jenkinsgen.edge.ssh import Login
    from jenkinsgen.spec.values import HostAddress

TROUBLE = (paramiko.SSHException, OSError, EOFError, ValueError)
_UNREACHABLE = {errno.EHOSTUNREACH, errno.ENETUNREACH, errno.EHOSTDOWN, errno.ENETDOWN}
_UP = (
    "is it up, and may this machine reach its SSH port? "
    "an app server that stays away: take it out of `servers` in the spec"
)
# sshd that has too many logins under way (MaxStartups) closes the connection before it says its name.
_NO_BANNER = "Error reading SSH protocol banner"
_NO_HANDSHAKE = ("No existing session", "Negotiation failed", "SSH session not active")
# paramiko calls a connection that breaks, or a server that is slow, a refused login.
_CUT_LOGIN = ("Authentication timeout", "Authentication failed: transport shut down or saw EOF")

# A key that was refused is tried as every other kind of key, too; what paramiko raises is the last of these.
_OTHER_KIND = "key, expected OPENSSH key"


def passing(error: Exception, login: Login) -> str | None:
    """Why the host could not be reached, when another attempt may reach it; None when it would fail again.

    Never for a refused login, an unknown or changed host key, or a name without an address: trying again is of no
    use there, and a login that is refused often may lock the user out.
    """
    text = str(error)
    if isinstance(error, socket.gaierror):
        return None
    if isinstance(error, paramiko.AuthenticationException):
        # With many keys an end in between means "too many failures"; with one key it is a connection that broke.
        return "the connection broke at the login" if login.key_file and text.startswith(_CUT_LOGIN) else None
    if isinstance(error, TimeoutError):
        return "no answer"
    if isinstance(error, ConnectionRefusedError):
        return "connection refused"
    if isinstance(error, (ConnectionError, EOFError)):
        return "the connection was closed"
    if isinstance(error, OSError):
        return (error.strerror or text).lower() if error.errno in _UNREACHABLE else None
    if text.startswith(_NO_BANNER):
        return "sshd closed the connection without a word"
    return "no SSH handshake" if text.startswith(_NO_HANDSHAKE) else None


def unreachable(address: HostAddress, failures: Sequence[str], seconds: float) -> HostError:
    """`failures` says for each attempt, in order, why it failed; `seconds` how long it was tried."""
    runs = [(why, len(list(group))) for why, group in itertools.groupby(failures)]
    said = ", then ".join(f"{why} ({count} times)" if count > 1 and len(runs) > 1 else why for why, count in runs)
    times = "once" if len(failures) == 1 else f"{len(failures)} times"
    hint = _UP
    if any("without a word" in why for why in failures):
        hint = "are many logins under way there? its sshd_config: MaxStartups; or does it ban this address (fail2ban)?"
    return HostError(
        f"{address}: cannot be reached by SSH on port {address.port}: {said}; tried {times} in {seconds:.0f} s",
        hint=hint,
    )


def unknown_key(address: HostAddress, key: paramiko.PKey, known_hosts: str) -> HostError:
    return HostError(
        f"{address}: its host key is not known: {_fingerprint(key)}",
        hint=f"compare this fingerprint with the server's own, then pin it: {_scan(address)} >> {known_hosts}",
    )


def final(address: HostAddress, user: str | None, login: Login, known_hosts: str, error: Exception) -> HostError:
    """The error of an attempt that is of no use to repeat."""
    if isinstance(error, paramiko.BadHostKeyException):
        return HostError(
            f"{address}: its host key has changed: it is now {_fingerprint(error.key)}, "
            f"pinned is {_fingerprint(error.expected_key)}",
            hint=f"if the server was set up anew, remove its line from {known_hosts} and pin the new key; "
            "if not, somebody may be in between",
        )
    if isinstance(error, (paramiko.PasswordRequiredException, ValueError)):
        return HostError(f"{address}: the SSH key cannot be used: {error}", hint="is its passphrase in the credential?")
    if isinstance(error, paramiko.AuthenticationException) or _OTHER_KIND in str(error):
        return HostError(
            f"{address}: the login of {user or 'the current user'} was refused",
            hint="is the public key in ~/.ssh/authorized_keys of that user?"
            + ("" if login.key_file else " The spec names no ssh.credential, so the agent's own keys were tried"),
        )
    if isinstance(error, socket.gaierror):
        return HostError(f"{address}: this name has no address", hint="check the spelling, and DNS on the agent")
    if isinstance(error, FileNotFoundError):
        return HostError(
            f"{address}: the SSH key file {login.key_file} is not there",
            hint="JENKINSGEN_SSH_KEY names it: the file of a private key",
        )
    return HostError(
        f"{address}: cannot be reached by SSH on port {address.port}: {str(error) or type(error).__name__}",
        hint=_UP,
    )


def _fingerprint(key: paramiko.PKey) -> str:
    digest = base64.b64encode(hashlib.sha256(key.asbytes()).digest()).decode().rstrip("=")
    return f"{key.get_name()} SHA256:{digest}"


def _scan(address: HostAddress) -> str:
    return "ssh-keyscan" + (f" -p {address.port}" if address.port != 22 else "") + f" {address.name}"  # noqa: PLR2004
