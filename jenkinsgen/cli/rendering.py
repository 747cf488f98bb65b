"""`jenkinsgen render`."""

from __future__ import annotations

from pathlib import Path

import click

from jenkinsgen.errors import SpecError
from jenkinsgen.render.write import FOLDER, find_specs, jenkinsfile_path, write_jenkinsfile


@click.command()
@click.argument("paths", nargs=-1, type=click.Path(path_type=Path))
def render(paths: tuple[Path, ...]) -> None:
    """Write the Jenkinsfile of each spec next to it.

    PATHS are specs or folders of specs; pipelines/ without any. One wrong spec does not stop the others.
    """
    problems: list[SpecError] = []
    for path in find_specs(paths or (FOLDER,)):
        try:
            outcome = write_jenkinsfile(path)
        except SpecError as error:
            problems.append(error)
        else:
            click.echo(f"{outcome.value:9} {jenkinsfile_path(path)}")
    if problems:
        hints = dict.fromkeys(error.hint for error in problems if error.hint)
        raise SpecError("\n".join(error.message for error in problems), hint="\nhint: ".join(hints))
