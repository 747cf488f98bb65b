"""The images of the hosts: Debian with an engine, sshd, NGINX and a registry. Built once, then cached."""

from __future__ import annotations

import hashlib
import os
import shutil
import subprocess
import tempfile
from importlib.resources import as_file, files
from pathlib import Path
from typing import TYPE_CHECKING

from jenkinsgen.errors import CommandFailed, ToolMissing
from jenkinsgen.sandbox.docker_cli import docker, lines
from jenkinsgen.sandbox.world import World

if TYPE_CHECKING:
    from jenkinsgen.report import Report

REPOSITORY = "jenkinsgen-sandbox"
PYTHON = "jenkinsgen-sandbox-python"
# Without a reachable registry the base is made from Debian's packages, under a name that says so.
OWN_BASE = "jenkinsgen-sandbox-debian"
NOT_NEEDED = (
    "usr/share/doc",
    "usr/share/info",
    "usr/share/locale",
    "usr/share/man",
    "var/cache/apt",
    "var/lib/apt",
)
PULL_SECONDS = 120
BUILD_SECONDS = 900


def ensure(report: Report, world: World) -> str:
    """The name of the image of this world's hosts, which is built first where it is missing (about a minute)."""
    return _ensure(REPOSITORY, "host", world, report, {"ENGINE_PACKAGES": world.packages})


def ensure_python(report: Report) -> str:
    """The name of a Debian with Python and packages, on which images of real applications are built."""
    return _ensure(PYTHON, "python", World(), report, {})


def _ensure(repository: str, folder: str, world: World, report: Report, arguments: dict[str, str]) -> str:
    name = recipe_name(repository, folder, f"{world.tag}-")
    if exists(name):
        return name
    report.title(f"build the image {name}, once: about a minute")
    given = {**arguments, "BASE": _base(world.release, report), "CHECK_VALID_UNTIL": world.check_valid_until}
    options = [word for key, value in given.items() for word in ("--build-arg", f"{key}={value}")]
    with as_file(files("jenkinsgen.sandbox") / folder) as recipe, report.timed("packages installed"):
        docker("build", "--network", "host", *options, "--tag", name, str(recipe), seconds=BUILD_SECONDS)
    return name


def names(repository: str = REPOSITORY) -> list[str]:
    """Every version of an image that is here, the newest first."""
    return lines("image", "ls", "--format", "{{.Repository}}:{{.Tag}}", repository)


def remove(also: str) -> None:
    """Remove every version of the image and of the repository `also`, and the bases that were made for it."""
    for name in (*names(), *names(PYTHON), *names(also), *names(OWN_BASE)):
        docker("image", "rm", "--force", name)


def recipe_name(repository: str, folder: str, variant: str = "") -> str:
    """An image's name, with a digest of its recipe: another recipe is another image. `variant` begins its tag."""
    digest = hashlib.sha256()
    for part in sorted((files("jenkinsgen.sandbox") / folder).iterdir(), key=lambda part: part.name):
        digest.update(part.name.encode() + b"\0" + part.read_bytes() + b"\0")
    return f"{repository}:{variant}{digest.hexdigest()[:12]}"


def exists(name: str) -> bool:
    """Whether the engine has the image."""
    return bool(lines("image", "ls", "--quiet", name))


def _base(release: str, report: Report) -> str:
    """The name of a Debian of this release: what is here already, else pulled, else made from packages.

    Raises ToolMissing where neither can be had.
    """
    public, own = f"debian:{release}-slim", f"{OWN_BASE}:{release}"
    for name in (public, own):
        if exists(name):
            return name
    try:
        docker("pull", "--quiet", public, seconds=PULL_SECONDS)
    except CommandFailed as error:
        report.line(error.message)
    else:
        report.line(f"pulled {public}")
        return public
    if os.geteuid() != 0 or shutil.which("debootstrap") is None:
        raise ToolMissing(
            f"{public} cannot be pulled, and Debian cannot be made from its packages either",
            hint="make a registry reachable, or run as root with `debootstrap` installed",
        )
    with report.timed("Debian made from its packages instead"):
        _bootstrap(release, own)
    return own


def _bootstrap(release: str, name: str) -> None:
    with tempfile.TemporaryDirectory(prefix="jenkinsgen-sandbox-") as folder:
        root, archive = Path(folder) / "root", Path(folder) / "root.tar"
        _run("debootstrap", "--variant=minbase", release, str(root))
        for unneeded in NOT_NEEDED:
            shutil.rmtree(root / unneeded, ignore_errors=True)
        _run("tar", "--create", "--file", str(archive), "--directory", str(root), ".")
        docker("import", str(archive), name, seconds=BUILD_SECONDS)


def _run(*command: str) -> None:
    done = subprocess.run(command, capture_output=True, text=True, timeout=BUILD_SECONDS, check=False)
    if done.returncode != 0:
        tail = "\n".join((done.stdout + done.stderr).splitlines()[-5:])
        raise CommandFailed(f"`{' '.join(command)}` failed:\n{tail}", hint="is a Debian mirror reachable?")
