"""Runs a declarative Jenkinsfile on this machine, without a Jenkins: its `sh` steps are real.

The console, the order of things and what happens on a stop are those measured on Jenkins 2.504.3; the Groovy part
in `runner/` does the work. A Jenkinsfile is a program: it runs with the rights of the caller.
"""

from __future__ import annotations

import fcntl
import json
import os
import subprocess
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import IO, TYPE_CHECKING, Any

from jenkinsgen.errors import CommandFailed, SpecError, StateError
from jenkinsgen.sandbox import groovy_runtime

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

JENKINS_URL = "http://jenkins.localhost:8080/"
SUCCESS = "SUCCESS"


@dataclass(frozen=True, kw_only=True)
class BuildRequest:
    """The request for a build: what is to be built, and where.

    Builds are kept in the folder `WORKSPACE@builds`, numbered from 1; without a `number` it is the next one.
    `credentials` is a JSON file that maps ids to objects with a `type` (sshUserPrivateKey, usernamePassword,
    string, file). `environment` is added to this process' own, like that of a Jenkins node. Every `input` is
    approved at once, or rejected where `approve` is False.
    """

    jenkinsfile: Path
    workspace: Path
    credentials: Path | None = None
    job_name: str = "job"
    number: int | None = None
    parameters: Mapping[str, str] = field(default_factory=dict)
    environment: Mapping[str, str] = field(default_factory=dict)
    approve: bool = True

    @property
    def builds(self) -> Path:
        return Path(f"{self.workspace}@builds")


@dataclass(frozen=True)
class StageResult:
    """A stage of a build. `status` is SUCCESS, UNSTABLE, FAILURE, NOT_BUILT, ABORTED or SKIPPED."""

    name: str
    status: str
    seconds: float


@dataclass(frozen=True)
class BuildResult:
    """Files that a build left in its folder: `log`, `build.json`, and artifacts in `archive`."""

    number: int
    result: str
    seconds: float
    stages: tuple[StageResult, ...]
    folder: Path

    @property
    def log(self) -> Path:
        return self.folder / "log"

    @property
    def archive(self) -> Path:
        return self.folder / "archive"


def run(request: BuildRequest, console: IO[Any] | int | None = None) -> BuildResult:
    """Run one build to its end and return what became of it.

    `console` gets what Jenkins' console would show; by default that is this process' stdout. Builds of the same
    workspace wait for each other. An exception in the meantime (Ctrl-C, SIGTERM) stops the build as a click on
    Jenkins' stop button does, waits until its `post` is done, and goes on; a second one ends the build at once.

    Raises ToolMissing without Groovy or Java, SpecError for unusable credentials, StateError for a build number
    that exists.
    """
    runtime = groovy_runtime.find()
    classes = groovy_runtime.compiled(runtime, "jenkinsgen.sandbox", "runner")
    credentials = read_credentials(request.credentials) if request.credentials else {}
    with _alone(request.builds):
        number = request.number or next_number(request.builds)
        folder = _make_folder(request.builds, number)
        asked = _asked(request, number, folder, credentials)
        _run_to_end([*runtime.command("Main", classes)], json.dumps(asked).encode(), console)
    return read_result(folder)


def read_result(folder: Path) -> BuildResult:
    """Read what a build left in its folder. Raises CommandFailed when it did not come to its end."""
    try:
        said = json.loads((folder / "build.json").read_text())
    except FileNotFoundError:
        raise CommandFailed(f"the build in {folder} ended without a result; see its log there") from None
    stages = tuple(StageResult(**stage) for stage in said["stages"])
    return BuildResult(said["number"], said["result"], said["seconds"], stages, folder)


def read_credentials(path: Path) -> dict[str, dict[str, str]]:
    """The credentials of a file; `key_file` of an SSH key is read too. Raises SpecError."""
    try:
        held = {name: dict(credential) for name, credential in json.loads(path.read_text()).items()}
        for credential in held.values():
            if "key_file" in credential:
                credential["private_key"] = (path.parent / credential.pop("key_file")).read_text()
    except (OSError, ValueError, AttributeError, TypeError) as error:
        raise SpecError(
            f"{path}: not a file of credentials: {error}",
            hint='it maps ids to objects like {"type": "usernamePassword", "username": "…", "password": "…"}',
        ) from error
    return held


def _asked(
    request: BuildRequest, number: int, folder: Path, credentials: dict[str, dict[str, str]]
) -> dict[str, object]:
    previous = request.builds / str(number - 1) / "build.json"
    return {
        "jenkinsfile": str(request.jenkinsfile.resolve()),
        "workspace": str(request.workspace.resolve()),
        "folder": str(folder.resolve()),
        "number": number,
        "job": request.job_name,
        "jenkinsUrl": JENKINS_URL,
        "parameters": dict(request.parameters),
        "environment": {**os.environ, **request.environment},
        "credentials": credentials,
        "approve": request.approve,
        "previous": json.loads(previous.read_text()) if previous.is_file() else None,
    }


def _run_to_end(command: list[str], asked: bytes, console: IO[Any] | int | None) -> None:
    # A session of its own: no terminal, and Ctrl-C reaches the build as one orderly stop, not each of its processes.
    with subprocess.Popen(command, stdin=subprocess.PIPE, stdout=console, start_new_session=True) as process:
        try:
            process.communicate(asked)
        except BaseException:
            process.terminate()
            try:
                process.wait()
            except BaseException:
                process.kill()
                raise
            raise


def next_number(builds: Path) -> int:
    """The number of the next build in a folder of builds, which need not exist yet."""
    names = [path.name for path in builds.iterdir()] if builds.is_dir() else []
    return max((int(name) for name in names if name.isdigit()), default=0) + 1


def _make_folder(builds: Path, number: int) -> Path:
    folder = builds / str(number)
    try:
        folder.mkdir()
    except FileExistsError:
        raise StateError(
            f"{folder}: there is a build {number} already", hint="leave --build-number out for the next number"
        ) from None
    return folder


@contextmanager
def _alone(builds: Path) -> Iterator[None]:
    """One build at a time in a workspace; the kernel ends the lock with the process."""
    builds.mkdir(parents=True, exist_ok=True)
    descriptor = os.open(builds, os.O_RDONLY)
    try:
        fcntl.flock(descriptor, fcntl.LOCK_EX)
        yield
    finally:
        os.close(descriptor)
