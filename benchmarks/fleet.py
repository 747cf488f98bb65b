"""The servers of the sandbox that a benchmark deploys to, and the commands that it gives them."""

# ruff: noqa: INP001 - programs, not a package

from __future__ import annotations

import json
import os
import subprocess
import sys
import time
from contextlib import contextmanager
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))
sys.path.insert(1, str(Path(__file__).resolve().parents[1] / "tests"))

from processes import Peak, watched
from sandbox_workspace import Workspace, as_root, check_out, make_bare

from jenkinsgen import sandbox as sandboxes
from jenkinsgen.parallel import in_parallel
from jenkinsgen.report import Report
from jenkinsgen.sandbox.place import NAME_VARIABLE

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping

    from jenkinsgen.sandbox import Host, Sandbox

START_SECONDS = 2
"""How long the app of all benchmarks takes until it listens."""
STAGE_SECONDS = 300


@contextmanager
def sandbox(servers: int) -> Iterator[Sandbox]:
    """A sandbox with at least so many servers.

    One that was there before stays, which may have more of them; one that was made for this goes again.
    """
    os.environ.setdefault(NAME_VARIABLE, "bench")
    before = sandboxes.load()
    made = sandboxes.up(max(servers, len(before.servers)) if before else servers, Report())
    try:
        yield made
    finally:
        if before is None:
            sandboxes.down(Report())


@dataclass
class Fleet:
    """Some servers of the sandbox, with a checkout whose spec names them."""

    sandbox: Sandbox
    workspace: Workspace
    environment: Mapping[str, str]
    """For the commands of Docker on this machine: it has logged in to the registry."""

    @property
    def servers(self) -> tuple[Host, ...]:
        return self.sandbox.servers

    def docker(self, *words: str) -> None:
        """A command of Docker on this machine, the agent; in the checkout."""
        command = ["docker", *words]
        subprocess.run(command, cwd=self.workspace.folder, env=self.environment, check=True, capture_output=True)

    def ssh(self, host: Host, script: str) -> None:
        """A shell script on a host, by OpenSSH, over a connection of its own."""
        command = ["ssh", "-F", str(self.sandbox.ssh_config), host.name, script]
        subprocess.run(command, check=True, capture_output=True)

    def said_by(self, host: Host, script: str) -> str:
        """The output of a shell script on a host."""
        command = ["ssh", "-F", str(self.sandbox.ssh_config), host.name, script]
        return subprocess.run(command, check=True, capture_output=True, text=True).stdout

    def on_all(self, script: str) -> None:
        """The same on all servers at once."""
        self.everywhere(lambda server: self.ssh(server, script))

    def everywhere(self, call: Callable[[Host], Any]) -> None:
        """Call for all servers at once."""
        in_parallel(call, {server.name: server for server in self.servers})

    def stage(self, name: str, *options: str, peak: Peak | None = None) -> float:
        """Run a command of jenkinsgen as Jenkins does, as a process; returns its seconds."""
        began = time.monotonic()
        process = self.workspace.start(name, options)
        with watched(process.pid, peak or Peak()):
            said, _ = process.communicate(timeout=STAGE_SECONDS)
        if process.returncode != 0:
            raise SystemExit(f"{name} ended with {process.returncode}:\n{said}")
        return time.monotonic() - began

    def said(self, stage: str) -> dict[str, Any]:
        """What a stage wrote down for the build."""
        found: dict[str, Any] = json.loads((self.workspace.folder / ".jenkinsgen" / f"{stage}.json").read_text())
        return found


@contextmanager
def fleet(sandbox: Sandbox, size: int, folder: Path) -> Iterator[Fleet]:
    """The first `size` servers, with nothing deployed; all are logged in to the registry, and so is this machine."""
    some = replace(sandbox, servers=sandbox.servers[:size])
    make_bare(some)
    workspace = check_out(some, folder / f"{size}-servers")
    # As the others: the first good answer counts.
    health = {"timeout": "60s", "interval": "100ms", "successes": 1}
    addresses = [f"{some.user}@{server.address}" for server in some.servers]
    workspace.change_spec(servers=addresses, service={"health": health})
    docker_config = folder / "docker"
    made = Fleet(some, workspace, {**os.environ, "DOCKER_CONFIG": str(docker_config), "DOCKER_BUILDKIT": "0"})
    login = f"docker login -u {some.registry_user} -p {some.registry_password} {some.registry}"
    made.docker(*login.split()[1:])
    made.on_all(login)
    try:
        yield made
    finally:
        made.on_all(f"docker logout {some.registry}")
        make_bare(some)


def answers(host: Host, port: int) -> bool:
    """Is the app on that port healthy? Asked from here, with the tool that the article asks with."""
    url = f"http://{host.address}:{port}/actuator/health"
    command = ["curl", "-s", "-o", "/dev/null", "-m", "2", "-w", "%{http_code}", url]
    return subprocess.run(command, check=False, capture_output=True, text=True).stdout == "200"


__all__ = ["START_SECONDS", "Fleet", "answers", "as_root", "fleet", "sandbox"]
