"""The host keys that are pinned, as sshd(8) describes the file: several of a kind, patterns, hashed names, markers."""

from __future__ import annotations

import base64
import binascii
import hashlib
import hmac
import os
import re
from dataclasses import dataclass
from fnmatch import fnmatchcase
from pathlib import Path
from typing import TYPE_CHECKING

import paramiko

from jenkinsgen.errors import HostError
from jenkinsgen.files import DISK

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

_REVOKED, _AUTHORITY = "@revoked", "@cert-authority"
_HASHED = "|1|"
_FIELDS = re.compile(r"[ \t]+")
# Signatures that a pinned RSA key may make; SHA-1 is not asked for (RFC 8332).
_SIGNATURES = {"ssh-rsa": ("rsa-sha2-512", "rsa-sha2-256")}


class UnknownHostKey(Exception):
    """No key of that host is pinned; `authority` where a certificate authority is, which is not asked."""

    def __init__(self, key: paramiko.PKey, *, authority: bool) -> None:
        super().__init__()
        self.key, self.authority = key, authority


class ChangedHostKey(Exception):
    """Other keys of that host are pinned."""

    def __init__(self, key: paramiko.PKey, pinned: str) -> None:
        super().__init__()
        self.key, self.pinned = key, pinned


class RevokedHostKey(Exception):
    """The file says that this very key must not be trusted."""

    def __init__(self, key: paramiko.PKey) -> None:
        super().__init__()
        self.key = key


@dataclass(frozen=True, slots=True)
class _Line:
    marker: str
    names: str
    kind: str
    blob: bytes


class KnownHosts(paramiko.MissingHostKeyPolicy):
    """The keys of one file. As a policy of paramiko it decides about every host key."""

    def __init__(self, path: str, lines: Sequence[_Line]) -> None:
        self.path = path
        self._lines = lines

    def missing_host_key(self, client: paramiko.SSHClient, hostname: str, key: paramiko.PKey) -> None:  # noqa: ARG002
        """Any of the pinned keys will do: while a host changes its key, the old and the new one are pinned.

        `hostname` is NAME, or [NAME]:PORT. Raises UnknownHostKey, ChangedHostKey, RevokedHostKey.
        """
        lines = list(self._of(hostname))
        if any(line.marker == _REVOKED and line.blob == key.asbytes() for line in lines):
            raise RevokedHostKey(key)
        pinned = [line for line in lines if not line.marker]
        if any(line.blob == key.asbytes() for line in pinned):
            return
        if not pinned:
            raise UnknownHostKey(key, authority=any(line.marker == _AUTHORITY for line in lines))
        same = [line for line in pinned if line.kind == key.get_name()]
        raise ChangedHostKey(key, fingerprint_of((same or pinned)[0].kind, (same or pinned)[0].blob))

    def kinds(self, hostname: str) -> list[str]:
        """The signatures that its pinned keys can give, in the order of the file: asked for first."""
        kinds = [line.kind for line in self._of(hostname) if not line.marker]
        return list(dict.fromkeys(each for kind in kinds for each in _SIGNATURES.get(kind, (kind,))))

    def _of(self, hostname: str) -> Iterator[_Line]:
        return (line for line in self._lines if _matches(line.names, hostname.lower()))


def read_known_hosts(path: str, *, required: bool) -> KnownHosts:
    """Lines that are no key are left out, as ssh does: one of them does not make the others untrue.

    Raises HostError when the file cannot be read, or is not there although it is `required`.
    """
    try:
        text = _text_of(DISK.read(Path(path)))
    except FileNotFoundError:
        if required:
            raise HostError(
                f"{path}: there is no such file of known hosts",
                hint="ssh.known_hosts is a path from the root of the repository; fill it with ssh-keyscan",
            ) from None
        text = ""
    except (OSError, ValueError) as error:
        why = os.strerror(error.errno) if isinstance(error, OSError) and error.errno else str(error)
        raise HostError(f"{path}: the known hosts cannot be read: {why}") from error
    # ssh ends lines at these alone: what looks like a comment is one.
    return KnownHosts(path, [line for each in text.split("\n") if (line := _read_line(each)) is not None])


def _text_of(content: bytes) -> str:
    """A comment may be in any encoding, but for one that has no lines as ssh reads them."""
    if b"\0" in content:
        raise ValueError("it is no text, or one in UTF-16")
    return content.decode(errors="replace")


def _read_line(text: str) -> _Line | None:
    fields = _FIELDS.split(text.strip())
    marker = fields.pop(0) if fields[0].startswith("@") else ""
    if len(fields) < 3 or fields[0].startswith("#"):  # noqa: PLR2004 - names, kind, key
        return None
    try:
        blob = base64.b64decode(fields[2], validate=True)
    except (binascii.Error, ValueError):
        return None
    # A key says its own kind once more (RFC 4253); a line that is cut off, or of SSH 1, does not.
    kind = fields[1]
    length = int.from_bytes(blob[:4], "big")
    if blob[4 : 4 + length] != kind.encode():
        return None
    return _Line(marker, fields[0], kind, blob)


def _matches(names: str, hostname: str) -> bool:
    """Comma-separated patterns with `*` and `?`; one that is negated and fits rules the line out."""
    if names.startswith(_HASHED):
        return _hash_fits(names, hostname)
    patterns = [name.lower() for name in names.split(",")]
    if any(pattern.startswith("!") and _fits(pattern[1:], hostname) for pattern in patterns):
        return False
    return any(not pattern.startswith("!") and _fits(pattern, hostname) for pattern in patterns)


def _fits(pattern: str, hostname: str) -> bool:
    # Brackets are those of [NAME]:PORT, and no set of characters.
    return fnmatchcase(hostname, pattern.replace("[", "[[]"))


def _hash_fits(names: str, hostname: str) -> bool:
    _, _, salt, digest, *_ = (*names.split("|"), "", "")
    try:
        expected, key = base64.b64decode(digest, validate=True), base64.b64decode(salt, validate=True)
    except (binascii.Error, ValueError):
        return False
    return hmac.compare_digest(hmac.new(key, hostname.encode(), hashlib.sha1).digest(), expected)


def fingerprint_of(kind: str, blob: bytes) -> str:
    """The fingerprint of a key, as ssh-keygen -l says it."""
    return f"{kind} SHA256:{base64.b64encode(hashlib.sha256(blob).digest()).decode().rstrip('=')}"
