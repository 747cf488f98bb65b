"""Pinned host keys: every key that the file names will do, none that it revokes, and one bad line breaks nothing."""

from __future__ import annotations

import base64
import hashlib
import hmac
import itertools
from types import SimpleNamespace
from typing import TYPE_CHECKING, Any

import paramiko
import pytest
import sshd
from hypothesis import given
from hypothesis import strategies as st
from sshd import HOST_KEY, FakeSshd

from jenkinsgen.edge.ssh import algorithms as ssh_algorithms
from jenkinsgen.edge.ssh.host import Login, connect
from jenkinsgen.edge.ssh.known_hosts import ChangedHostKey, KnownHosts, RevokedHostKey, UnknownHostKey, read_known_hosts
from jenkinsgen.errors import HostError

if TYPE_CHECKING:
    from pathlib import Path

OTHER, RSA = paramiko.ECDSAKey.generate(), paramiko.RSAKey.generate(2048)
NAME = "app1.example.com"
CLIENT: Any = SimpleNamespace()


def line(names: str, key: paramiko.PKey = HOST_KEY, marker: str = "") -> str:
    return f"{marker} {names} {key.get_name()} {key.get_base64()} a comment\n".lstrip()


def hashed(name: str) -> str:
    salt = b"0123456789abcdefghij"
    digest = hmac.new(salt, name.encode(), hashlib.sha1).digest()
    return f"|1|{base64.b64encode(salt).decode()}|{base64.b64encode(digest).decode()}"


def known(folder: Path, *lines: str) -> KnownHosts:
    path = folder / "known_hosts"
    path.write_text("".join(lines))
    return read_known_hosts(str(path), required=True)


ACCEPTED = {
    "the name": [line(NAME)],
    "of several names": [line(f"app,192.0.2.11,{NAME}")],
    "hashed": [line(hashed("other.example.com"), OTHER), line(hashed(NAME))],
    "a pattern": [line("*.example.com")],
    "one letter": [line("app?.example.com")],
    "in capitals": [line("APP1.Example.Com")],
    "tabs and spaces": [f"  {line(NAME)}".replace(" ", "\t ")],
    "the second of a kind, while it rotates": [line(NAME, OTHER), line(NAME)],
    "the first of a kind, while it rotates": [line(NAME), line(NAME, OTHER)],
    "of another kind as well": [line(NAME, RSA), line(NAME)],
    "beside one that is revoked": [line(NAME, OTHER, "@revoked"), line(NAME)],
    "beside an authority": [line("*", OTHER, "@cert-authority"), line(NAME)],
    "beside damage": ["app1 ssh-ed25519 AAAAbroken!\n", "@\n", "@revoked\n", "nothing\n", "\n", "# x\n", line(NAME)],
    "beside a kind of key that nobody knows": [f"{NAME} ssh-unknown AAAAC3NzaC11bmtub3du\n", line(NAME)],
    "beside an SSH 1 key": [f"{NAME} 1024 65537 1234567890\n", line(NAME)],
    "beside one that is cut off": [line(NAME)[:60] + "\n", line(NAME)],
}


@pytest.mark.parametrize("what", ACCEPTED)
def test_a_key_that_the_file_names_is_accepted(tmp_path: Path, what: str):
    known(tmp_path, *ACCEPTED[what]).missing_host_key(CLIENT, NAME, HOST_KEY)


REFUSED = {
    "nothing": ([], UnknownHostKey),
    "another host": ([line("app2.example.com")], UnknownHostKey),
    "a part of its name": ([line("app1.example.co"), line("pp1.example.com")], UnknownHostKey),
    "another port": ([line(f"[{NAME}]:2222")], UnknownHostKey),
    "negated": ([line(f"*.example.com,!{NAME}")], UnknownHostKey),
    "negated alone": ([line("!app2.example.com")], UnknownHostKey),
    "an authority alone": ([line("*", HOST_KEY, "@cert-authority")], UnknownHostKey),
    "a comment": (["#" + line(NAME)], UnknownHostKey),
    "another marker": ([line(NAME, HOST_KEY, "@trusted")], UnknownHostKey),
    "a hash of another name": ([line(hashed("app2.example.com"))], UnknownHostKey),
    "half a hash": ([line("|1|AAAA"), line("|1|AAAA|!"), line("|1|")], UnknownHostKey),
    "another key": ([line(NAME, OTHER)], ChangedHostKey),
    "a key of another kind": ([line(NAME, RSA)], ChangedHostKey),
    "a letter as a set": ([line("app[1].example.com")], UnknownHostKey),
    "revoked": ([line(NAME, HOST_KEY, "@revoked")], RevokedHostKey),
    "revoked for all": ([line(NAME), line("*", HOST_KEY, "@revoked")], RevokedHostKey),
}


@pytest.mark.parametrize("what", REFUSED)
def test_a_key_that_the_file_does_not_name_or_revokes_is_refused(tmp_path: Path, what: str):
    lines, refusal = REFUSED[what]
    with pytest.raises(refusal):
        known(tmp_path, *lines).missing_host_key(CLIENT, NAME, HOST_KEY)


