"""The Jenkins workspace: the environment of the build, git, and the files that stages hand on."""

from __future__ import annotations

import os
import shutil
import subprocess
from pathlib import Path
from typing import TYPE_CHECKING

from jenkinsgen.deploy.bounds import read_count
from jenkinsgen.deploy.release import FILE, Build, Release, dump_release, parse_release
from jenkinsgen.edge.ssh.host import Login
from jenkinsgen.errors import ImageError, StateError, ToolMissing
from jenkinsgen.files import DISK, replace_file
from jenkinsgen.spec.credentials import (
    PULL_PASSWORD,
    PULL_USER,
    REGISTRY_PASSWORD,
    REGISTRY_USER,
    SECRET_PREFIX,
    SSH_KEY,
    SSH_PASSPHRASE,
    SSH_USER,
)
from jenkinsgen.surroundings import expanded, here

if TYPE_CHECKING:
    from collections.abc import Mapping

    from jenkinsgen.report import Report
    from jenkinsgen.spec.pipeline import Pipeline
    from jenkinsgen.spec.source import Artifact, Image

REPORTS = Path(".jenkinsgen")


def current_build(environment: Mapping[str, str] = os.environ) -> Build | None:
    """The build of Jenkins that runs this; None outside Jenkins."""
    number = read_count(environment.get("BUILD_NUMBER", ""))
    return None if number is None else Build(number, environment.get("BUILD_URL", ""))


def required_build() -> Build:
    """The build of Jenkins that runs this. Raises StateError when there is none."""
    build = current_build()
    if build is None:
        raise StateError(
            "BUILD_NUMBER is not set, and the version of an image is made of it",
            hint="Jenkins sets it; by hand: BUILD_NUMBER=1 jenkinsgen build-image …",
        )
    return build


def login(pipeline: Pipeline, report: Report) -> Login:
    """How to log in by SSH: what Jenkins bound, or the user's own keys. Raises StateError, KeyFileError."""
    passphrase = os.environ.get(SSH_PASSPHRASE)
    report.mask(passphrase)
    key_file = os.environ.get(SSH_KEY) or None
    if pipeline.ssh.credential and not key_file:
        raise StateError(
            f"ssh.credential is {pipeline.ssh.credential}, but {SSH_KEY} is not set",
            hint=f"the Jenkinsfile binds it; by hand: {SSH_KEY}=/path/to/key jenkinsgen …",
        )
    known_hosts = pipeline.ssh.known_hosts
    found = Login(
        user=os.environ.get(SSH_USER) or None,
        key_file=key_file,
        passphrase=passphrase,
        known_hosts=os.fspath(expanded(known_hosts)) if known_hosts else None,
    )
    # Before any host is asked.
    found.key()
    return found


def registry(pipeline: Pipeline, report: Report) -> dict[str, str] | None:
    """The login of the registry to push with; None when the spec names none. Raises StateError."""
    return _registry_login("image.credential", pipeline.image.credential, (REGISTRY_USER, REGISTRY_PASSWORD), report)


def pull_login(pipeline: Pipeline, report: Report) -> dict[str, str] | None:
    """The login that servers pull with; None when they have their own. Raises StateError."""
    if pipeline.image.pull_credential is None:
        return registry(pipeline, report)
    return _registry_login("image.pull_credential", pipeline.image.pull_credential, (PULL_USER, PULL_PASSWORD), report)


def _registry_login(
    key: str, credential: str | None, variables: tuple[str, str], report: Report
) -> dict[str, str] | None:
    if credential is None:
        return None
    user, password = (os.environ.get(name) for name in variables)
    report.mask(password)
    if not user or not password:
        raise StateError(
            f"{key} is {credential}, but {' and '.join(variables)} are not set",
            hint="the Jenkinsfile binds them; by hand: export both",
        )
    return {"username": user, "password": password}


def secrets(pipeline: Pipeline, report: Report) -> dict[str, str]:
    """The container's secret variables. Raises StateError when one was not bound."""
    found = {name: os.environ.get(SECRET_PREFIX + name) for name in pipeline.service.secrets}
    missing = sorted(name for name, value in found.items() if value is None)
    if missing:
        raise StateError(
            f"service.secrets names {missing[0]}, but {SECRET_PREFIX}{missing[0]} is not set",
            hint="the Jenkinsfile binds it: is it rendered from this spec? jenkinsgen render",
        )
    result = {name: value for name, value in found.items() if value is not None}
    for value in result.values():
        report.mask(value)
    return result


