"""Ways to break a sandbox and to mend it again."""

from __future__ import annotations

import subprocess
from contextlib import contextmanager
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING

from sandbox_workspace import as_root

if TYPE_CHECKING:
    from collections.abc import Iterator
    from contextlib import AbstractContextManager

    from jenkinsgen.sandbox import Host, Sandbox


def docker(*arguments: str) -> str:
    """Run docker on the machine that holds the sandbox."""
    done = subprocess.run(["docker", *arguments], capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    return done.stdout


@contextmanager
def no_registry(sandbox: Sandbox) -> Iterator[None]:
    """Nobody listens on the registry's port: connections are refused at once."""
    as_root(sandbox, sandbox.registry_host, "pkill docker-registry")
    try:
        yield
    finally:
        docker("restart", f"{sandbox.prefix}-{sandbox.registry_host.name}")


@contextmanager
def silent_registry(sandbox: Sandbox) -> Iterator[None]:
    """It takes connections and says nothing."""
    as_root(sandbox, sandbox.registry_host, "pkill -STOP docker-registry")
    try:
        yield
    finally:
        as_root(sandbox, sandbox.registry_host, "pkill -CONT docker-registry")


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


RESTART_ENGINE = """
old=$(cat /run/docker.pid)
kill "$old"
while kill -0 "$old" 2>/dev/null; do sleep 0.05; done
until docker version >/dev/null 2>&1; do sleep 0.1; done
"""


def on_small_disk(sandbox: Sandbox, server: Host) -> AbstractContextManager[None]:
    """The data of this server's engine lies on a file system of 64 MB, which begins empty.

    Containers are removed first: one whose files are gone would answer on, and no engine would know of it.
    """
    no_container = "docker ps -aq | xargs -r docker rm -f >/dev/null"
    return undone(
        sandbox,
        server,
        # While the old engine runs: the one that is started after it must find the new file system.
        f"{no_container}; mount -t tmpfs -o size=64m tmpfs /var/lib/docker; {RESTART_ENGINE}",
        f"{no_container}; umount -l /var/lib/docker; {RESTART_ENGINE}",
    )


def full_disk(sandbox: Sandbox, server: Host) -> AbstractContextManager[None]:
    """Not a byte is left there."""
    fill = "dd if=/dev/zero of=/var/lib/docker/filler bs=64k status=none 2>/dev/null || true"
    return undone(sandbox, server, fill, "rm /var/lib/docker/filler")


def with_live_restore(sandbox: Sandbox, server: Host) -> AbstractContextManager[None]:
    """Containers outlive their engine. It reads this setting anew on SIGHUP."""
    tell = "kill -HUP $(cat /run/docker.pid); sleep 0.2"
    return undone(
        sandbox,
        server,
        f"echo '{{\"live-restore\": true}}' >/etc/docker/daemon.json; {tell}",
        f"rm /etc/docker/daemon.json; {tell}",
    )


def await_in(sandbox: Sandbox, host: Host, condition: str) -> None:
    """Until a shell command ends with 0 on the host, as root."""
    as_root(sandbox, host, f"for i in $(seq 150); do if {condition}; then exit 0; fi; sleep 0.1; done; exit 1")


@contextmanager
def wrong_clock(sandbox: Sandbox, server: Host, seconds: int, folder: Path) -> Iterator[None]:
    """The engine of this server lives so many seconds in the future, or in the past; its containers go on.

    `folder` is for what is compiled.
    """
    source, name = Path(__file__).parent / "clock", f"{sandbox.prefix}-{server.name}"
    shared = ("cc", "-O2", "-fPIC", "-shared")
    compile_vdso = (
        *(*shared, f"-DOFFSET=({seconds})", "-nostdlib", "-Wl,-z,noseparate-code", "-Wl,--hash-style=both"),
        *(f"-Wl,--version-script={source / 'vdso.map'}", "-o", str(folder / "vdso.so"), str(source / "vdso.c")),
    )
    subprocess.run(compile_vdso, check=True)
    subprocess.run([*shared, "-o", str(folder / "preload.so"), str(source / "preload.c")], check=True)
    for built in ("vdso.so", "preload.so"):
        docker("cp", str(folder / built), f"{name}:/opt/{built}")
    wrapper = '#!/bin/sh\nVDSO=/opt/vdso.so LD_PRELOAD=/opt/preload.so exec /usr/sbin/dockerd.real "$@"\n'
    as_root(
        sandbox,
        server,
        f"mv /usr/sbin/dockerd /usr/sbin/dockerd.real; printf '%s' '{wrapper}' >/usr/sbin/dockerd; "
        f"chmod 755 /usr/sbin/dockerd; {RESTART_ENGINE}",
    )
    try:
        yield
    finally:
        as_root(sandbox, server, f"mv /usr/sbin/dockerd.real /usr/sbin/dockerd; {RESTART_ENGINE}")


def engine_time(sandbox: Sandbox, server: Host) -> float:
    """What the engine of a server takes for the time, in seconds since 1970."""
    said = as_root(sandbox, server, "docker info --format '{{.SystemTime}}'").strip()
    seconds, _, rest = said.partition(".")
    zone = rest.lstrip("0123456789").replace("Z", "+00:00")
    return datetime.fromisoformat(seconds + zone).timestamp()