def test_the_port_is_a_part_of_the_name(tmp_path: Path):
    for names in (f"[{NAME}]:2222", hashed(f"[{NAME}]:2222"), "[*.example.com]:2222"):
        known(tmp_path, line(names)).missing_host_key(CLIENT, f"[{NAME}]:2222", HOST_KEY)
        with pytest.raises(UnknownHostKey):
            known(tmp_path, line(names)).missing_host_key(CLIENT, f"[{NAME}]:2223", HOST_KEY)


def test_what_is_pinned_is_asked_for_first_and_an_rsa_key_never_with_sha_1(tmp_path: Path):
    found = known(tmp_path, line(NAME, RSA), line(NAME), line(NAME, OTHER, "@revoked"), line("other"))
    assert found.kinds(NAME) == ["rsa-sha2-512", "rsa-sha2-256", HOST_KEY.get_name()]


@given(st.text(alphabet=st.characters(exclude_categories=["Cs"]), max_size=200))
def test_no_line_ends_in_a_traceback_or_hides_another(tmp_path_factory: pytest.TempPathFactory, noise: str):
    folder = tmp_path_factory.getbasetemp()
    for noisy in (noise, f"@revoked {noise}", f"{NAME} {noise}", f"|1|{noise} ssh-ed25519 AAAA"):
        found = known(folder, noisy.replace("\0", ""), "\n", line(NAME))
        found.missing_host_key(CLIENT, NAME, HOST_KEY)


@pytest.fixture
def server(tmp_path: Path) -> Any:
    with FakeSshd(tmp_path, sshd.echo) as serving:
        yield serving


def logged_in(server: FakeSshd, folder: Path, *lines: str) -> paramiko.Transport:
    path = folder / "pinned"
    path.write_text("".join(lines))
    host = connect(server.address, Login(key_file=server.login.key_file, known_hosts=str(path)))
    return host.transport


def test_a_host_whose_key_rotates_is_reached_with_the_old_one_and_the_new_one(server: FakeSshd, tmp_path: Path):
    name = f"[127.0.0.1]:{server.port}"
    for lines in itertools.permutations((line(name, OTHER), line(name), line(name, RSA))):
        logged_in(server, tmp_path, *lines).close()


def test_a_revoked_key_is_told_as_such(server: FakeSshd, tmp_path: Path):
    name = f"[127.0.0.1]:{server.port}"
    with pytest.raises(HostError, match="its host key is revoked"):
        logged_in(server, tmp_path, line(name), line("*", HOST_KEY, "@revoked"))
    with pytest.raises(HostError, match="its host key has changed: it is now ecdsa-sha2-nistp256 SHA256:"):
        logged_in(server, tmp_path, line(name, OTHER))
    with pytest.raises(HostError, match="its host key is not known") as refused:
        logged_in(server, tmp_path, line("*", OTHER, "@cert-authority"))
    assert "certificates of hosts are not read here" in (refused.value.hint or "")
    assert server.seen == 3


def test_nothing_is_offered_that_openssh_9_does_not_offer(server: FakeSshd, tmp_path: Path):
    offered = logged_in(server, tmp_path, line(f"[127.0.0.1]:{server.port}")).get_security_options()
    assert set(offered.ciphers) <= set(ssh_algorithms.CIPHERS)
    assert set(offered.digests) <= set(ssh_algorithms.MACS)
    assert set(offered.kex) <= set(ssh_algorithms.KEY_EXCHANGES)
    assert set(offered.key_types) <= set(ssh_algorithms.HOST_KEYS)
    everything = " ".join((*offered.ciphers, *offered.digests, *offered.kex, *offered.key_types))
    for old in ("cbc", "3des", "arcfour", "md5", "sha1", "group1-", "ssh-dss", "ssh-rsa"):
        assert old not in everything
    assert {"rsa-sha2-512", "rsa-sha2-256"} <= set(offered.key_types)
    assert offered.key_types[0] == HOST_KEY.get_name()


class _Old(paramiko.Transport):
    """What an sshd of long ago has to offer."""

    _preferred_macs = ("hmac-md5", "hmac-sha1")


def test_an_sshd_of_long_ago_is_told_as_such_and_not_as_dead(tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr(sshd.paramiko, "Transport", _Old)
    monkeypatch.setattr(ssh_algorithms, "paramiko", SimpleNamespace(Transport=_Old.__base__))
    with FakeSshd(tmp_path, sshd.echo) as old, pytest.raises(HostError, match="no algorithm in common") as refused:
        connect(old.address, old.login)
    assert "`servers`" not in str(refused.value)


def test_a_comment_in_any_encoding_makes_no_file_unreadable(tmp_path: Path):
    path = tmp_path / "known_hosts"
    path.write_bytes("# \uc11c\ubc84\n".encode("euc-kr") + line(NAME).encode())
    read_known_hosts(str(path), required=True).missing_host_key(CLIENT, NAME, HOST_KEY)


@pytest.mark.parametrize("end", ["\x0b", "\x0c", "\x1c", "\x85", "\u2028"])
def test_what_ssh_takes_for_a_comment_pins_no_key(tmp_path: Path, end: str):
    with pytest.raises(UnknownHostKey):
        known(tmp_path, f"# of app1{end}{line(NAME)}").missing_host_key(CLIENT, NAME, HOST_KEY)
