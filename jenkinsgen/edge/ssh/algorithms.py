"""Algorithms that we offer an sshd: no more than OpenSSH 9 offers by default, whatever paramiko would."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import paramiko

if TYPE_CHECKING:
    import socket
    from collections.abc import Sequence

# ssh_config(5) of OpenSSH 9.2, as far as paramiko has them; without HMAC-SHA1, which no sshd since 5.9 needs.
CIPHERS = ("aes128-gcm@openssh.com", "aes256-gcm@openssh.com", "aes128-ctr", "aes192-ctr", "aes256-ctr")
MACS = (
    "hmac-sha2-256-etm@openssh.com",
    "hmac-sha2-512-etm@openssh.com",
    "hmac-sha2-256",
    "hmac-sha2-512",
)
KEY_EXCHANGES = (
    "mlkem768x25519-sha256",
    "curve25519-sha256",
    "curve25519-sha256@libssh.org",
    "ecdh-sha2-nistp256",
    "ecdh-sha2-nistp384",
    "ecdh-sha2-nistp521",
    "diffie-hellman-group-exchange-sha256",
    "diffie-hellman-group16-sha512",
    "diffie-hellman-group14-sha256",
)
HOST_KEYS = (
    "ssh-ed25519",
    "ecdsa-sha2-nistp256",
    "ecdsa-sha2-nistp384",
    "ecdsa-sha2-nistp521",
    "rsa-sha2-512",
    "rsa-sha2-256",
)
# Signatures of the user's own key; elder versions of paramiko have them.
_NO_SIGNATURES = ("ssh-rsa", "ssh-rsa-cert-v01@openssh.com", "ssh-dss", "ssh-dss-cert-v01@openssh.com")


def transport(
    peer: socket.socket,
    *,
    pinned: Sequence[str],
    **_: Any,
) -> paramiko.Transport:
    """A connection that offers these alone; kinds of host keys that are `pinned` come first.

    So an sshd that has several keys shows the one that is known. What else paramiko says is its own default.
    """
    made = paramiko.Transport(peer, disabled_algorithms={"pubkeys": _NO_SIGNATURES})
    offered = made.get_security_options()
    offered.ciphers = _of(CIPHERS, offered.ciphers)
    offered.digests = _of(MACS, offered.digests)
    offered.kex = _of(KEY_EXCHANGES, offered.kex)
    kinds = _of(HOST_KEYS, offered.key_types)
    offered.key_types = tuple(sorted(kinds, key=lambda kind: kind not in pinned))
    return made


def _of(allowed: Sequence[str], known: Sequence[str]) -> tuple[str, ...]:
    return tuple(each for each in allowed if each in known)
