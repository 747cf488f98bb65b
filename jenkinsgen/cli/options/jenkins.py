"""Options of every command that talks to a Jenkins server."""

from __future__ import annotations

import sys
from functools import wraps
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from jenkinsgen.cli.output import agree
from jenkinsgen.edge.jenkins.settings import DEFAULT_FILE, read_settings
from jenkinsgen.errors import CheckFailed

if TYPE_CHECKING:
    from collections.abc import Callable

NOTHING_TO_DO = 0
PROBLEMS = 1
CHANGES = 2

PATHS = click.argument("paths", nargs=-1, type=click.Path(path_type=Path))
YES = click.option("--yes", is_flag=True, help="Do not ask.")
DRY_RUN = click.option("--dry-run", is_flag=True, help="Show what would be done, and do nothing.")


def with_jenkins(command: Callable[..., Any]) -> Callable[..., Any]:
    """Add the options that say which server; the command gets `settings`."""

    @click.option("--url", help="Address of the Jenkins server; JENKINS_URL without it.")
    @click.option("--user", help="User there; JENKINS_USER without it. The token is in JENKINS_TOKEN or the file.")
    @click.option("--ca-file", help="Certificates to trust instead of the system's; JENKINS_CA_FILE without it.")
    @click.option(
        "--jenkins-file",
        type=click.Path(path_type=Path),
        help=f"INI file with url, user and token under [jenkins], mode 0600; {DEFAULT_FILE} without it.",
    )
    @wraps(command)
    def wrapper(
        *args: Any, url: str | None, user: str | None, ca_file: str | None, jenkins_file: Path | None, **kwargs: Any
    ) -> Any:
        settings = read_settings(url=url, user=user, ca_file=ca_file, file=jenkins_file)
        return command(*args, settings=settings, **kwargs)

    return wrapper


def a_person_is_here() -> bool:
    """Whether a person can answer a question."""
    return sys.stdin.isatty()


def agreed(question: str, *, yes: bool) -> bool:
    """Ask a person. Raises CheckFailed where there is none to ask."""
    if yes:
        return True
    if not a_person_is_here():
        raise CheckFailed(f"nobody is here to answer: {question}", hint="--yes answers yes")
    return agree(question)
