"""The guard of a bake against a real NGINX: its log, its rotation, and how soon a bad colour is noticed."""

from __future__ import annotations

import http.client
import json
import re
import threading
import time
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from types import SimpleNamespace
from typing import TYPE_CHECKING, Any

import pytest
from conftest import as_root, log_in, on
from test_nginx_modes import prepare

from jenkinsgen.clock import Clock
from jenkinsgen.deploy.guard.judgement import UNKNOWN, Baseline
from jenkinsgen.edge.nginx.access_log import AccessLog, LogAbsent
from jenkinsgen.edge.ssh.host import Login
from jenkinsgen.errors import HostError, JenkinsgenError, ReleaseRefused, StateError
from jenkinsgen.report import Report
from jenkinsgen.spec.colour import Colour
from jenkinsgen.spec.reading.load import load_spec
from jenkinsgen.stages.context.real import REAL, open_session
from jenkinsgen.stages.context.stage import Stage
from jenkinsgen.stages.watch.bake import usual, watch

if TYPE_CHECKING:
    from collections.abc import Iterator

    from conftest import Workspace

    from jenkinsgen.edge.ssh.host import SshHost
    from jenkinsgen.stages.context.session import Session

pytestmark = pytest.mark.sandbox

LOG = "/var/log/nginx/jenkinsgen-shop.log"
WINDOW = 5.0
STAGES = ("build-image", "deploy-colour", "switch-nginx")


@pytest.fixture
def guarded(workspace: Workspace) -> Workspace:
    """A fresh checkout whose spec has a guard, and an NGINX without any log of it."""
    as_root(workspace.sandbox, workspace.sandbox.nginx, f"rm -f {LOG}* && nginx -s reopen")
    workspace.change_spec(bake="1m", guard={})
    return workspace


@contextmanager
def session_of(workspace: Workspace) -> Iterator[Session]:
    login = Login(key_file=str(workspace.sandbox.key_file), known_hosts=str(workspace.sandbox.known_hosts))
    stage = Stage("test", load_spec(workspace.spec_file).pipeline, Report(), REAL)
    with open_session(stage, login, with_servers=True) as session:
        yield session


@dataclass
class Users:
    """So many requests a second, one after the other, each on a connection of its own."""

    address: str
    per_second: float
    path: str = "/"
    patience: float = 10.0
    sent: int = 0
    bad: list[float] = field(default_factory=list)
    """When an answer of status 500 was there, by time.monotonic()."""

    def ask(self) -> None:
        connection = http.client.HTTPConnection(self.address, timeout=self.patience)
        try:
            connection.request("GET", self.path, headers={"Host": "shop.test"})
            if connection.getresponse().status >= http.client.INTERNAL_SERVER_ERROR:
                self.bad.append(time.monotonic())
        except TimeoutError:
            pass
        finally:
            connection.close()
            self.sent += 1


@contextmanager
def users(workspace: Workspace, per_second: float = 60, threads: int = 4, **more: object) -> Iterator[Users]:
    made = Users(workspace.sandbox.nginx.address, per_second, **more)  # type: ignore[arg-type]
    ends = threading.Event()

    def work() -> None:
        while not ends.wait(threads / per_second):
            made.ask()

    workers = [threading.Thread(target=work) for _ in range(threads)]
    for worker in workers:
        worker.start()
    try:
        yield made
    finally:
        ends.set()
        for worker in workers:
            worker.join()


@contextmanager
def shop_log(workspace: Workspace) -> Iterator[tuple[AccessLog, SshHost]]:
    host = log_in(workspace.sandbox, workspace.sandbox.nginx)
    try:
        yield AccessLog(host, LOG), host
    finally:
        host.close()


def release(workspace: Workspace, **app: object) -> None:
    """The next colour, which is as `app` says, gets the traffic; the old one stays warm."""
    workspace.build(**app)
    workspace.succeed(*STAGES)


def measured(workspace: Workspace) -> Baseline:
    """What green is like for some users."""
    with users(workspace), session_of(workspace) as session:
        time.sleep(2)
        return usual(session, Colour.GREEN)


def bake(workspace: Workspace, colour: Colour, baseline: Baseline = UNKNOWN, seconds: float = 40) -> None:
    with session_of(workspace) as session:
        watch(session, colour, baseline, seconds)


