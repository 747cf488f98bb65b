"""The Docker engine of this machine: the one that answers, or one that we start and stop."""

from __future__ import annotations

import os
import shutil
import signal
import subprocess
import time
from pathlib import Path
from typing import TYPE_CHECKING

from jenkinsgen.errors import CommandFailed, ToolMissing
from jenkinsgen.sandbox.docker_cli import docker

if TYPE_CHECKING:
    from jenkinsgen.report import Report

START_SECONDS = 30
PID_FILE_SECONDS = 5.0
STOP_SECONDS = 30
INSTALL_HINT = "install Docker and start it, or run as root with `dockerd` installed (Debian: docker.io)"


def ensure(folder: Path, report: Report) -> None:
    """Return when an engine answers. Raises ToolMissing with the reason when none can be had."""
    configured = os.environ.get("DOCKER_HOST", "")
    if configured and not configured.startswith("unix://"):
        raise ToolMissing(
            f"DOCKER_HOST={configured} is on another machine: its containers cannot be reached from here",
            hint="unset DOCKER_HOST, or run the sandbox on that machine",
        )
    refusal = _refusal()
    if refusal is None:
        return
    if "permission denied" in refusal:
        raise ToolMissing(f"the Docker engine refuses: {refusal}", hint="run as root, or join group docker")
    if configured:
        raise ToolMissing(f"no Docker engine answers: {refusal}", hint="start it, or unset DOCKER_HOST")
    if os.geteuid() != 0 or shutil.which("dockerd") is None:
        raise ToolMissing(f"no Docker engine answers: {refusal}", hint=INSTALL_HINT)
    with report.timed("Docker engine started"):
        _start(folder)


def answers() -> bool:
    """Whether an engine answers; False also where the `docker` program is missing."""
    try:
        return _refusal() is None
    except ToolMissing:
        return False


def is_ours(folder: Path) -> bool:
    """Whether the engine that we started is running."""
    return _pid(folder) is not None


def stop(folder: Path) -> None:
    """End the engine that we started and remove its folder, with every image in it."""
    pid = _pid(folder)
    if pid is not None:
        os.kill(pid, signal.SIGTERM)
        deadline = time.monotonic() + STOP_SECONDS
        while _pid(folder) is not None:
            if time.monotonic() > deadline:
                raise CommandFailed(f"dockerd (pid {pid}) did not end within {STOP_SECONDS} s of SIGTERM")
            time.sleep(0.05)
    _unmount(folder)
    if folder.exists():
        shutil.rmtree(folder)


def _unmount(folder: Path) -> None:
    """An engine that was killed leaves its mounts behind."""
    mounts = [line.split()[1] for line in Path("/proc/self/mounts").read_text().splitlines()]
    for mount in reversed(mounts):
        if Path(mount).is_relative_to(folder):
            subprocess.run(["umount", "--lazy", mount], check=False)


def _refusal() -> str | None:
    """Why the engine does not answer; None when it does."""
    try:
        docker("version", "--format", "{{.Server.Version}}", seconds=10)
    except CommandFailed as error:
        return error.message.rpartition("failed: ")[2]
    return None


def _start(folder: Path) -> None:
    """Start dockerd in a session of its own, so that Ctrl-C here does not end it.

    It gets a data folder of its own: an engine started on /var/lib/docker would also start the containers
    that were left there with a restart policy.
    """
    folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    if not is_ours(folder):
        # dockerd does not start over the pid file of a killed one when the number is in use again.
        _pid_file(folder).unlink(missing_ok=True)
    log = folder / "dockerd.log"
    with log.open("ab") as sink:
        # It outlives us, so it is no child of ours; dockerd itself writes the pid file.
        subprocess.run(
            [
                *["setsid", "--fork", "dockerd", "--data-root"],
                str(folder / "data"),
                "--pidfile",
                str(_pid_file(folder)),
            ],
            stdin=subprocess.DEVNULL,
            stdout=sink,
            stderr=sink,
            check=True,
        )
    began = time.monotonic()
    seen = False
    while not answers():
        waited = time.monotonic() - began
        running = is_ours(folder)
        seen = seen or running
        if waited > START_SECONDS or (not running and (seen or waited > PID_FILE_SECONDS)):
            tail = "\n".join(log.read_text(errors="replace").splitlines()[-5:])
            raise ToolMissing(f"dockerd did not start; the end of {log}:\n{tail}", hint=INSTALL_HINT)
        time.sleep(0.05)


def _pid_file(folder: Path) -> Path:
    return folder / "dockerd.pid"


def _pid(folder: Path) -> int | None:
    """The process id of our engine; None when it is gone, even if another program has its number now."""
    try:
        pid = int(_pid_file(folder).read_text())
        command = Path(f"/proc/{pid}/cmdline").read_bytes().split(b"\0")
    except (FileNotFoundError, ProcessLookupError, ValueError):
        return None
    return pid if str(_pid_file(folder)).encode() in command else None
