"""The verdict of Jenkins' declarative linter on a text."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from jenkinsgen.groovy.classes import unresolved_classes
from jenkinsgen.groovy.conversion import check_conversion
from jenkinsgen.groovy.depth import deep
from jenkinsgen.groovy.errors import GroovySyntaxError
from jenkinsgen.groovy.parser import parse
from jenkinsgen.groovy.scopes import repeated_variables
from jenkinsgen.lint.problems import Problem, Problems
from jenkinsgen.lint.reading import read_pipeline
from jenkinsgen.lint.reading.context import Context

if TYPE_CHECKING:
    from jenkinsgen.groovy.tree import Script
    from jenkinsgen.lint.catalogue import Catalogue
    from jenkinsgen.lint.model import Pipeline

GROOVY = "groovy-syntax"
NOT_DECLARATIVE = "not-declarative"


@dataclass(frozen=True, slots=True)
class Verdict:
    """Whether Jenkins accepts the text, and what it complains about if not.

    `script` and `pipeline` are what could be read, for the rules that look further.
    """

    problems: tuple[Problem, ...]
    script: Script | None = None
    pipeline: Pipeline | None = None

    @property
    def accepted(self) -> bool:
        return not self.problems


def verdict(text: str, catalogue: Catalogue) -> Verdict:
    """Judge a Jenkinsfile as Jenkins does: compile first, and only what compiles is read as a pipeline."""
    try:
        with deep():
            return _verdict(text, catalogue)
    except GroovySyntaxError as error:
        return Verdict((_problem(error),))


def _verdict(text: str, catalogue: Catalogue) -> Verdict:
    script = parse(text)
    check_conversion(script)
    meaningless = [*repeated_variables(script), *unresolved_classes(script)]
    if meaningless:
        return Verdict(tuple(map(_problem, meaningless)), script)
    problems = Problems()
    pipeline = read_pipeline(Context(script.text, catalogue, problems), script)
    found = problems.all()
    if pipeline is None and not found:
        hint = "this linter is for declarative pipelines: a file that begins with pipeline { … }"
        found = [Problem(1, 1, NOT_DECLARATIVE, "did not contain the 'pipeline' step", hint)]
    return Verdict(tuple(found), script, pipeline)


def _problem(error: GroovySyntaxError) -> Problem:
    return Problem(error.line, error.column, GROOVY, error.message)
