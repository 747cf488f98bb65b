"""A sandbox for the tests of the stages, and a Jenkins workspace that uses it."""

from __future__ import annotations

import http.client
import json
import os
import signal
import subprocess
import sys
import time
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

import pytest
import yaml

from jenkinsgen import sandbox as sandboxes
from jenkinsgen.edge.ssh.host import Login, SshHost, connect
from jenkinsgen.errors import ToolMissing
from jenkinsgen.report import Report
from jenkinsgen.sandbox.place import NAME_VARIABLE
from jenkinsgen.spec.values import HostAddress

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from jenkinsgen.sandbox import Host, Sandbox

SERVERS = 2
# Two runs on one machine want two names.
NAME = os.environ.get(NAME_VARIABLE) or "tests"
ANSWER_SECONDS = 10


@pytest.fixture(scope="session")
def sandbox() -> Iterator[Sandbox]:
    """Two app servers, NGINX and a registry, apart from a sandbox that a person uses."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv(NAME_VARIABLE, NAME)
        try:
            made = sandboxes.up(SERVERS, Report())
        except ToolMissing as missing:
            pytest.skip(str(missing))
    yield made
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv(NAME_VARIABLE, NAME)
        sandboxes.down(Report())


def log_in(sandbox: Sandbox, host: Host) -> SshHost:
    login = Login(key_file=str(sandbox.key_file), known_hosts=str(sandbox.known_hosts))
    return connect(HostAddress(host.address, sandbox.user), login)


def on(sandbox: Sandbox, host: Host, *argv: str) -> str:
    """Run a command on a host of the sandbox and return its output."""
    connection = log_in(sandbox, host)
    try:
        return connection.check(argv)
    finally:
        connection.close()


def as_root(sandbox: Sandbox, host: Host, script: str) -> str:
    """Run a shell script as root in a host's container, as its administrator would."""
    command = ["docker", "exec", "-i", f"{sandbox.prefix}-{host.name}", "sh", "-euc", script]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    return done.stdout