def refused(workspace: Workspace, colour: Colour, baseline: Baseline = UNKNOWN) -> str:
    with pytest.raises(ReleaseRefused) as caught:
        bake(workspace, colour, baseline)
    print(caught.value.message)  # noqa: T201 - what was measured
    return caught.value.message


def test_the_log_has_all_of_combined_and_none_of_our_own_requests(guarded: Workspace):
    release(guarded)
    connection = http.client.HTTPConnection(guarded.sandbox.nginx.address, timeout=10)
    headers = {
        "Host": "shop.test",
        "User-Agent": 'probe "quoted" \\ \x7f',
        "Referer": "http://elsewhere/?a=b",
        "Cookie": "session=s3cr3t",
        "Authorization": "Basic Ym9iOnMzY3IzdA==",
    }
    connection.request("GET", "/?q=1", headers=headers)
    assert connection.getresponse().status == 200
    connection.close()

    text = as_root(guarded.sandbox, guarded.sandbox.nginx, f"cat {LOG}")

    (found,) = (json.loads(line) for line in text.splitlines() if "q=1" in line)
    assert found["request"] == "GET /?q=1 HTTP/1.1"
    assert (found["agent"], found["referer"]) == (headers["User-Agent"], headers["Referer"])
    assert (found["status"], found["colour"], found["user"]) == ("200", "green", "bob")
    assert int(found["bytes"]) > 0
    assert len(found["id"]) == 32
    assert found["remote"]
    assert "s3cr3t" not in text
    assert "Ym9i" not in text
    assert "/.jenkinsgen/" not in text
    common = as_root(guarded.sandbox, guarded.sandbox.nginx, "tail -n 20 /var/log/nginx/access.log")
    assert "q=1" not in common


def test_every_line_is_read_once_while_the_log_is_rotated(guarded: Workspace):
    release(guarded)
    nginx = guarded.sandbox.nginx
    with shop_log(guarded) as (log, _):
        log.recent(60)
        found = 0
        with users(guarded, 200) as load:
            for number in range(4):
                # As logrotate does it. NGINX goes on in the moved file until it gets the signal.
                move = f"mv {LOG} {LOG}.{number}; sleep 0.2; kill -USR1 $(cat /run/nginx.pid)"
                mover = threading.Thread(target=as_root, args=(guarded.sandbox, nginx, move))
                mover.start()
                for _ in range(8):
                    found += len(log.look().requests)
                    time.sleep(0.1)
                mover.join()
        found += len(log.look().requests)

    assert load.sent > 100
    assert found == load.sent


def test_one_look_reads_no_more_than_its_bound(guarded: Workspace, monkeypatch: pytest.MonkeyPatch):
    release(guarded)
    monkeypatch.setattr("jenkinsgen.edge.nginx.access_log.LOOK_BYTES", 2000)
    with shop_log(guarded) as (log, _):
        log.recent(60)
        for _ in range(30):
            guarded.get()

        look = log.look()

        assert 2 <= len(look.requests) <= 7
        assert look.damaged == 0
        assert look.skipped > 5000
        guarded.get()
        assert len(log.look().requests) == 1


def test_a_log_that_may_not_be_read_is_told_before_the_switch(guarded: Workspace):
    release(guarded)
    nginx = guarded.sandbox.nginx
    as_root(guarded.sandbox, nginx, f"chown www-data:adm {LOG}; chmod 640 {LOG}")
    with shop_log(guarded) as (log, _):
        # Debian's logrotate makes it so; sudo is there.
        assert log.recent(60).time > 0
        as_root(guarded.sandbox, nginx, "mkdir -p /root/sudoers; mv /etc/sudoers.d/* /root/sudoers/")
        try:
            with session_of(guarded) as session, pytest.raises(HostError, match="may not be read") as caught:
                usual(session, Colour.GREEN)
        finally:
            as_root(guarded.sandbox, nginx, "mv /root/sudoers/* /etc/sudoers.d/")
    assert "usermod -aG adm" in str(caught.value.hint)


def test_no_log_is_no_baseline_and_no_bake(guarded: Workspace):
    release(guarded)
    as_root(guarded.sandbox, guarded.sandbox.nginx, f"rm {LOG}")
    with session_of(guarded) as session:
        assert usual(session, Colour.GREEN) == UNKNOWN
        with pytest.raises(LogAbsent, match="there is no"):
            watch(session, Colour.GREEN, UNKNOWN, 5)


