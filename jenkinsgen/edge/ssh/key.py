"""The private key that logs in, read before any host is asked: what is wrong with a file is not a host's fault."""

from __future__ import annotations

import base64
import io
import os
from functools import lru_cache
from pathlib import Path
from typing import TYPE_CHECKING

import paramiko
from cryptography.exceptions import UnsupportedAlgorithm
from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric import dsa, ec, ed25519, rsa

from jenkinsgen.errors import KeyFileError
from jenkinsgen.files import DISK

if TYPE_CHECKING:
    from cryptography.hazmat.primitives.serialization import SSHPrivateKeyTypes

MOST_BYTES = 64 * 1024
"""An RSA key of 16,384 bits has 13 KiB."""
_OPENSSH = b"-----BEGIN OPENSSH PRIVATE KEY-----"
_OPENSSH_MAGIC = b"openssh-key-v1\0"
_PUTTY = b"PuTTY-User-Key-File-"
_PUBLIC = (b"ssh-", b"ecdsa-sha2-", b"sk-ssh-", b"sk-ecdsa-", b"---- BEGIN SSH2 PUBLIC KEY", b"-----BEGIN PUBLIC KEY")
_PUBLIC_PKCS1, _CERTIFICATE, _DSA = b"-----BEGIN RSA PUBLIC KEY", b"-----BEGIN CERTIFICATE", b"-----BEGIN DSA PRIVATE"
_NO_SUCH_KIND = "an RSA, ECDSA (P-256, P-384, P-521) or Ed25519 key logs in"
_ANEW = "make one: ssh-keygen -t ed25519"
_CURVES = ("secp256r1", "secp384r1", "secp521r1")


@lru_cache(maxsize=8)
def load_key(path: str, passphrase: str | None) -> paramiko.PKey:
    """A key in any form that OpenSSH or OpenSSL write: OPENSSH, PKCS#1, SEC1, PKCS#8, encrypted or not.

    Read once, however many hosts there are. Raises KeyFileError, which names the file and never a host.
    """
    key = _decoded(path, _text(path), passphrase)
    if isinstance(key, dsa.DSAPrivateKey):
        raise _wrong(path, "it is a DSA key, which no sshd takes any more", f"{_NO_SUCH_KIND}; {_ANEW}")
    if isinstance(key, ec.EllipticCurvePrivateKey) and key.curve.name not in _CURVES:
        raise _wrong(path, f"it is an ECDSA key on the curve {key.curve.name}, which SSH does not have", _NO_SUCH_KIND)
    written = key.private_bytes(
        serialization.Encoding.PEM, serialization.PrivateFormat.OpenSSH, serialization.NoEncryption()
    )
    try:
        return _with_certificate(path, _kind(key).from_private_key(io.StringIO(written.decode())))
    except (paramiko.SSHException, ValueError, OSError) as error:
        raise _wrong(path, str(error), _NO_SUCH_KIND) from error


def _kind(key: SSHPrivateKeyTypes) -> type[paramiko.PKey]:
    if isinstance(key, rsa.RSAPrivateKey):
        return paramiko.RSAKey
    return paramiko.ECDSAKey if isinstance(key, ec.EllipticCurvePrivateKey) else paramiko.Ed25519Key


def _with_certificate(path: str, key: paramiko.PKey) -> paramiko.PKey:
    """The key with the certificate that lies beside it, if there is one, as ssh does."""
    certificate = f"{path}-cert.pub"
    if Path(certificate).is_file():
        key.load_certificate(certificate)
    return key


