"""Ways to break a sandbox and to mend it again."""

from __future__ import annotations

import subprocess
from contextlib import contextmanager
from typing import TYPE_CHECKING

from sandbox_workspace import as_root

if TYPE_CHECKING:
    from collections.abc import Iterator

    from jenkinsgen.sandbox import Host, Sandbox


def docker(*arguments: str) -> str:
    """Run docker on the machine that holds the sandbox."""
    done = subprocess.run(["docker", *arguments], capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    return done.stdout


@contextmanager
def stopped(sandbox: Sandbox, host: Host) -> Iterator[None]:
    """The whole host is down."""
    name = f"{sandbox.prefix}-{host.name}"
    docker("stop", name)
    try:
        yield
    finally:
        docker("start", name)


@contextmanager
def filtered(sandbox: Sandbox, host: Host, *rule: str) -> Iterator[None]:
    """A rule of iptables on a host, also on one that may not set any itself."""
    inside = ("run", "--rm", "--network", f"container:{sandbox.prefix}-{host.name}", "--cap-add", "NET_ADMIN")
    docker(*inside, sandbox.image, "iptables", "-I", *rule)
    try:
        yield
    finally:
        docker(*inside, sandbox.image, "iptables", "-D", *rule)


@contextmanager
def without_ssh(sandbox: Sandbox, host: Host) -> Iterator[None]:
    """No packet reaches its sshd any more, on old connections neither; all else goes on."""
    with filtered(sandbox, host, "INPUT", "-p", "tcp", "--dport", "22", "-j", "DROP"):
        yield


@contextmanager
def undone(sandbox: Sandbox, host: Host, do: str, undo: str) -> Iterator[None]:
    """A shell script as root on the host, and another one that takes it back."""
    as_root(sandbox, host, do)
    try:
        yield
    finally:
        as_root(sandbox, host, undo)