def test_a_good_colour_bakes_to_the_end(guarded: Workspace):
    release(guarded)
    baseline = measured(guarded)
    assert baseline.requests > 60
    assert baseline.error_percent == 0
    with users(guarded):
        began = time.monotonic()
        bake(guarded, Colour.GREEN, baseline, 8)
        assert time.monotonic() - began >= 8


def test_errors_are_noticed(guarded: Workspace):
    release(guarded)
    baseline = measured(guarded)
    release(guarded, error_percent=20, trouble_after_seconds=8)

    with users(guarded) as load:
        said = refused(guarded, Colour.BLUE, baseline)
        took = time.monotonic() - load.bad[0]

    print(f"from the first bad answer to the verdict: {took:.2f} s")  # noqa: T201 - what was measured
    assert "were of status 5xx" in said
    assert "0 % before the switch" in said


def test_slow_answers_are_noticed(guarded: Workspace):
    release(guarded)
    baseline = measured(guarded)
    release(guarded, delay_ms=1000, trouble_after_seconds=8)

    with users(guarded, threads=60):
        said = refused(guarded, Colour.BLUE, baseline)

    assert "waited 1.0 s or longer" in said
    assert "before the switch, and guard.latency 3" in said


def test_a_colour_that_hangs_is_noticed_by_the_clients_that_leave(guarded: Workspace):
    release(guarded, delay_ms=60_000, trouble_after_seconds=4)

    # Nothing to compare with: three times a second is allowed.
    with users(guarded, threads=60, patience=3.5):
        said = refused(guarded, Colour.GREEN)

    assert "waited 3.5 s or longer" in said


def test_a_container_that_crashes_is_noticed_without_any_traffic(guarded: Workspace):
    release(guarded, crash_after_seconds=6)

    said = refused(guarded, Colour.GREEN)

    assert "shop-green ended by itself and was started again once" in said
    assert "crashes, as app.conf says" in said


def test_a_container_that_is_stopped_is_noticed(guarded: Workspace):
    release(guarded)
    stopped: list[float] = []

    def stop() -> None:
        on(guarded.sandbox, guarded.sandbox.servers[1], "docker", "stop", "-t", "0", "shop-green")
        stopped.append(time.monotonic())

    timer = threading.Timer(2, stop)
    timer.start()
    said = refused(guarded, Colour.GREEN)
    timer.join()

    assert re.search(r"shop-green ended with exit code (137|143) \(3 times in a row\)", said)
    assert stopped


def test_somebody_who_switches_ends_the_bake(guarded: Workspace):
    release(guarded)
    nginx = guarded.sandbox.nginx
    timer = threading.Timer(2, as_root, (guarded.sandbox, nginx, "touch /var/lib/jenkinsgen/shop/blue"))
    timer.start()
    with pytest.raises(StateError, match="blue became live while green was baking"):
        bake(guarded, Colour.GREEN)
    timer.join()


def test_mode_reload_has_a_guard_of_health_alone(guarded: Workspace):
    prepare(guarded)
    release(guarded)
    bake(guarded, Colour.GREEN, seconds=2)
    site = "cp /home/deploy/shop-conf/blue.conf /etc/nginx/sites-enabled/shop.conf"
    timer = threading.Timer(2, as_root, (guarded.sandbox, guarded.sandbox.nginx, site))
    timer.start()
    with pytest.raises(StateError, match="blue became live while green was baking"):
        bake(guarded, Colour.GREEN)
    timer.join()
    listing = as_root(guarded.sandbox, guarded.sandbox.nginx, "ls /var/log/nginx")
    assert "jenkinsgen-shop" not in listing


def test_a_cancelled_bake_ends_at_once(guarded: Workspace):
    release(guarded)

    class Stopped(JenkinsgenError):
        pass

    class Ending(Clock):
        def sleep(self, seconds: float) -> None:  # noqa: ARG002
            raise Stopped("stopped")

    outside: Any = SimpleNamespace(clock=Ending())
    with session_of(guarded) as session, pytest.raises(Stopped):
        watch(replace(session, stage=replace(session.stage, outside=outside)), Colour.GREEN, UNKNOWN, 60)
