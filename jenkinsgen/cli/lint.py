"""`jenkinsgen lint`."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import TYPE_CHECKING

import click

from jenkinsgen.cli.output import print_findings, say
from jenkinsgen.files import DISK
from jenkinsgen.jenkinsfile.groovy.bounds import LONGEST_TEXT
from jenkinsgen.jenkinsfile.groovy.errors import GroovySyntaxError
from jenkinsgen.jenkinsfile.groovy.text import text_of
from jenkinsgen.jenkinsfile.lint.catalogue import Controller, catalogue
from jenkinsgen.jenkinsfile.lint.findings import Finding, Severity
from jenkinsgen.jenkinsfile.lint.formats import FORMATS, Located
from jenkinsgen.jenkinsfile.lint.linter import lint_file, unreadable
from jenkinsgen.jenkinsfile.lint.rules import RULES

if TYPE_CHECKING:
    from collections.abc import Iterable

    from jenkinsgen.jenkinsfile.lint.linter import SourceMap

FINDINGS = 1
RENDERED = "// Made by jenkinsgen"
_TEMPLATES = frozenset({".j2", ".jinja", ".jinja2", ".tmpl", ".template"})
_PATTERNS = ("Jenkinsfile", "Jenkinsfile.*", "*.Jenkinsfile", "*.jenkinsfile")


@click.command()
@click.argument("files", nargs=-1)
@click.option("--format", "shape", type=click.Choice(list(FORMATS)), default="text", help="How to print findings.")
@click.option(
    "--controller",
    type=click.Path(path_type=Path),
    metavar="FILE",
    help="What one Jenkins server offers, as JSON; without it every known plugin counts as installed.",
)
@click.option("--ignore", multiple=True, metavar="RULE", help="Silence a rule everywhere.")
@click.option("--strict", is_flag=True, help="Warnings count as well.")
@click.option("--server", is_flag=True, help="Ask the Jenkins server as well; JENKINS_URL, _USER and _TOKEN say which.")
@click.option("--rules", is_flag=True, help="List the rules with their reasons, and stop.")
def lint(  # noqa: PLR0917 - click passes them by name
    files: tuple[str, ...],
    shape: str,
    controller: Path | None,
    ignore: tuple[str, ...],
    strict: bool,
    server: bool,
    rules: bool,
) -> int:
    """Check Jenkinsfiles as Jenkins would, without a server.

    What its own linter finds in a declarative Jenkinsfile, and more.

    FILES are files, folders, or - for standard input; without any, the Jenkinsfiles in this folder and below
    pipelines/. Exit code 1 if there are errors (with --strict: or warnings).
    """
    if rules:
        say("\n\n".join(f"{rule.id}\n    {rule.why}" for rule in RULES))
        return 0
    known = catalogue(None if controller is None else Controller.read(controller))
    found: list[Located] = []
    for path, content in _contents(files):
        try:
            text = text_of(content)
        except GroovySyntaxError as error:
            found.append(unreadable(path, error))
            continue
        source_map = _source_map(path, text)
        found.extend(lint_file(path, text, known, frozenset(ignore), source_map))
        if server:
            found.extend(_of_the_server(path, text, source_map))
    print_findings(shape, FORMATS[shape](found))
    counted = [each for each in found if strict or each.finding.severity is Severity.ERROR]
    return FINDINGS if counted else 0


def _source_map(path: str, text: str) -> SourceMap | None:
    """For a rendered file, where in the YAML a line comes from."""
    if not text.startswith(RENDERED):
        return None
    # Loading specs takes longer than linting a file does, and most files are not rendered ones.
    from jenkinsgen.jenkinsfile.render.source_map import source_map_of  # noqa: PLC0415

    return source_map_of(Path(path), text)


def _of_the_server(path: str, text: str, source_map: SourceMap | None) -> list[Located]:
    """The findings of Jenkins' own linter. Raises JenkinsError."""
    from jenkinsgen.edge.jenkins.settings import read_settings  # noqa: PLC0415 - python-jenkins, for --server alone
    from jenkinsgen.edge.jenkins.world import JenkinsWorld  # noqa: PLC0415 - same

    said = JenkinsWorld(read_settings(url=None, user=None, ca_file=None, file=None)).lint(text)
    found = [Finding(each.line or 1, each.column or 1, "server", Severity.ERROR, each.message) for each in said]
    return [Located(path, each, source_map(each.line) if source_map else None) for each in found]


def _contents(files: tuple[str, ...]) -> list[tuple[str, bytes]]:
    if files == ("-",):
        return [("-", sys.stdin.buffer.read(LONGEST_TEXT + 1))]
    paths = [path for each in files for path in _expand(Path(each))] if files else _default()
    if not paths:
        raise click.UsageError(f"no Jenkinsfile found: looked for {', '.join(_PATTERNS)}")
    return [(str(path), _read(path)) for path in paths]


def _expand(path: Path) -> list[Path]:
    if not path.is_dir():
        return [path]
    return _jenkinsfiles(found for pattern in _PATTERNS for found in path.rglob(pattern))


def _default() -> list[Path]:
    here = _jenkinsfiles(found for pattern in _PATTERNS for found in Path().glob(pattern))
    return here + (_expand(Path("pipelines")) if Path("pipelines").is_dir() else [])


def _jenkinsfiles(found: Iterable[Path]) -> list[Path]:
    """Jenkinsfile.j2 is none: it becomes one."""
    return sorted({path for path in found if path.is_file() and path.suffix not in _TEMPLATES})


def _read(path: Path) -> bytes:
    try:
        if path.exists() and not path.is_file():
            # A device or a pipe may never end, nor begin.
            raise click.UsageError(f"{path}: not a regular file")
        return DISK.read(path, LONGEST_TEXT + 1)
    except OSError as error:
        raise click.UsageError(f"{path}: {error.strerror}") from error