def _text(path: str) -> bytes:
    """The lines of the file as Unix writes them: editors and credential forms change their ends, or lose the last."""
    try:
        content = DISK.read(Path(path), MOST_BYTES + 1)
    except FileNotFoundError:
        raise _wrong(path, "it is not there", "JENKINSGEN_SSH_KEY names it: the file of a private key") from None
    except PermissionError:
        raise _wrong(
            path,
            f"the user with the id {os.geteuid()} may not read it",
            "it has to belong to the user that runs the stages: chown, then chmod 400",
        ) from None
    except (OSError, ValueError) as error:
        raise _wrong(path, f"it cannot be read: {error}", "it has to be the file of a private key") from None
    text = content.removeprefix(b"\xef\xbb\xbf").replace(b"\r\n", b"\n").replace(b"\r", b"\n").strip()
    if len(content) > MOST_BYTES:
        raise _wrong(path, f"it has more than {MOST_BYTES} bytes", "it has to be the file of a private key")
    _refuse_other_kinds(path, text)
    return text + b"\n"


def _refuse_other_kinds(path: str, text: bytes) -> None:
    if not text:
        raise _wrong(path, "it is empty", "was the key pasted into the credential?")
    if text.startswith(_PUTTY):
        raise _wrong(path, "it is a key of PuTTY (.ppk)", f"convert it: puttygen {path} -O private-openssh -o KEY")
    if text.startswith((*_PUBLIC, _PUBLIC_PKCS1)):
        raise _wrong(path, "it is a public key", "the private one belongs there: the file without .pub")
    if text.startswith(_CERTIFICATE):
        raise _wrong(path, "it is a certificate", "the private key belongs there")
    if text.startswith(_DSA):
        raise _wrong(path, "it is a DSA key, which no sshd takes any more", f"{_NO_SUCH_KIND}; {_ANEW}")
    if b"-----BEGIN " not in text:
        raise _wrong(path, "it is no private key", "it begins with -----BEGIN … PRIVATE KEY-----, a line of its own")


def _decoded(path: str, text: bytes, passphrase: str | None) -> SSHPrivateKeyTypes:
    encrypted = "it is encrypted, and no passphrase is bound" if not passphrase else "its passphrase is another one"
    try:
        key = _load(text, passphrase.encode() if passphrase else None)
    except TypeError:
        # Said of a key that is encrypted when there is no passphrase, and the other way round.
        if not passphrase:
            raise _wrong(path, encrypted, _where_passphrase()) from None
        key = _decoded(path, text, None)
    except UnsupportedAlgorithm as error:
        raise _wrong(path, f"it is a key of a kind that is not known: {error}", _NO_SUCH_KIND) from None
    except ValueError as error:
        # OpenSSL tells a wrong passphrase and a damaged file apart only sometimes.
        said = f"{encrypted}, or it is damaged" if _is_encrypted(text) else f"it is damaged: {error}"
        raise _wrong(path, said, f"{_where_passphrase()}; ssh-keygen -y -f {path} asks for it, and tells") from None
    if not isinstance(
        key, (rsa.RSAPrivateKey, ec.EllipticCurvePrivateKey, ed25519.Ed25519PrivateKey, dsa.DSAPrivateKey)
    ):
        raise _wrong(path, f"it is no key for SSH ({type(key).__name__.strip('_')})", f"{_NO_SUCH_KIND}; {_ANEW}")
    return key


def _load(text: bytes, passphrase: bytes | None) -> object:
    if _OPENSSH in text:
        return serialization.load_ssh_private_key(text, passphrase)
    return serialization.load_pem_private_key(text, passphrase)


def _is_encrypted(text: bytes) -> bool:
    if _OPENSSH not in text:
        return b"ENCRYPTED" in text
    # The file itself decides (openssh/PROTOCOL.key): the errors of cryptography differ from version to version.
    inside = b"".join(text.partition(_OPENSSH)[2].split(b"-----END", 1)[0].partition(b"\n")[2].split())
    try:
        beginning = base64.b64decode(inside[:64])
    except ValueError:
        return False
    return beginning.startswith(_OPENSSH_MAGIC) and not beginning.startswith(_OPENSSH_MAGIC + b"\0\0\0\4none")


def _where_passphrase() -> str:
    return "the Jenkins credential has its passphrase; by hand: JENKINSGEN_SSH_PASSPHRASE"


def _wrong(path: str, what: str, hint: str) -> KeyFileError:
    return KeyFileError(f"the SSH key {path} cannot be used: {what}", hint=hint)
