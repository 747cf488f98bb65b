"""Errors while an SSH connection is opened: those that may pass by themselves, and those that a person has to fix."""

from __future__ import annotations

import errno
import itertools
import os
import socket
from typing import TYPE_CHECKING

import paramiko

from jenkinsgen.edge.ssh.key import load_key
from jenkinsgen.edge.ssh.known_hosts import ChangedHostKey, RevokedHostKey, fingerprint_of
from jenkinsgen.errors import HostError, KeyFileError
from jenkinsgen.surroundings import home

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path

    from jenkinsgen.edge.ssh.host import Login
    from jenkinsgen.edge.ssh.known_hosts import UnknownHostKey
    from jenkinsgen.spec.values import HostAddress

TROUBLE = (paramiko.SSHException, OSError, EOFError, ValueError)
_UNREACHABLE = {errno.EHOSTUNREACH, errno.ENETUNREACH, errno.EHOSTDOWN, errno.ENETDOWN}
_NO_ANSWER, _REFUSED = "no answer", "connection refused"
_SILENT = {_NO_ANSWER, _REFUSED, *(os.strerror(each).lower() for each in _UNREACHABLE)}
_AWAY = (
    "is it up, and may this machine reach its SSH port, or is a firewall between? "
    "only an app server that is known to be dead, for its users as well, goes out of `servers` in the spec"
)
_CUT = "something answers there and ends it: is that its sshd, and what does its log on the host say?"
# sshd that has too many logins under way (MaxStartups) closes the connection before it says its name.
_NO_BANNER = "Error reading SSH protocol banner"
_NO_HANDSHAKE = ("No existing session", "Negotiation failed", "SSH session not active")
# paramiko calls a connection that breaks, or a server that is slow, a refused login.
_CUT_LOGIN = ("Authentication timeout", "Authentication failed: transport shut down or saw EOF")
# There was nothing to log in with, or what ~/.ssh has cannot be read.
_NO_KEY = ("No authentication methods available", "not a valid ", "encountered ", "no lines in ")
_OWN_KEYS = ("id_rsa", "id_ecdsa", "id_ed25519")
SSH_PORT = 22


def passing(error: Exception, login: Login) -> str | None:
    """Why the host could not be reached, when another attempt may reach it; None when it would fail again.

    Never for a refused login, an unknown or changed host key, or a name without an address: trying again is of no
    use there, and a login that is refused often may lock the user out.
    """
    text = str(error)
    if isinstance(error, socket.gaierror):
        return None
    if isinstance(error, paramiko.AuthenticationException):
        # An end in between means "too many failures" with many keys; with one key the connection broke.
        return "the connection broke at the login" if login.key_file and text.startswith(_CUT_LOGIN) else None
    if isinstance(error, TimeoutError):
        return _NO_ANSWER
    if isinstance(error, ConnectionRefusedError):
        return _REFUSED
    if isinstance(error, (ConnectionError, EOFError)):
        return "the connection was closed"
    if isinstance(error, OSError):
        return os.strerror(error.errno).lower() if error.errno in _UNREACHABLE else None
    if text.startswith(_NO_BANNER):
        return "sshd closed the connection without a word"
    return "no SSH handshake" if text.startswith(_NO_HANDSHAKE) else None


def unreachable(address: HostAddress, failures: Sequence[str], seconds: float) -> HostError:
    """`failures` says for each attempt, in order, why it failed; `seconds` how long it was tried."""
    runs = [(why, len(list(group))) for why, group in itertools.groupby(failures)]
    said = ", then ".join(f"{why} ({count} times)" if count > 1 and len(runs) > 1 else why for why, count in runs)
    times = "once" if len(failures) == 1 else f"{len(failures)} times"
    hint = _AWAY if all(why in _SILENT for why in failures) else _CUT
    if any("without a word" in why for why in failures):
        # Since OpenSSH 9.8 sshd itself turns an address away for a while.
        hint = (
            "are many logins under way there? its sshd_config: MaxStartups; or does it ban this address, after logins "
            "that it refused (PerSourcePenalties, fail2ban)?"
        )
    return HostError(
        f"{address}: cannot be reached by SSH on port {address.port}: {said}; tried {times} in {seconds:.0f} s",
        hint=hint,
    )


def refused_key(
    address: HostAddress, error: UnknownHostKey | ChangedHostKey | RevokedHostKey, known_hosts: str
) -> HostError:
    """A host key that is not accepted, and why."""
    shown = fingerprint_of(error.key.get_name(), error.key.asbytes())
    if isinstance(error, RevokedHostKey):
        return HostError(
            f"{address}: its host key is revoked: {shown} is marked so in {known_hosts}",
            hint="whoever answers there has a key that was given up: give the server a new one, and pin that",
        )
    if isinstance(error, ChangedHostKey):
        return HostError(
            f"{address}: its host key has changed: it is now {shown}, pinned is {error.pinned}",
            hint=f"if the server was set up anew, remove its line from {known_hosts} and pin the new key; "
            "if not, somebody may be in between",
        )
    pin = f"compare this fingerprint with the server's own, then pin it: {_scan(address)} >> {known_hosts}"
    if error.authority:
        pin = f"{known_hosts} names a certificate authority for it, but certificates of hosts are not read here; {pin}"
    return HostError(f"{address}: its host key is not known: {shown}", hint=pin)


def final(address: HostAddress, login: Login, error: Exception) -> HostError:
    """The error of an attempt that is of no use to repeat."""
    if isinstance(error, paramiko.ssh_exception.IncompatiblePeer):
        return HostError(
            f"{address}: its sshd and this machine have no algorithm in common: {error}",
            hint="what OpenSSH 9 offers by default is offered; does its sshd_config allow old ones alone? ssh -v tells",
        )
    if isinstance(error, (paramiko.AuthenticationException, ValueError)) or str(error).startswith(_NO_KEY):
        return HostError(
            f"{address}: the login of {login.user} {_with_what(login)} was refused", hint=_refused_hint(login)
        )
    if isinstance(error, socket.gaierror):
        return _no_address(address, error)
    return HostError(
        f"{address}: cannot be reached by SSH on port {address.port}: {str(error) or type(error).__name__}",
        hint="is that its sshd, and what stands between? ssh -v from this machine tells more",
    )


def _no_address(address: HostAddress, error: socket.gaierror) -> HostError:
    if error.errno == socket.EAI_AGAIN:
        return HostError(
            f"{address}: this name could not be looked up: no name server answered",
            hint="that says nothing of the host: does DNS work on this machine? getent hosts NAME",
        )
    return HostError(f"{address}: this name has no address", hint="check the spelling, and DNS on the agent")


def _with_what(login: Login) -> str:
    key = login.key()
    return f"with the key {fingerprint_of(key.get_name(), key.asbytes())}" if key else "with this user's own keys"


def _refused_hint(login: Login) -> str:
    wanted = "is the public key in ~/.ssh/authorized_keys of that user there? sshd's log on the host says why"
    if login.key_file:
        return wanted
    trouble = [said for name in _OWN_KEYS if (said := _trouble_with(home() / ".ssh" / name))]
    return "; ".join([f"{wanted}. No key is bound, so the agent's own ones were tried", *trouble])


def _trouble_with(path: Path) -> str:
    """Why a key that ssh would try by itself cannot be used; empty where it can, or is not there."""
    if not path.is_file():
        return ""
    try:
        load_key(os.fspath(path), None)
    except KeyFileError as error:
        return error.message
    return ""


def _scan(address: HostAddress) -> str:
    return "ssh-keyscan" + (f" -p {address.port}" if address.port != SSH_PORT else "") + f" {address.name}"
