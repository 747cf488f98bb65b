"""The image of every host: Debian with an engine, sshd, NGINX and a registry. Built once, then cached."""

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

if TYPE_CHECKING:
    from jenkinsgen.report import Report

REPOSITORY = "jenkinsgen-sandbox"
RELEASE = "bookworm"
PUBLIC_BASE = f"debian:{RELEASE}-slim"
# Without a reachable registry the base is made from Debian's packages, under a name that says so.
OWN_BASE = f"jenkinsgen-sandbox-debian:{RELEASE}"
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


def ensure(report: Report) -> str:
    """The name of the image, which is built first where it is missing (about a minute)."""
    name = recipe_name(REPOSITORY, "host")
    if exists(name):
        return name
    report.title("build the sandbox's base image, once: about a minute")
    base = _base(report)
    with as_file(files("jenkinsgen.sandbox") / "host") as recipe, report.timed("packages installed"):
        docker(
            *("build", "--network", "host", "--build-arg", f"BASE={base}", "--tag", name, str(recipe)),
            seconds=BUILD_SECONDS,
        )
    return name


def names(repository: str = REPOSITORY) -> list[str]:
    """Every version of an image that is here, the newest first."""
    return lines("image", "ls", "--format", "{{.Repository}}:{{.Tag}}", repository)


def remove(also: str) -> None:
    """Remove every version of the image and of the repository `also`, and the base that was made for it."""
    for name in (*names(), *names(also), *([OWN_BASE] if exists(OWN_BASE) else [])):
        docker("image", "rm", "--force", name)


def recipe_name(repository: str, folder: str) -> str:
    """An image's name, with a digest of its recipe: another recipe is another image."""
    digest = hashlib.sha256()
    for part in sorted((files("jenkinsgen.sandbox") / folder).iterdir(), key=lambda part: part.name):
        digest.update(part.name.encode() + b"\0" + part.read_bytes() + b"\0")
    return f"{repository}:{digest.hexdigest()[:12]}"


def exists(name: str) -> bool:
    """Whether the engine has the image."""
    return bool(lines("image", "ls", "--quiet", name))


def _base(report: Report) -> str:
    """Debian: what is here already, else pulled, else made from packages."""
    for name in (PUBLIC_BASE, OWN_BASE):
        if exists(name):
            return name
    try:
        docker("pull", "--quiet", PUBLIC_BASE, seconds=PULL_SECONDS)
    except CommandFailed as error:
        report.line(error.message)
    else:
        report.line(f"pulled {PUBLIC_BASE}")
        return PUBLIC_BASE
    if os.geteuid() != 0 or shutil.which("debootstrap") is None:
        raise ToolMissing(
            f"{PUBLIC_BASE} cannot be pulled, and Debian cannot be made from its packages either",
            hint="make a registry reachable, or run as root with `debootstrap` installed",
        )
    with report.timed("Debian made from its packages instead"):
        _bootstrap()
    return OWN_BASE


def _bootstrap() -> None:
    with tempfile.TemporaryDirectory(prefix="jenkinsgen-sandbox-") as folder:
        root, archive = Path(folder) / "root", Path(folder) / "root.tar"
        _run("debootstrap", "--variant=minbase", RELEASE, str(root))
        for unneeded in NOT_NEEDED:
            shutil.rmtree(root / unneeded, ignore_errors=True)
        _run("tar", "--create", "--file", str(archive), "--directory", str(root), ".")
        docker("import", str(archive), OWN_BASE, seconds=BUILD_SECONDS)


def _run(*command: str) -> None:
    done = subprocess.run(command, capture_output=True, text=True, timeout=BUILD_SECONDS, check=False)
    if done.returncode != 0:
        tail = "\n".join((done.stdout + done.stderr).splitlines()[-5:])
        raise CommandFailed(f"`{' '.join(command)}` failed:\n{tail}", hint="is a Debian mirror reachable?")