def git_head() -> str:
    """The commit that is checked out. Raises StateError, ToolMissing."""
    try:
        done = subprocess.run(["git", "rev-parse", "HEAD"], capture_output=True, text=True, check=False)
    except FileNotFoundError as error:
        raise ToolMissing("git is not installed on the agent", hint="install it: apt-get install git") from error
    if done.returncode != 0:
        raise StateError(
            f"the commit cannot be told: {done.stderr.strip()}",
            hint="run the stages in the root of the checked-out repository, as the user that it belongs to",
        )
    return done.stdout.strip()


def check_image_paths(image: Image) -> None:
    """Raises ImageError where a link would put what the repository does not have into an image."""
    _check_inside("image.context", Path(image.context))
    _check_inside("image.dockerfile", Path(image.context, image.dockerfile))


def _check_inside(key: str, path: Path) -> None:
    """The authors of a repository choose what its links lead to: a key of the agent, for one. Raises ImageError."""
    if not DISK.within(path, Path(FILE)):
        raise ImageError(
            f"{key}: {path} is a link that leads out of the repository",
            hint="an image is made of what the repository has and its build makes; put the file itself there",
        )


def place_artifact(artifact: Artifact) -> str:
    """Copy the one file that matches into the Docker context; returns its new path. Raises ImageError."""
    found = sorted(path for path in Path().glob(artifact.source) if path.is_file())
    if len(found) != 1:
        names = ", ".join(map(str, found[:5])) or "no file"
        raise ImageError(
            f"image.artifact.from must match one file; {artifact.source} matches {names}",
            hint=_artifact_hint(found),
        )
    target = Path(artifact.to)
    if artifact.to.endswith("/") or target.is_dir():
        target = target / found[0].name
    _check_inside("image.artifact.from", found[0])
    _check_inside("image.artifact.to", target)
    try:
        target.parent.mkdir(parents=True, exist_ok=True)
        shutil.copy(found[0], target)
    except OSError as error:
        raise ImageError(f"{target}: cannot be written: {error.strerror}") from error
    return str(target)


def _artifact_hint(found: list[Path]) -> str:
    if not found:
        return (
            "did the build stage run, and does it make that file? A new version may have given it another name: ? and "
            "* in image.artifact.from stand for what changes"
        )
    if any(path.name.endswith("-plain.jar") for path in found):
        return (
            "Spring Boot's Gradle plugin makes two: the one that runs, and -plain.jar without its libraries. In "
            "build.gradle: jar { enabled = false }; or a pattern for one alone: shop-?.?.?.jar, shop-*-SNAPSHOT.jar"
        )
    return "make the pattern narrower, so that it matches the one that the image needs"


def write_release(release: Release) -> None:
    _write(Path(FILE), dump_release(release))


def read_release() -> Release | None:
    """The release that build-image recorded in this workspace; None when it did not. Raises StateError."""
    try:
        return parse_release(DISK.read(Path(FILE)).decode("utf-8"))
    except FileNotFoundError:
        return None
    except (OSError, UnicodeDecodeError) as error:
        raise StateError(f"{FILE} cannot be read: {error}", hint="remove it, then run build-image again") from error


def required_release() -> Release:
    """The release that build-image recorded in this workspace. Raises StateError when there is none."""
    release = read_release()
    if release is None:
        raise StateError(f"there is no {FILE} in {here()}", hint="run the stage build-image of this build first")
    return release


def write_report(stage: str, text: str) -> None:
    """Keep what a stage has to say for machines, as `.jenkinsgen/STAGE.json`."""
    _write(REPORTS / f"{stage}.json", text)


def _write(path: Path, text: str) -> None:
    if path.parent.is_symlink():
        raise StateError(f"{path.parent} is a link, so {path} is not written", hint=f"remove it: rm {path.parent}")
    try:
        path.parent.mkdir(exist_ok=True)
        replace_file(path, text.encode())
    except OSError as error:
        raise StateError(
            f"{path} cannot be written: {error.strerror}",
            hint="is the agent's disk full, or does the folder belong to somebody else?",
        ) from error
