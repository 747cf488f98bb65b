"""The key that logs in: every form of it works, and what is wrong with one is told before any host is asked."""

from __future__ import annotations

import os
from contextlib import suppress
from pathlib import Path

import pytest
import sshd
from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric import dsa, ec, ed25519, rsa, x25519
from examples import pipeline
from hypothesis import given
from hypothesis import strategies as st
from sshd import FakeSshd

from jenkinsgen.edge import workspace
from jenkinsgen.edge.ssh.host import Login, connect
from jenkinsgen.edge.ssh.key import MOST_BYTES, load_key
from jenkinsgen.errors import HostError, KeyFileError
from jenkinsgen.report import Report
from jenkinsgen.spec import credentials
from jenkinsgen.spec.values import HostAddress

PKCS8 = serialization.PrivateFormat.PKCS8
TRADITIONAL = serialization.PrivateFormat.TraditionalOpenSSL
OPENSSH = serialization.PrivateFormat.OpenSSH
KEYS = {
    "rsa": rsa.generate_private_key(65537, 2048),
    "ecdsa": ec.generate_private_key(ec.SECP256R1()),
    "ecdsa-521": ec.generate_private_key(ec.SECP521R1()),
    "ed25519": ed25519.Ed25519PrivateKey.generate(),
}
FORMS = [
    (kind, form)
    for kind in KEYS
    for form in (PKCS8, TRADITIONAL, OPENSSH)
    if (kind, form) != ("ed25519", TRADITIONAL)  # There is none.
]


def pem(key: object, form: serialization.PrivateFormat, passphrase: str = "") -> bytes:
    how = serialization.BestAvailableEncryption(passphrase.encode()) if passphrase else serialization.NoEncryption()
    written: bytes = key.private_bytes(serialization.Encoding.PEM, form, how)  # type: ignore[attr-defined]
    return written


def public(key: object) -> bytes:
    written: bytes = key.public_key().public_bytes(  # type: ignore[attr-defined]
        serialization.Encoding.OpenSSH, serialization.PublicFormat.OpenSSH
    )
    return written


def written(folder: Path, content: bytes) -> str:
    path = folder / "deploy_key"
    path.write_bytes(content)
    return str(path)


@pytest.mark.slow
@pytest.mark.parametrize("passphrase", ["", "correct horse"])
@pytest.mark.parametrize(("kind", "form"), FORMS)
def test_every_form_of_a_key_logs_in(tmp_path: Path, kind: str, form: serialization.PrivateFormat, passphrase: str):
    """PKCS#8 is what Terraform and `openssl genpkey` write."""
    path = written(tmp_path, pem(KEYS[kind], form, passphrase))
    key = load_key(path, passphrase or None)
    assert f"{key.get_name()} {key.get_base64()}".encode() == public(KEYS[kind])
    with FakeSshd(tmp_path, sshd.echo, keys=(key,)) as server:
        login = Login(key_file=path, passphrase=passphrase, known_hosts=server.login.known_hosts)
        connect(server.address, login).close()


@pytest.mark.parametrize("form", [PKCS8, TRADITIONAL, OPENSSH])
@pytest.mark.parametrize("change", [(b"\n", b"\r\n"), (b"\n", b"\r")], ids=["CRLF", "CR"])
def test_other_ends_of_lines_are_no_other_key(
    tmp_path: Path, form: serialization.PrivateFormat, change: tuple[bytes, bytes]
):
    content = pem(KEYS["ecdsa"], form)
    expected = load_key(written(tmp_path, content), None)
    for name, changed in {
        "ends": content.replace(*change),
        "no last newline": content.rstrip(),
        "blank": b"\n \n" + content + b"\n\n",
        "mark": b"\xef\xbb\xbf" + content,
    }.items():
        path = tmp_path / name
        path.write_bytes(changed)
        assert load_key(str(path), None) == expected


def test_a_passphrase_that_a_key_does_not_need_does_no_harm(tmp_path: Path):
    for form in (PKCS8, TRADITIONAL, OPENSSH):
        load_key(written(tmp_path, pem(KEYS["rsa"], form)), "unused")
        load_key.cache_clear()


@pytest.mark.parametrize("form", [PKCS8, TRADITIONAL, OPENSSH])
@pytest.mark.parametrize(
    ("passphrase", "said"),
    [("wrong", "its passphrase is another one"), ("", "it is encrypted, and no passphrase is bound")],
)
def test_a_missing_or_wrong_passphrase_is_told_as_such(
    tmp_path: Path, form: serialization.PrivateFormat, passphrase: str, said: str
):
    path = written(tmp_path, pem(KEYS["rsa"], form, "right"))
    with pytest.raises(KeyFileError, match=said) as refused:
        load_key(path, passphrase or None)
    assert path in refused.value.message
    assert "JENKINSGEN_SSH_PASSPHRASE" in (refused.value.hint or "")
    assert "right" not in str(refused.value)


