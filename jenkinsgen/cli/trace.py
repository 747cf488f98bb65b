"""`jenkinsgen trace`."""

from __future__ import annotations

import json
import shlex
from pathlib import Path
from typing import TYPE_CHECKING

import click

from jenkinsgen.cli.options.pairs import read_pairs
from jenkinsgen.cli.output import hand_over_json, say
from jenkinsgen.errors import CheckFailed
from jenkinsgen.files import DISK
from jenkinsgen.jenkinsfile.groovy.bounds import LONGEST_TEXT, TooLarge, bounded
from jenkinsgen.jenkinsfile.lint.catalogue import catalogue
from jenkinsgen.jenkinsfile.lint.verdict import verdict_of
from jenkinsgen.jenkinsfile.trace.events import as_text
from jenkinsgen.jenkinsfile.trace.scenario import Scenario
from jenkinsgen.jenkinsfile.trace.tracer import trace as follow

if TYPE_CHECKING:
    from jenkinsgen.jenkinsfile.trace.events import Event


@click.command()
@click.argument("file", type=click.Path(exists=True, dir_okay=False, path_type=Path))
@click.option("--param", "parameters", multiple=True, callback=read_pairs, metavar="X=Y", help="A parameter's value.")
@click.option(
    "--env",
    "environment",
    multiple=True,
    callback=read_pairs,
    metavar="X=Y",
    help="A variable of the build, such as BRANCH_NAME.",
)
@click.option("--fail", multiple=True, metavar="STAGE", help="This stage fails at its first command.")
@click.option("--abort", multiple=True, metavar="STAGE", help="The build is stopped in this stage.")
@click.option("--json", "as_json", is_flag=True, help="Print the events as JSON.")
def trace(  # noqa: PLR0917 - click passes them by name
    file: Path,
    parameters: dict[str, str],
    environment: dict[str, str],
    fail: tuple[str, ...],
    abort: tuple[str, ...],
    as_json: bool,
) -> None:
    """Tell what a Jenkinsfile would do, in order.

    It has to be declarative, and nothing of it is run. The build is taken for the first one of its job. What a
    static reading cannot tell is said so.
    """
    _, judged = verdict_of(_read(file), catalogue())
    if judged.script is None or judged.pipeline is None or not judged.accepted:
        first = judged.problems[0]
        raise CheckFailed(
            f"{file}:{first.line}:{first.column}: {first.message}",
            hint=first.hint or f"see: jenkinsgen lint {shlex.quote(str(file))}",
        )
    unknown = {*fail, *abort} - {stage.name for stage in judged.pipeline.stages()}
    if unknown:
        names = ", ".join(f'"{stage.name}"' for stage in judged.pipeline.stages())
        raise click.UsageError(f"no stage {', '.join(sorted(unknown))} in {file}; it has {names}")
    scenario = Scenario(parameters, environment, frozenset(fail), frozenset(abort))
    try:
        with bounded():
            events = follow(judged.script, judged.pipeline, catalogue(), scenario)
    except TooLarge as error:
        raise CheckFailed(
            f"{file}:{error.line}:{error.column}: {error.message}", hint="docs/trace.md has the bounds"
        ) from error
    _tell(events, as_json=as_json)


def _read(file: Path) -> bytes:
    try:
        return DISK.read(file, LONGEST_TEXT + 1)
    except OSError as error:
        raise click.UsageError(f"{file}: {error.strerror}") from error


def _tell(events: list[Event], *, as_json: bool) -> None:
    if as_json:
        hand_over_json(json.dumps([each.as_data() for each in events], indent=2, ensure_ascii=False))
    else:
        say(as_text(events), nl=False)
