"""Two hundred servers: what one stage costs the agent."""

from __future__ import annotations

import contextlib
import resource
import subprocess
import sys
import threading
import time
from pathlib import Path
from typing import TYPE_CHECKING

import pytest
from examples import pipeline

from jenkinsgen.edge.ssh.host import Login
from jenkinsgen.parallel import AT_ONCE
from jenkinsgen.report import Report
from jenkinsgen.stages.context.real import REAL, open_session
from jenkinsgen.stages.context.stage import Stage

if TYPE_CHECKING:
    from collections.abc import Iterator

pytestmark = pytest.mark.slow

SERVERS = 200
MIB = 1024


@contextlib.contextmanager
def fleet(folder: Path) -> Iterator[int]:
    program = Path(__file__).with_name("fleet_of_sshds.py")
    command = [sys.executable, str(program), str(folder), str(SERVERS + 1)]
    process = subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)
    assert process.stdin is not None
    assert process.stdout is not None
    try:
        yield int(process.stdout.readline())
    finally:
        process.stdin.close()
        process.wait(30)
        process.stdout.close()


@pytest.mark.skipif(sys.platform != "linux", reason="only Linux answers on all of 127.0.0.0/8")
def test_a_session_with_two_hundred_servers_is_bounded(tmp_path: Path):
    most = 0
    over = threading.Event()

    def watch() -> None:
        nonlocal most
        while not over.wait(0.005):
            most = max(most, threading.active_count())

    threads_before = threading.active_count()
    memory_before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    watcher = threading.Thread(target=watch)
    watcher.start()
    try:
        with fleet(tmp_path) as port:
            servers = ", ".join(f"deploy@127.0.0.{number}:{port}" for number in range(2, SERVERS + 2))
            spec = pipeline(f"servers: [{servers}]\nnginx: {{host: 'deploy@127.0.0.1:{port}'}}")
            login = Login(key_file=str(tmp_path / "key"), known_hosts=str(tmp_path / "known_hosts"))
            started = time.monotonic()
            with open_session(Stage("test", spec, Report(), REAL), login, with_servers=True) as session:
                opened = time.monotonic() - started
                observed = session.observe_servers()
                looked = time.monotonic() - started - opened
    finally:
        over.set()
        watcher.join()

    memory = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - memory_before
    sys.stdout.write(f"opened {opened:.1f} s, looked {looked:.1f} s, {most} threads, {memory / MIB:.0f} MiB more\n")
    assert len(observed) == SERVERS
    # paramiko has a thread for each connection. Ours come on top, whatever the number of servers: one for each call
    # under way, one for the deadline of its command, and the one that counts them.
    assert most <= threads_before + SERVERS + 1 + 2 * AT_ONCE + 1
    assert memory < 200 * MIB
