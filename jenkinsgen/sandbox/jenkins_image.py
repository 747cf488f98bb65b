"""The image of the sandbox's Jenkins. Unlike the hosts' it cannot be made without a registry that answers."""

from __future__ import annotations

import select
import subprocess
from importlib.resources import as_file, files
from typing import TYPE_CHECKING

from jenkinsgen.errors import CommandFailed, ToolMissing
from jenkinsgen.sandbox import image
from jenkinsgen.sandbox.docker_cli import docker

if TYPE_CHECKING:
    from jenkinsgen.report import Report

BASE = "jenkins/jenkins:2.504.3-lts-jdk17"
REPOSITORY = "jenkinsgen-sandbox-jenkins"
FOLDER = "jenkins"
ANSWER_SECONDS = 15
PULL_SECONDS = 900
BUILD_SECONDS = 900
HINT = "the rest of the sandbox works without Jenkins: jenkinsgen sandbox up"


def ensure(report: Report) -> str:
    """The name of the image, which is built first where it is missing.

    Raises ToolMissing, within ANSWER_SECONDS where no registry answers, if its base or the plugins cannot be had.
    """
    name = image.recipe_name(REPOSITORY, FOLDER)
    if image.exists(name):
        return name
    if not image.exists(BASE):
        report.line(f"pull {BASE}")
        if reason := _pull():
            raise ToolMissing(f"{BASE} cannot be pulled: {reason}", hint=HINT)
    try:
        with as_file(files("jenkinsgen.sandbox") / FOLDER) as recipe, report.timed("Jenkins and its plugins installed"):
            docker("build", "--network", "host", "--tag", name, str(recipe), seconds=BUILD_SECONDS)
    except CommandFailed as error:
        raise ToolMissing(f"the image of Jenkins cannot be built: {error.message}", hint=HINT) from error
    return name


def _pull() -> str | None:
    """Why the base cannot be had; None when it is here.

    The engine is asked, not the registry: it knows of proxies and mirrors. It says something as soon as the
    registry has answered, long before all is here.
    """
    with subprocess.Popen(
        ["docker", "pull", BASE], stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True
    ) as pull:
        assert pull.stdout is not None  # noqa: S101 - it is a pipe
        try:
            if not select.select([pull.stdout], [], [], ANSWER_SECONDS)[0]:
                return f"no registry answered within {ANSWER_SECONDS} s"
            said, _ = pull.communicate(timeout=PULL_SECONDS)
        except subprocess.TimeoutExpired:
            return f"not here after {PULL_SECONDS} s"
        finally:
            pull.kill()
    return None if pull.returncode == 0 else said.strip().rpartition("\n")[2]
