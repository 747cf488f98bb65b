"""The sandbox, on real engines. It has a name of its own, so that one that somebody uses is left alone."""

from __future__ import annotations

import http.client
import os
import signal
import ssl
import subprocess
import sys
import time
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING

import paramiko
import pytest

from jenkinsgen import sandbox as sandboxes
from jenkinsgen.errors import StateError, ToolMissing
from jenkinsgen.report import Report
from jenkinsgen.sandbox.place import NAME_VARIABLE, here

if TYPE_CHECKING:
    from collections.abc import Iterator

pytestmark = pytest.mark.sandbox

NAME = "selftest"
SERVERS = 2


@pytest.fixture(scope="module", autouse=True)
def _own_place() -> Iterator[None]:
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv(NAME_VARIABLE, NAME)
        yield


@pytest.fixture(scope="module")
def sandbox(_own_place: None) -> Iterator[sandboxes.Sandbox]:
    try:
        yield sandboxes.up(SERVERS, Report())
    except ToolMissing as missing:
        pytest.skip(str(missing))
    finally:
        sandboxes.down(Report())


def docker(*arguments: str, stdin: str = "", config: Path | None = None) -> str:
    environment = dict(os.environ) | ({"DOCKER_CONFIG": str(config)} if config else {})
    command = ["docker", *arguments]
    done = subprocess.run(command, input=stdin, capture_output=True, text=True, env=environment, check=False)
    assert done.returncode == 0, done.stderr
    return done.stdout.strip()


def log_in(sandbox: sandboxes.Sandbox, host: sandboxes.Host, user: str = "") -> paramiko.SSHClient:
    client = paramiko.SSHClient()
    client.load_host_keys(str(sandbox.known_hosts))
    client.set_missing_host_key_policy(paramiko.RejectPolicy())
    client.connect(
        host.address,
        username=user or sandbox.user,
        key_filename=str(sandbox.key_file),
        allow_agent=False,
        look_for_keys=False,
        timeout=10,
    )
    return client


def run(client: paramiko.SSHClient, command: str, stdin: str = "") -> tuple[int, str]:
    writer, reader, _ = client.exec_command(f"{command} 2>&1", timeout=60)
    writer.write(stdin)
    writer.channel.shutdown_write()
    said = reader.read().decode()
    return reader.channel.recv_exit_status(), said.strip()


def traces() -> set[str]:
    """What this sandbox has on the machine."""
    place = here()
    by_label = ("--filter", f"label={place.label}")
    containers = docker("ps", "--all", "--quiet", *by_label).split()
    volumes = "{{range .Mounts}}{{if .Name}}{{.Name}} {{end}}{{end}}"
    return {
        *containers,
        *(docker("inspect", "--format", volumes, *containers).split() if containers else ()),
        *docker("network", "ls", "--quiet", *by_label).split(),
        *map(str, Path("/etc/docker/certs.d").glob(f"*/made-by-{place.prefix}")),
        *map(str, Path("/sys/fs/cgroup").glob(f"**/{place.prefix}")),
        *([str(place.folder)] if place.folder.exists() else ()),
    }


def test_deploy_logs_in_to_every_host_with_its_pinned_key(sandbox: sandboxes.Sandbox):
    for host in sandbox.hosts:
        with log_in(sandbox, host) as client:
            assert run(client, "id -un; hostname") == (0, f"deploy\n{host.name}")


def test_root_cannot_log_in(sandbox: sandboxes.Sandbox):
    for host in sandbox.hosts:
        with pytest.raises(paramiko.AuthenticationException):
            log_in(sandbox, host, user="root")


def test_deploy_has_the_rights_that_its_hosts_need_and_no_others(sandbox: sandboxes.Sandbox):
    with log_in(sandbox, sandbox.nginx) as nginx:
        assert run(nginx, "sudo -n id -un") == (0, "root")
        # Root makes a service's folder there and gives it away; in a folder of its own deploy could put a link instead.
        assert run(nginx, "touch /var/lib/jenkinsgen/mine")[0] != 0
    for server in sandbox.servers:
        with log_in(sandbox, server) as client:
            assert run(client, "sudo -n id -un")[0] != 0
            assert run(client, "docker info --format '{{.Name}}'") == (0, server.name)


def test_nginx_outlives_a_stop_and_serves_again(sandbox: sandboxes.Sandbox):
    with log_in(sandbox, sandbox.nginx) as client:
        assert run(client, "sudo -n nginx -s stop")[0] == 0
        assert run(client, "while [ -e /run/nginx.pid ]; do sleep 0.1; done; sudo -n nginx")[0] == 0
    assert get(sandbox.nginx.address, 80, "/").status == 200


