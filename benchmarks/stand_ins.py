"""One look at many servers, each of which is an SSH server of Python with an engine that runs nothing.

python benchmarks/stand_ins.py look FOLDER PORT COUNT   what `measure` starts, to have a process to itself
"""

# ruff: noqa: INP001, S101 - programs, not a package, and asserts that tell mypy what holds

from __future__ import annotations

import subprocess
import sys
import tempfile
import time
from dataclasses import dataclass
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))
sys.path.insert(1, str(Path(__file__).resolve().parents[1] / "tests" / "unit"))

import click
from examples import pipeline
from processes import Peak, watched

from jenkinsgen.edge.ssh.host import Login
from jenkinsgen.report import Report
from jenkinsgen.stages.context.real import REAL, open_session
from jenkinsgen.stages.context.stage import Stage

END_SECONDS = 60


@dataclass(frozen=True)
class Look:
    """What it took to connect to all of them and to see what runs there."""

    servers: int
    seconds: float
    peak: Peak


def measure(count: int) -> Look:
    """Start `count` stand-ins and look at them from a process of its own."""
    with tempfile.TemporaryDirectory() as folder:
        program = Path(__file__).parents[1] / "tests" / "unit" / "fleet_of_sshds.py"
        stand_ins = subprocess.Popen(
            [sys.executable, str(program), folder, str(count + 1)], stdin=subprocess.PIPE, stdout=subprocess.PIPE
        )
        assert stand_ins.stdin is not None
        assert stand_ins.stdout is not None
        try:
            port = stand_ins.stdout.readline().decode().strip()
            command = [sys.executable, __file__, "look", folder, port, str(count)]
            peak = Peak()
            looking = subprocess.Popen(command, stdout=subprocess.PIPE)
            with watched(looking.pid, peak):
                said, _ = looking.communicate()
            if looking.returncode != 0:
                raise SystemExit("the look at the stand-ins failed")
            return Look(count, float(said), peak)
        finally:
            stand_ins.stdin.close()
            stand_ins.wait(END_SECONDS)
            stand_ins.stdout.close()


def look(folder: str, port: str, count: str) -> None:
    """Connect to all, observe all; print the seconds."""
    servers = ", ".join(f"deploy@127.0.0.{number}:{port}" for number in range(2, int(count) + 2))
    spec = pipeline(f"servers: [{servers}]\nnginx: {{host: 'deploy@127.0.0.1:{port}'}}")
    login = Login(key_file=f"{folder}/key", known_hosts=f"{folder}/known_hosts")
    began = time.monotonic()
    with open_session(Stage("look", spec, Report(), REAL), login, with_servers=True) as session:
        found = session.observe_servers()
    assert len(found) == int(count)
    click.echo(time.monotonic() - began)


if __name__ == "__main__":
    look(*sys.argv[2:])
