"""Login shells that print, read, or run something else, on real sshds: no noise is an answer, and none does harm."""

from __future__ import annotations

import subprocess
from contextlib import contextmanager
from typing import TYPE_CHECKING

import pytest
from sandbox_workspace import as_root, log_in, on

from jenkinsgen.edge.docker.connect import remote_engine
from jenkinsgen.edge.ssh.host import Login, connect
from jenkinsgen.errors import HostError
from jenkinsgen.spec.values import HostAddress

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from sandbox_workspace import Workspace

    from jenkinsgen.sandbox import Host, Sandbox

# Lines that would be answers, were they the command's: of the state folder, of observe.sh, of an engine, of `id -un`.
NOISE = r"""
echo root
echo 'now 1'
echo 'age 99999'
echo 'live blue'
echo 'root yes'
printf 'HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\n[]'
echo 'sudo: unable to resolve host app1: Name or service not known' >&2
echo 'setlocale: LC_ALL: cannot change locale (ko_KR.UTF-8)' >&2
"""


@contextmanager
def bashrc(sandbox: Sandbox, host: Host, text: str, name: str = ".bashrc") -> Iterator[None]:
    """The user's shell there is bash, which reads it although nobody types: Debian builds it so."""
    path = f"/home/{sandbox.user}/{name}"
    as_root(sandbox, host, f"[ ! -e {path} ] || mv {path} {path}.was; cat >{path} <<'END'\n{text}\nEND\n")
    try:
        yield
    finally:
        as_root(sandbox, host, f"rm {path}; [ ! -e {path}.was ] || mv {path}.was {path}")


def test_a_deployment_does_not_notice_that_every_login_shell_talks(workspace: Workspace):
    sandbox = workspace.sandbox
    hosts = (sandbox.nginx, *sandbox.servers)
    with bashrc(sandbox, hosts[0], NOISE), bashrc(sandbox, hosts[1], NOISE), bashrc(sandbox, hosts[2], NOISE):
        workspace.build()
        workspace.succeed("build-image", "deploy-colour", "switch-nginx", "cleanup")
        workspace.build()
        workspace.succeed("build-image", "deploy-colour", "switch-nginx")
        workspace.succeed("rollback")
        workspace.succeed("status")


@pytest.mark.parametrize("name", [".bashrc", ".ssh/rc"])
def test_what_a_login_shell_says_is_no_answer(sandbox: Sandbox, name: str):
    for host in (sandbox.nginx, sandbox.servers[0]):
        with bashrc(sandbox, host, NOISE, name):
            connection = log_in(sandbox, host)
            try:
                assert connection.check(["id", "-un"]) == f"{sandbox.user}\n"
                assert connection.run(["cat"], stdin="one\ntwo\n").output == "one\ntwo\n"
                done = connection.run(["sh", "-c", "echo out; echo err >&2; exit 7"])
                assert (done.output, done.errors, done.exit_code) == ("out\n", "err\n", 7)
                if host is not sandbox.nginx:
                    assert remote_engine(connection).containers() is not None
            finally:
                connection.close()


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("echo 'down for maintenance'; exit 0", "down for maintenance"),
        ("exit 3", "it ended with 3"),
        ("exec id -un", "deploy"),
    ],
)
def test_a_login_shell_that_ends_is_told_as_such(sandbox: Sandbox, text: str, said: str):
    server = sandbox.servers[0]
    with (
        bashrc(sandbox, server, text),
        pytest.raises(HostError, match="its login shell did not run the command") as got,
    ):
        on(sandbox, server, "id", "-un")
    assert said in got.value.message
    with bashrc(sandbox, server, text):
        connection = log_in(sandbox, server)
        with pytest.raises(HostError, match="its login shell did not run the command") as got:
            remote_engine(connection)
        connection.close()
    assert said in got.value.message or "it ended" in got.value.message
    assert "systemctl" not in str(got.value)


def test_a_login_shell_that_reads_leaves_no_half_input(sandbox: Sandbox):
    with bashrc(sandbox, sandbox.nginx, "read -r eaten"):
        connection = log_in(sandbox, sandbox.nginx)
        with pytest.raises(HostError, match="its login shell did not run the command"):
            connection.run(["sh", "-c", "cat >/tmp/half"], stdin="one\ntwo\n")
        connection.close()
    assert on(sandbox, sandbox.nginx, "sh", "-c", "ls /tmp").count("half") == 0


@pytest.mark.parametrize("shell", ["/usr/sbin/nologin", "/bin/false"])
def test_an_account_without_a_shell_is_told_as_such(sandbox: Sandbox, shell: str):
    server = sandbox.servers[0]
    as_root(sandbox, server, f"usermod -s {shell} {sandbox.user}")
    try:
        with pytest.raises(HostError, match="its login shell did not run the command") as refused:
            on(sandbox, server, "id", "-un")
    finally:
        as_root(sandbox, server, f"usermod -s /bin/bash {sandbox.user}")
    assert "nologin" in (refused.value.hint or "")


def test_a_command_that_sshd_forces_is_told_as_such(sandbox: Sandbox):
    server = sandbox.servers[0]
    line = f"Match User {sandbox.user}\\n    ForceCommand echo backups only"
    as_root(sandbox, server, f"cp /etc/ssh/sshd_config /tmp/was; printf '{line}\\n' >>/etc/ssh/sshd_config; {RELOAD}")
    try:
        with pytest.raises(HostError, match="backups only"):
            on(sandbox, server, "id", "-un")
    finally:
        as_root(sandbox, server, f"cp /tmp/was /etc/ssh/sshd_config; {RELOAD}")


RELOAD = "pkill -HUP -o -x sshd; sleep 0.5"


@pytest.mark.parametrize("kind", ["RSA", "ed25519", "EC"])
def test_a_key_that_openssl_wrote_logs_in(sandbox: Sandbox, tmp_path: Path, kind: str):
    """PKCS#8, as Terraform writes it."""
    options = {"RSA": ("rsa_keygen_bits:2048",), "EC": ("ec_paramgen_curve:P-256",)}.get(kind, ())
    key = tmp_path / "key"
    arguments = [word for option in options for word in ("-pkeyopt", option)]
    subprocess.run(
        ["openssl", "genpkey", "-algorithm", kind, *arguments, "-out", str(key)], check=True, capture_output=True
    )
    key.chmod(0o600)
    public = Login(key_file=str(key)).key()
    assert public is not None
    server = sandbox.servers[0]
    path = f"/home/{sandbox.user}/.ssh/authorized_keys"
    line = f"{public.get_name()} {public.get_base64()} of-a-test"
    as_root(sandbox, server, f"cp {path} /tmp/keys; echo '{line}' >>{path}")
    try:
        login = Login(key_file=str(key), known_hosts=str(sandbox.known_hosts))
        connection = connect(HostAddress(server.address, sandbox.user), login)
        assert connection.check(["id", "-un"]) == f"{sandbox.user}\n"
        connection.close()
    finally:
        as_root(sandbox, server, f"cp /tmp/keys {path}; rm /tmp/keys")
