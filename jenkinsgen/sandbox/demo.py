"""The demo: four releases of a slow-starting app under load, on real servers; the last one must be refused."""

from __future__ import annotations

import json
import os
import shlex
import subprocess
import sys
import time
from ipaddress import IPv4Network
from pathlib import Path
from typing import TYPE_CHECKING

import jenkinsgen
from jenkinsgen.errors import CheckFailed
from jenkinsgen.parallel import in_parallel
from jenkinsgen.sandbox import groovy_runtime, jenkinsfile, shop
from jenkinsgen.sandbox.clients.http_client import KeepAliveClient
from jenkinsgen.sandbox.clients.traffic import Load, Target
from jenkinsgen.sandbox.demo_result import (
    DEPLOYMENTS,
    REFUSED,
    DemoResult,
    ReleaseResult,
    count_orders,
)
from jenkinsgen.sandbox.hosts import by_name
from jenkinsgen.sandbox.lifecycle import up

if TYPE_CHECKING:
    from jenkinsgen.report import Report
    from jenkinsgen.sandbox.model import Host, Sandbox

SERVER_NAME = "shop.test"
ORDERS_LOG = "data/orders.log"
LAST_LINES = 15


def run_demo(
    servers: int | None, report: Report, *, release: str | None = None, app_engine: str | None = None
) -> DemoResult:
    """Bring the sandbox up, as `lifecycle.up` does, release to it under load, and tell what happened.

    The load begins when the first release serves. Raises ToolMissing where this machine lacks Groovy or a Docker
    engine, CheckFailed when not even the first release could be deployed.
    """
    started = time.monotonic()
    groovy_runtime.find()  # what is missing is said before anything is started
    sandbox = up(servers, report, release=release, app_engine=app_engine)
    try:
        return _release_under_load(sandbox, report, started)
    finally:
        report.line("the sandbox stays up; remove it with: jenkinsgen sandbox down")


def _release_under_load(sandbox: Sandbox, report: Report, started: float) -> DemoResult:
    releases = [_release(sandbox, report, 1)]
    if not releases[0].deployed:
        raise CheckFailed(
            f"the first release was not deployed; the console of its build ends with\n{_last_lines(releases[0])}",
            hint=f"all of it: {releases[0].build.log}",
        )
    load = Load(_target(sandbox)).start()
    try:
        for number in range(2, DEPLOYMENTS + REFUSED + 1):
            load.mark(f"release {number}")
            releases.append(_release(sandbox, report, number))
            if releases[-1].deployed != releases[-1].healthy:
                report.line(_last_lines(releases[-1]))
                break
    finally:
        seen = load.stop()
    with report.timed("orders counted on every server"):
        logs = in_parallel(lambda host: read_remote_file(sandbox, host, ORDERS_LOG), by_name(sandbox.servers))
    return DemoResult(
        seconds=time.monotonic() - started,
        releases=tuple(releases),
        load=seen,
        orders=count_orders(logs.values(), seen),
        answering=_answering(sandbox),
    )


def _release(sandbox: Sandbox, report: Report, number: int) -> ReleaseResult:
    """Commit the next version of the app and run the Jenkinsfile that belongs to it."""
    request = _build_request(sandbox)
    healthy = number <= DEPLOYMENTS
    version = f"{jenkinsfile.next_number(request.builds)}.0.0"
    shop.commit_release(sandbox, version, healthy=healthy)
    report.title(f"release {number}: version {version}" + ("" if healthy else ", which never becomes healthy"))
    build = jenkinsfile.run(request, subprocess.DEVNULL)  # the console is kept in the build's log
    for stage in build.stages:
        report.line(f"{stage.name}: {stage.status} ({stage.seconds:.1f} s)")
    return ReleaseResult(number, version, healthy, build, _switch_milliseconds(build))


def _build_request(sandbox: Sandbox) -> jenkinsfile.BuildRequest:
    folder = sandbox.credentials_file.parent / "jenkins"
    path = os.pathsep.join([str(command_folder(folder)), os.environ.get("PATH", os.defpath)])
    return jenkinsfile.BuildRequest(
        jenkinsfile=sandbox.spec_file.with_suffix(".Jenkinsfile"),
        workspace=folder / "workspace",
        credentials=sandbox.credentials_file,
        job_name="shop",
        environment={"PATH": path},
    )


def command_folder(folder: Path) -> Path:
    """A folder with the command `jenkinsgen` as the Jenkinsfile calls it: this very code, wherever it runs from."""
    source = Path(jenkinsgen.__file__).parent.parent
    command = folder / "bin" / "jenkinsgen"
    command.parent.mkdir(parents=True, exist_ok=True)
    command.write_text(
        f'#!/bin/sh\nPYTHONPATH={shlex.quote(str(source))} exec {shlex.quote(sys.executable)} -m jenkinsgen "$@"\n'
    )
    command.chmod(0o755)
    return command.parent


def _switch_milliseconds(build: jenkinsfile.BuildResult) -> float | None:
    """The time that the switch stage measured and the Jenkinsfile archived; None when it did not come to that."""
    try:
        said = json.loads((build.archive / ".jenkinsgen" / "switch-nginx.json").read_text())
    except FileNotFoundError:
        return None
    return float(said["switch_ms"]) if said["switch_ms"] is not None else None


def _target(sandbox: Sandbox) -> Target:
    return Target(sandbox.nginx.address, 80, SERVER_NAME, allowed=(IPv4Network(sandbox.subnet),))


def _answering(sandbox: Sandbox) -> frozenset[str | None]:
    """The versions that answer now; asked so often that every server had its turn."""
    client = KeepAliveClient(sandbox.nginx.address, 80, SERVER_NAME)
    try:
        answers = [client.send("GET", "/") for _ in range(2 * len(sandbox.servers))]
    finally:
        client.close()
    return frozenset(answer.version if answer.failure is None else None for answer in answers)


def read_remote_file(sandbox: Sandbox, host: Host, path: str) -> str:
    """A file of a host, by SSH as the deploying user; relative paths begin at its home. Raises HostError."""
    from jenkinsgen.edge.ssh.host import Login, connect  # noqa: PLC0415 - paramiko, which `up` does not need
    from jenkinsgen.spec.values import HostAddress  # noqa: PLC0415

    login = Login(key_file=str(sandbox.key_file), known_hosts=str(sandbox.known_hosts))
    connection = connect(HostAddress(name=host.address, user=sandbox.user, port=22), login)
    try:
        return connection.check(["cat", path])
    finally:
        connection.close()


def _last_lines(release: ReleaseResult) -> str:
    return "\n".join(release.build.log.read_text(errors="replace").splitlines()[-LAST_LINES:])
