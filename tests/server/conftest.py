"""One set of tests for the fake Jenkins, as it is before and since 2.568, and for a real one.

The real one is used when JENKINS_URL, JENKINS_USER and JENKINS_TOKEN are set: `make test-live`. Everything
happens in one folder with a random name, which is deleted afterwards.
"""

from __future__ import annotations

import os
import secrets
import subprocess
import sys
import time
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

import click
import pytest
from click.testing import CliRunner

sys.path.insert(0, str(Path(__file__).parents[1]))

from fake_jenkins import TOKEN, USER, FakeJenkins
from jobs_repository import SPEC

from jenkinsgen.cli import INTERRUPTED, cli, jobs
from jenkinsgen.cli.options import jenkins as jenkins_options
from jenkinsgen.edge.jenkins.builds import JenkinsBuilds
from jenkinsgen.edge.jenkins.server import job_path
from jenkinsgen.edge.jenkins.settings import JenkinsSettings, read_settings
from jenkinsgen.errors import JenkinsError, JenkinsgenError
from jenkinsgen.jenkinsfile.render.write import write_jenkinsfiles

if TYPE_CHECKING:
    from collections.abc import Iterator

    from jobs_repository import Run

SERVERS: list[object] = ["fake 2.504", "fake 2.568"]
if {"JENKINS_URL", "JENKINS_USER", "JENKINS_TOKEN"} <= os.environ.keys():
    SERVERS.append(pytest.param("live", marks=pytest.mark.live))
PATIENCE = 120.0


def pytest_configure(config: pytest.Config) -> None:
    config.addinivalue_line("markers", "live: runs against the Jenkins server at JENKINS_URL, in a folder of its own")


@dataclass
class World:
    """A server, a folder of our own on it, and what an operator does there by hand."""

    settings: JenkinsSettings
    folder: str
    fake: FakeJenkins | None

    @property
    def owner(self) -> str:
        """A repository that nobody else has: prune looks at the whole server."""
        return f"git.invalid/{self.folder}"

    @property
    def server(self) -> JenkinsBuilds:
        return JenkinsBuilds(self.settings)

    def name(self, short: str) -> str:
        return f"{self.folder}/{short}"

    def config(self, name: str) -> str:
        config = self.server.config(name)
        assert config is not None
        return config

    def edit(self, name: str, old: str, new: str) -> None:
        """Change a job by hand, as the page for its configuration does: all of it is posted."""
        config = self.config(name)
        assert old in config
        self.server.update(name, config.replace(old, new))

    def save(self, name: str) -> None:
        """Make Jenkins save a job for a reason of its own."""
        self.server.post(f"{job_path(name)}disable")
        self.server.post(f"{job_path(name)}enable")

    def build(self, name: str, **parameters: str) -> str:
        """Build a job to its end; its result."""
        builds, deadline = self.server, time.monotonic() + PATIENCE
        item = builds.start(name, parameters)
        while time.monotonic() < deadline:
            number, _ = builds.queued(item)
            result = None if number is None else self._result(name, number)
            if result is not None:
                return result
            time.sleep(0.05 if self.fake else 0.5)
        raise AssertionError(f"{name} was not built in {PATIENCE} s")

    def _result(self, name: str, number: int) -> str | None:
        try:
            return self.server.result(name, number)
        except JenkinsError:
            # A build has its number a moment before it has its page.
            return None


@pytest.fixture(params=SERVERS)
def world(request: pytest.FixtureRequest) -> Iterator[World]:
    folder = f"jenkinsgen-test-{secrets.token_hex(4)}"
    if request.param == "live":
        settings = read_settings(url=None, user=None, ca_file=None, file=None)
        yield from _within(World(settings, folder, None))
    else:
        with FakeJenkins(understands_at_once=request.param == "fake 2.568") as fake:
            yield from _within(World(JenkinsSettings(url=f"{fake.url}/", user=USER, token=TOKEN), folder, fake))


def _within(world: World) -> Iterator[World]:
    try:
        yield world
    finally:
        delete_folder(world)


def delete_folder(world: World) -> None:
    """Jenkins may refuse for a moment, while a build of the folder comes to its end."""
    deadline = time.monotonic() + PATIENCE
    while world.server.config(world.folder) is not None:
        try:
            world.server.delete(world.folder)
        except JenkinsError:
            if time.monotonic() > deadline:
                raise
            time.sleep(1)


@pytest.fixture
def fake() -> Iterator[FakeJenkins]:
    with FakeJenkins() as jenkins:
        yield jenkins


@pytest.fixture
def settings(fake: FakeJenkins) -> JenkinsSettings:
    return JenkinsSettings(url=f"{fake.url}/", user=USER, token=TOKEN, timeout=5.0)


@pytest.fixture
def repository(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A checkout with pipelines/shop.yaml and pipelines/cart.yaml, and their Jenkinsfiles."""
    subprocess.run(["git", "init", "--quiet", str(tmp_path)], check=True)
    (tmp_path / "pipelines").mkdir()
    for name in ("shop", "cart"):
        path = tmp_path / "pipelines" / f"{name}.yaml"
        path.write_text(SPEC.format(name=name))
        write_jenkinsfiles(path)
    monkeypatch.chdir(tmp_path)
    return tmp_path


@pytest.fixture
def run(fake: FakeJenkins, repository: Path, monkeypatch: pytest.MonkeyPatch) -> Run:
    monkeypatch.setenv("JENKINS_URL", fake.url)
    monkeypatch.setenv("JENKINS_USER", USER)
    monkeypatch.setenv("JENKINS_TOKEN", TOKEN)
    monkeypatch.setenv("HOME", str(repository))

    def call(*arguments: str, answer: str | None = None) -> tuple[int, str]:
        monkeypatch.setattr(jenkins_options, "a_person_is_here", lambda: answer is not None)
        monkeypatch.setattr(jobs, "a_person_is_here", lambda: answer is not None)
        with click.Context(cli).scope():
            result = CliRunner().invoke(cli, arguments, input=answer, standalone_mode=False)
        if isinstance(result.exception, click.Abort):
            return INTERRUPTED, result.output
        if isinstance(result.exception, JenkinsgenError):
            return result.exception.exit_code, f"{result.output}error: {result.exception}"
        if result.exception is not None:
            raise result.exception
        return result.return_value or 0, result.output

    return call