def test_the_registry_wants_the_login(sandbox: sandboxes.Sandbox):
    trust = ssl.create_default_context(cafile=str(sandbox.ca_file))
    address, _, port = sandbox.registry.partition(":")
    connection = http.client.HTTPSConnection(address, int(port), context=trust, timeout=10)
    connection.request("GET", "/v2/_catalog")
    answer = connection.getresponse()
    connection.close()
    assert answer.status == 401


@pytest.fixture(scope="module")
def pinned(sandbox: sandboxes.Sandbox, tmp_path_factory: pytest.TempPathFactory) -> str:
    """The app of the sandbox's repository as an image in its registry, by digest."""
    source, config = tmp_path_factory.mktemp("shop"), tmp_path_factory.mktemp("docker")
    subprocess.run(["git", "clone", "--quiet", f"file://{sandbox.repository}", str(source)], check=True)
    subprocess.run(["make", "--silent", "-C", str(source)], check=True)
    image = f"{sandbox.registry}/shop:selftest"
    docker(*login_arguments(sandbox), stdin=sandbox.registry_password, config=config)
    docker("build", "--tag", image, str(source), config=config)
    docker("push", image, config=config)
    digest = docker("image", "inspect", "--format", "{{index .RepoDigests 0}}", image)
    docker("image", "rm", image)
    return digest


def login_arguments(sandbox: sandboxes.Sandbox) -> tuple[str, ...]:
    return ("login", "--username", sandbox.registry_user, "--password-stdin", sandbox.registry)


@pytest.fixture(scope="module")
def app1(sandbox: sandboxes.Sandbox, pinned: str) -> Iterator[paramiko.SSHClient]:
    """User deploy on the first app server, which has pulled the image."""
    with log_in(sandbox, sandbox.servers[0]) as client:
        login = " ".join(login_arguments(sandbox))
        code, said = run(client, f"docker {login}", stdin=sandbox.registry_password)
        assert (code, "Login Succeeded" in said) == (0, True), said
        code, said = run(client, f"docker pull --quiet {pinned}")
        assert code == 0, said
        yield client


@contextmanager
def container(client: paramiko.SSHClient, arguments: str) -> Iterator[str]:
    code, name = run(client, f"docker run --detach --env START_SECONDS=0 {arguments}")
    assert code == 0, name
    try:
        yield name
    finally:
        assert run(client, f"docker rm --force {name}")[0] == 0


def test_the_app_runs_with_limits_and_takes_orders(sandbox: sandboxes.Sandbox, app1: paramiko.SSHClient, pinned: str):
    address = sandbox.servers[0].address
    limits = "--memory 100m --cpus 1.8 --publish 8080:8080 --volume /home/deploy/data:/data"
    with container(app1, f"{limits} {pinned}") as name:
        answer = get(address, 8080, "/")
        assert (answer.status, answer.headers["X-Version"]) == (200, "1.0.0")
        stats = run(app1, f"docker stats --no-stream --format '{{{{.MemUsage}}}}' {name}")
        assert stats[1].endswith("/ 100MiB")

        with log_in(sandbox, sandbox.nginx) as nginx:
            code, said = run(nginx, f"curl --fail --silent --data 12345 http://{address}:8080/orders?id=o1")
        assert (code, said.split()[:2]) == (0, ["id=o1", "bytes=5"])

        connection = http.client.HTTPConnection(address, 8080, timeout=10)
        for order in ("o2", "o3"):  # chunked, over one connection
            connection.request("POST", f"/orders?id={order}", body=iter([b"abc", b"d" * 9000]))
            assert connection.getresponse().read().split()[:2] == [f"id={order}".encode(), b"bytes=9003"]
        connection.close()
        log = run(app1, "cut --delimiter=' ' --fields=1,2 data/orders.log")
        assert log == (0, "o1 1.0.0\no2 1.0.0\no3 1.0.0")

        assert run(app1, f"docker stop {name}")[0] == 0
        # Docker kills what ignores SIGTERM: that would be 137.
        assert run(app1, f"docker wait {name}") == (0, "143")