DSA = dsa.generate_private_key(1024)  # noqa: S505 - it is to be refused
PUTTY = b"PuTTY-User-Key-File-3: ssh-ed25519\r\nEncryption: none\r\nComment: deploy\r\n"
DAMAGED = {
    "empty": (b"", "it is empty"),
    "blank": (b" \r\n\n", "it is empty"),
    "PuTTY": (PUTTY, "it is a key of PuTTY"),
    "public": (public(KEYS["rsa"]), "it is a public key"),
    "public ed25519": (public(KEYS["ed25519"]), "it is a public key"),
    "public SSH2": (b"---- BEGIN SSH2 PUBLIC KEY ----\nAAAA\n", "it is a public key"),
    "public PEM": (b"-----BEGIN PUBLIC KEY-----\nAAAA\n-----END PUBLIC KEY-----\n", "it is a public key"),
    "public PKCS#1": (b"-----BEGIN RSA PUBLIC KEY-----\nAAAA\n-----END RSA PUBLIC KEY-----\n", "it is a public key"),
    "certificate": (b"-----BEGIN CERTIFICATE-----\nAAAA\n-----END CERTIFICATE-----\n", "it is a certificate"),
    "DSA": (pem(DSA, TRADITIONAL), "it is a DSA key"),
    "DSA in PKCS#8": (pem(DSA, PKCS8), "it is a DSA key"),
    "curve": (pem(ec.generate_private_key(ec.SECP256K1()), PKCS8), "secp256k1"),
    "X25519": (pem(x25519.X25519PrivateKey.generate(), PKCS8), "it is no key for SSH"),
    "words": (b"the key is in the vault\n", "it is no private key"),
    "cut off": (pem(KEYS["rsa"], PKCS8)[:400], "it is damaged"),
    "cut off OpenSSH": (pem(KEYS["rsa"], OPENSSH)[:400], "it is damaged"),
    "too long": (b"x" * (MOST_BYTES + 1), "it has more than 65536 bytes"),
}


@pytest.mark.parametrize("what", DAMAGED)
def test_what_is_no_key_is_named_with_its_file_and_no_host_is_asked(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, what: str
):
    content, said = DAMAGED[what]
    path = written(tmp_path, content)
    monkeypatch.setenv(credentials.SSH_KEY, path)
    with pytest.raises(KeyFileError, match=said) as refused:
        workspace.login(pipeline("ssh: {credential: key}"), Report())
    assert refused.value.message.startswith(f"the SSH key {path} cannot be used: ")
    assert "servers" not in str(refused.value)
    assert refused.value.exit_code == 11
    with FakeSshd(tmp_path, sshd.echo) as server:
        with pytest.raises(KeyFileError):
            connect(server.address, Login(key_file=path, known_hosts=server.login.known_hosts))
        assert server.seen == 0


def test_a_file_that_cannot_be_read_is_told_as_such(tmp_path: Path):
    os.mkfifo(tmp_path / "pipe")
    for name, said in (("none", "it is not there"), (".", "it cannot be read"), ("pipe", "it is no regular file")):
        with pytest.raises(KeyFileError, match=said):
            load_key(str(tmp_path / name), None)


def test_a_key_of_somebody_else_is_told_as_such(tmp_path: Path):
    path = written(tmp_path, pem(KEYS["ed25519"], OPENSSH))
    Path(path).chmod(0)
    tmp_path.chmod(0o755)
    with pytest.raises(KeyFileError, match="may not read it"):
        _as_another(path)


def _as_another(path: str) -> None:
    """Root may read everything, so it gives that up for a moment."""
    was = os.geteuid()
    if was == 0:
        os.seteuid(65534)
    try:
        load_key(path, None)
    finally:
        if was == 0:
            os.seteuid(0)


@given(st.binary(max_size=400), st.sampled_from([b"", *(pem(KEYS["ed25519"], form) for form in (PKCS8, OPENSSH))]))
def test_no_bytes_of_a_key_file_end_in_a_traceback(tmp_path_factory: pytest.TempPathFactory, noise: bytes, key: bytes):
    half = len(key) // 2
    path = tmp_path_factory.getbasetemp() / "noise"
    for content in (noise, key[:half] + noise + key[half:], noise + key, key + noise):
        path.write_bytes(content)
        load_key.cache_clear()
        with suppress(KeyFileError):
            load_key(str(path), "x")


def test_a_login_without_a_key_names_what_in_ssh_cannot_be_used(tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setenv("HOME", str(tmp_path))
    monkeypatch.delenv("SSH_AUTH_SOCK", raising=False)
    (tmp_path / ".ssh").mkdir()
    (tmp_path / ".ssh/id_rsa").write_bytes(pem(KEYS["rsa"], OPENSSH, "secret"))
    (tmp_path / ".ssh/id_ed25519").write_bytes(b"")
    with (
        FakeSshd(tmp_path, sshd.echo) as server,
        pytest.raises(HostError, match="the login of deploy with this user's own keys was refused") as refused,
    ):
        connect(HostAddress("127.0.0.1", "deploy", server.port), Login(known_hosts=server.login.known_hosts))
    hint = refused.value.hint or ""
    assert f"{tmp_path}/.ssh/id_rsa cannot be used: it is encrypted, and no passphrase is bound" in hint
    assert f"{tmp_path}/.ssh/id_ed25519 cannot be used: it is empty" in hint