@dataclass
class Workspace:
    """A checked-out repository, the variables that Jenkins would bind, and the program."""

    sandbox: Sandbox
    folder: Path
    number: int = 0
    extra: dict[str, str] = field(default_factory=dict)

    @property
    def spec_file(self) -> Path:
        return self.folder / "pipelines" / "shop.yaml"

    def change_spec(self, **sections: Any) -> None:
        """Merge into the spec: `change_spec(nginx={"mode": "reload"})`."""
        spec = yaml.safe_load(self.spec_file.read_text(encoding="utf-8"))
        _merge(spec, sections)
        self.spec_file.write_text(yaml.safe_dump(spec), encoding="utf-8")

    def change_app(self, **settings: object) -> None:
        """Set lines of app.conf."""
        path = self.folder / "app.conf"
        lines = [line for line in path.read_text().splitlines() if line.partition("=")[0] not in settings]
        path.write_text("\n".join([*lines, *(f"{name}={value}" for name, value in settings.items())]) + "\n")

    @property
    def environment(self) -> dict[str, str]:
        # As an installed jenkinsgen has its bytecode; a stage that had to compile all modules would take much longer.
        inherited = {name: value for name, value in os.environ.items() if name != "PYTHONDONTWRITEBYTECODE"}
        return {
            **inherited,
            "BUILD_NUMBER": str(self.number),
            "BUILD_URL": f"http://jenkins.test/job/shop/{self.number}/",
            "JENKINSGEN_SSH_KEY": str(self.sandbox.key_file),
            "JENKINSGEN_SSH_PASSPHRASE": "",
            "JENKINSGEN_REGISTRY_USER": self.sandbox.registry_user,
            "JENKINSGEN_REGISTRY_PASSWORD": self.sandbox.registry_password,
            **self.extra,
        }

    def start(self, stage: str, options: tuple[str, ...] = ()) -> subprocess.Popen[str]:
        """`stage` may have two words: `lock show`."""
        return subprocess.Popen(
            [sys.executable, "-m", "jenkinsgen", *stage.split(), *options, "pipelines/shop.yaml"],
            cwd=self.folder,
            env=self.environment,
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
        )

    def run(self, stage: str, options: tuple[str, ...] = ()) -> tuple[int, str]:
        """The exit code and what it said."""
        process = self.start(stage, options)
        said, _ = process.communicate(timeout=120)
        return process.returncode, said

    def succeed(self, *stages: str, options: tuple[str, ...] = ()) -> str:
        said = ""
        for stage in stages:
            code, text = self.run(stage, options)
            assert code == 0, text
            said += text
        return said

    def fail(self, stage: str, code: int, options: tuple[str, ...] = ()) -> str:
        found, said = self.run(stage, options)
        assert found == code, said
        assert "Traceback" not in said
        return said

    def build(self, **app: object) -> None:
        """Begin the next build: a new number, and the app as it is to be."""
        self.number += 1
        self.change_app(**{"version": f"1.0.{self.number}", "start_seconds": 0, **app})

    def deploy(self, **app: object) -> str:
        """A whole build that goes well."""
        self.build(**app)
        return self.succeed("build-image", "deploy-colour", "switch-nginx", "cleanup")

    @property
    def release(self) -> dict[str, Any]:
        found: dict[str, Any] = json.loads((self.folder / "release.json").read_text())
        return found

    def terminate(self, process: subprocess.Popen[str]) -> tuple[int, str]:
        process.send_signal(signal.SIGTERM)
        said, _ = process.communicate(timeout=30)
        return process.returncode, said

    def get(self, path: str = "/", port: int = 80) -> tuple[int, str]:
        """What a user of the service sees: status and version."""
        connection = http.client.HTTPConnection(self.sandbox.nginx.address, port, timeout=ANSWER_SECONDS)
        try:
            connection.request("GET", path, headers={"Host": "shop.test"})
            answer = connection.getresponse()
            answer.read()
            return answer.status, answer.headers.get("X-Version", "")
        finally:
            connection.close()

    def containers(self) -> list[list[str]]:
        """The names of the containers on each server."""
        return [
            sorted(on(self.sandbox, server, "docker", "ps", "-a", "--format", "{{.Names}}").split())
            for server in self.sandbox.servers
        ]

    def await_containers(self, wanted: list[list[str]]) -> None:
        """Wait until each server has these."""
        end = time.monotonic() + 30
        while self.containers() != wanted:
            assert time.monotonic() < end
            time.sleep(0.2)


def _merge(target: dict[str, Any], changes: dict[str, Any]) -> None:
    for key, value in changes.items():
        if isinstance(value, dict) and isinstance(target.get(key), dict):
            _merge(target[key], value)
        else:
            target[key] = value


BARE_SERVER = """
docker ps -aq | xargs -r docker rm -f >/dev/null
docker images -aq | sort -u | xargs -r docker rmi -f >/dev/null
rm -f /home/deploy/data/orders.log
"""
BARE_NGINX = """
rm -rf /var/lib/jenkinsgen/* /etc/nginx/conf.d/* /etc/nginx/sites-enabled/shop.conf /home/deploy/shop-conf
nginx -t -q
nginx -s reload
"""


@pytest.fixture
def workspace(sandbox: Sandbox, tmp_path: Path) -> Workspace:
    """A fresh checkout; servers and NGINX as if nothing had ever been deployed."""
    make_bare(sandbox)
    return check_out(sandbox, tmp_path / "workspace")


def make_bare(sandbox: Sandbox) -> None:
    """Servers and NGINX as if nothing had ever been deployed."""
    for server in sandbox.servers:
        as_root(sandbox, server, BARE_SERVER)
    as_root(sandbox, sandbox.nginx, BARE_NGINX)


def check_out(sandbox: Sandbox, folder: Path) -> Workspace:
    """A fresh checkout, as a job would have it."""
    subprocess.run(["git", "clone", "--quiet", str(sandbox.repository), str(folder)], check=True)
    subprocess.run(["make", "--silent"], cwd=folder, check=True, capture_output=True)
    made = Workspace(sandbox, folder)
    made.change_spec(
        service={"health": {"timeout": "10s", "interval": "100ms"}}, cleanup={"grace": "2s", "drain": "8s"}
    )
    return made