def test_the_app_fails_in_the_ways_that_its_settings_name(
    sandbox: sandboxes.Sandbox, app1: paramiko.SSHClient, pinned: str
):
    with container(app1, f"--publish 8080:8080 --env HEALTHY=no --env VERSION=7 {pinned}"):
        answer = get(sandbox.servers[0].address, 8080, "/actuator/health")
        assert (answer.status, answer.headers["X-Version"]) == (503, "7")
    with container(app1, f"--env EXIT_AT_START=1 {pinned}") as name:
        assert run(app1, f"docker wait {name}") == (0, "1")
    with container(app1, f"--env CRASH_AFTER_SECONDS=1 {pinned}") as name:
        assert run(app1, f"docker wait {name}") == (0, "1")


def test_a_second_up_changes_nothing(sandbox: sandboxes.Sandbox):
    before = docker("ps", "--quiet", "--filter", f"label={here().label}")
    again = sandboxes.up(None, Report())
    assert again == sandbox
    assert docker("ps", "--quiet", "--filter", f"label={here().label}") == before


def test_stopped_hosts_are_started_with_what_they_held(sandbox: sandboxes.Sandbox):
    with log_in(sandbox, sandbox.servers[1]) as client:
        assert run(client, "echo kept > /home/deploy/data/note")[0] == 0
    names = docker("ps", "--format", "{{.Names}}", "--filter", f"label={here().label}").split()
    docker("pause", names.pop())
    docker("stop", *names)
    # Docker kills what ignores SIGTERM: that would be 137.
    assert "137" not in docker("inspect", "--format", "{{.State.ExitCode}}", *names).split()
    assert {host.state for host in sandboxes.status(sandbox)} == {"exited", "paused"}

    assert sandboxes.up(SERVERS, Report()) == sandbox

    with log_in(sandbox, sandbox.servers[1]) as client:
        assert run(client, "cat /home/deploy/data/note") == (0, "kept")
    engines = [host.engine for host in sandboxes.status(sandbox) if host.role == "app"]
    assert len(engines) == SERVERS
    assert None not in engines


def test_another_number_of_servers_is_refused(sandbox: sandboxes.Sandbox):
    with pytest.raises(StateError, match=r"has 2 app servers, not 3"):
        sandboxes.up(len(sandbox.servers) + 1, Report())


# The tests above share one sandbox; those from here on remove it and make their own.


def test_down_leaves_nothing_and_may_be_repeated(sandbox: sandboxes.Sandbox):
    volumes = {trace for trace in traces() if len(trace) == 64}
    assert len(traces()) > len(sandbox.hosts)
    assert len(volumes) == SERVERS

    sandboxes.down(Report())

    assert traces() == set()
    assert volumes.isdisjoint(docker("volume", "ls", "--quiet").split())
    assert sandboxes.load() is None
    sandboxes.down(Report())


@pytest.mark.usefixtures("sandbox")
def test_an_interrupted_up_is_made_whole_by_the_next():
    command = [sys.executable, "-m", "jenkinsgen", "sandbox", "up", "--servers", "1"]
    interrupted = subprocess.Popen(command, stdout=subprocess.DEVNULL, start_new_session=True)
    while not docker("network", "ls", "--quiet", "--filter", f"label={here().label}"):
        assert interrupted.poll() is None
    os.killpg(interrupted.pid, signal.SIGINT)
    assert interrupted.wait(30) == 130
    assert traces() != set()
    assert sandboxes.load() is None

    whole = sandboxes.up(1, Report())

    assert [host.state for host in sandboxes.status(whole)] == ["running"] * 3
    sandboxes.down(Report())
    assert traces() == set()


@pytest.mark.usefixtures("sandbox")
def test_down_all_keeps_the_image_and_engine_of_another_sandbox(monkeypatch: pytest.MonkeyPatch):
    with monkeypatch.context() as patch:
        patch.setenv(NAME_VARIABLE, f"{NAME}2")
        other = sandboxes.up(1, Report())
    try:
        sandboxes.down(Report(), everything=True)
        assert docker("image", "ls", "--quiet", other.image) != ""
        assert get(other.nginx.address, 80, "/").status == 200
    finally:
        monkeypatch.setenv(NAME_VARIABLE, f"{NAME}2")
        sandboxes.down(Report())
    assert traces() == set()


def get(address: str, port: int, path: str) -> http.client.HTTPResponse:
    """The answer to a request, tried for a few seconds: what answers may just have been started."""
    for _ in range(50):
        connection = http.client.HTTPConnection(address, port, timeout=10)
        try:
            connection.request("GET", path)
            return connection.getresponse()
        except ConnectionRefusedError:
            time.sleep(0.1)
        finally:
            connection.close()
    raise AssertionError(f"nothing listens on {address}:{port}")
