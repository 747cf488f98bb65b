"""`jenkinsgen lint`."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import TYPE_CHECKING

import click

from jenkinsgen.errors import SpecError
from jenkinsgen.lint.catalogue import Controller, catalogue
from jenkinsgen.lint.findings import Severity
from jenkinsgen.lint.formats import FORMATS, Located
from jenkinsgen.lint.linter import lint as find
from jenkinsgen.lint.rules import RULES

if TYPE_CHECKING:
    from collections.abc import Callable

    from jenkinsgen.lint.catalogue import Catalogue

FINDINGS = 1
_PATTERNS = ("Jenkinsfile", "Jenkinsfile.*", "*.Jenkinsfile", "*.jenkinsfile")


@click.command()
@click.argument("files", nargs=-1)
@click.option(
    "--format", "shape", type=click.Choice(list(FORMATS)), default="text", help="How to print findings."
)
@click.option(
    "--controller",
    type=click.Path(path_type=Path),
    metavar="FILE",
    help="What one Jenkins server offers, as JSON; without it every known plugin counts as installed.",
)
@click.option("--ignore", multiple=True, metavar="RULE", help="Silence a rule everywhere.")
@click.option("--strict", is_flag=True, help="Warnings count as well.")
@click.option("--rules", is_flag=True, help="List the rules with their reasons, and stop.")
def lint(
    files: tuple[str, ...],
    shape: str,
    controller: Path | None,
    ignore: tuple[str, ...],
    strict: bool,
    rules: bool,
) -> int:
    """Check declarative Jenkinsfiles as Jenkins' own linter does, without a server, and look further.

    FILES are files, folders, or - for standard input; without any, the Jenkinsfiles in this folder and below
    pipelines/. Exit code 1 if there are errors (with --strict: or warnings).
    """
    if rules:
        click.echo("\n\n".join(f"{rule.id}\n    {rule.why}" for rule in RULES))
        return 0
    known = catalogue(None if controller is None else Controller.read(controller))
    found: list[Located] = []
    for path, text in _texts(files):
        found.extend(_lint_one(path, text, known, frozenset(ignore)))
    sys.stdout.write(FORMATS[shape](found))
    counted = [each for each in found if strict or each.finding.severity is Severity.ERROR]
    return FINDINGS if counted else 0


def _lint_one(
    path: str,
    text: str,
    known: Catalogue,
    ignored: frozenset[str],
    source_map: Callable[[int], str | None] = lambda _line: None,
) -> list[Located]:
    """`source_map` tells where a line of a rendered file comes from."""
    return [Located(path, each, source_map(each.line)) for each in find(text, known, ignored)]


def _texts(files: tuple[str, ...]) -> list[tuple[str, str]]:
    if files == ("-",):
        return [("-", click.get_text_stream("stdin").read())]
    paths = [path for each in files for path in _expand(Path(each))] if files else _default()
    if not paths:
        raise click.UsageError(f"no Jenkinsfile found: looked for {', '.join(_PATTERNS)}")
    return [(str(path), _read(path)) for path in paths]


def _expand(path: Path) -> list[Path]:
    if not path.is_dir():
        return [path]
    return sorted({found for pattern in _PATTERNS for found in path.rglob(pattern) if found.is_file()})


def _default() -> list[Path]:
    here = {found for pattern in _PATTERNS for found in Path().glob(pattern) if found.is_file()}
    return sorted(here) + (_expand(Path("pipelines")) if Path("pipelines").is_dir() else [])


def _read(path: Path) -> str:
    try:
        # Not read_text: Groovy's newlines are the linter's business.
        return path.read_bytes().decode("utf-8")
    except OSError as error:
        raise click.UsageError(f"{path}: {error.strerror}") from error
    except UnicodeDecodeError as error:
        raise SpecError(f"{path}: not UTF-8: {error.reason} at byte {error.start}") from error
