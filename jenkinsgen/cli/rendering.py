"""`jenkinsgen render`."""

from __future__ import annotations

import shlex
from pathlib import Path
from typing import TYPE_CHECKING

import click

from jenkinsgen.cli.output import print_findings, say
from jenkinsgen.errors import CheckFailed, SpecError
from jenkinsgen.jenkinsfile.render.check import check as find_stale
from jenkinsgen.jenkinsfile.render.check import mending
from jenkinsgen.jenkinsfile.render.check_formats import FORMATS
from jenkinsgen.jenkinsfile.render.write import FOLDER, read_specs, write_rendered
from jenkinsgen.spec.together import SHARED, conflicts

if TYPE_CHECKING:
    from collections.abc import Sequence

    from jenkinsgen.spec.reading.load import Spec


@click.command()
@click.argument("paths", nargs=-1, type=click.Path(path_type=Path))
@click.option("--check", is_flag=True, help="Write nothing; exit code 1 if a Jenkinsfile is not what its spec renders.")
@click.option("--diff", is_flag=True, help="With --check: show what rendering would change.")
@click.option("--format", "form", type=click.Choice(list(FORMATS)), help="With --check: how to print what was found.")
def render(paths: tuple[Path, ...], check: bool, diff: bool, form: str | None) -> None:
    """Write the Jenkinsfile of each spec next to it.

    PATHS are specs or folders of specs; pipelines/ without any. One wrong spec does not stop the others.
    """
    if not check and (diff or form):
        raise click.UsageError("--diff and --format belong to --check")
    if diff and form not in (None, "text"):
        raise click.UsageError("--diff goes with --format text; json has the difference in it")
    if check:
        _check(paths or (FOLDER,), form or "text", diff)
    else:
        _write(paths or (FOLDER,))


def _write(paths: Sequence[Path]) -> None:
    specs, problems = _loaded(paths)
    for spec in specs:
        try:
            outcomes = write_rendered(spec)
        except SpecError as error:
            problems.append(error)
        else:
            for target, outcome in outcomes.items():
                say(f"{outcome.value:9} {target}")
    if problems:
        hints = dict.fromkeys(error.hint for error in problems if error.hint)
        raise SpecError("\n".join(error.message for error in problems), hint="\nhint: ".join(hints))


def _loaded(paths: Sequence[Path]) -> tuple[list[Spec], list[SpecError]]:
    """The specs that can be rendered, and why the others cannot."""
    specs, problems = read_specs(paths)
    found = conflicts(specs)
    problems += [SpecError(each.message, hint=SHARED) for each in found]
    refused = {spec.path for each in found for spec in (each.first, each.second)}
    return [spec for spec in specs if spec.path not in refused], problems


def _check(paths: Sequence[Path], form: str, diff: bool) -> None:
    checked = find_stale(paths)
    print_findings(form, FORMATS[form](checked.findings))
    if diff:
        say("".join(found.diff for found in checked.findings), nl=False)
    if not checked.findings:
        say(f"{checked.count} checked: each is what its spec renders", err=True)
        return
    commands = " && ".join(shlex.join(words) for words in mending(checked.findings))
    if checked.broken:
        files = dict.fromkeys(str(found.path) for found in checked.broken)
        raise SpecError(
            f"{', '.join(files)}: cannot be rendered, as told above",
            hint="docs/spec.md explains every key, docs/template.md templates",
        )
    count = len(checked.findings)
    raise CheckFailed(
        "1 Jenkinsfile is not what its spec renders"
        if count == 1
        else f"{count} Jenkinsfiles are not what their specs render",
        hint=f"run: {commands}",
    )
