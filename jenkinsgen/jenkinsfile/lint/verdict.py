"""The verdict of Jenkins' declarative linter on a text."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from jenkinsgen.jenkinsfile.groovy.bounds import TooLarge, bounded
from jenkinsgen.jenkinsfile.groovy.classes import unresolved_classes
from jenkinsgen.jenkinsfile.groovy.conversion import check_conversion
from jenkinsgen.jenkinsfile.groovy.errors import GroovySyntaxError
from jenkinsgen.jenkinsfile.groovy.parser import parse
from jenkinsgen.jenkinsfile.groovy.scopes import repeated_variables
from jenkinsgen.jenkinsfile.groovy.text import NotUtf8, text_of
from jenkinsgen.jenkinsfile.lint.problems import Problem, Problems
from jenkinsgen.jenkinsfile.lint.reading import read_pipeline
from jenkinsgen.jenkinsfile.lint.reading.context import Context

if TYPE_CHECKING:
    from jenkinsgen.jenkinsfile.groovy.tree import Script
    from jenkinsgen.jenkinsfile.lint.catalogue import Catalogue
    from jenkinsgen.jenkinsfile.lint.model import Pipeline

GROOVY = "groovy-syntax"
NOT_DECLARATIVE = "not-declarative"
TOO_LARGE = "too-large"
NOT_UTF_8 = "not-utf-8"
_SAVE_IT = "save it as UTF-8. Which encoding it is cannot be told; if it is Korean, perhaps: iconv -f CP949 -t UTF-8"
_BYTE_ORDER_MARK = "\ufeff"


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
        with bounded():
            return _verdict(text, catalogue)
    except GroovySyntaxError as error:
        return Verdict((problem(error),))


def verdict_of(content: bytes, catalogue: Catalogue) -> tuple[str, Verdict]:
    """The text of a file and the verdict on it; the text is empty where the bytes are none."""
    try:
        text = text_of(content)
    except GroovySyntaxError as error:
        return "", Verdict((problem(error),))
    return text, verdict(text, catalogue)


def _verdict(text: str, catalogue: Catalogue) -> Verdict:
    script = parse(text)
    check_conversion(script)
    meaningless = [*repeated_variables(script), *unresolved_classes(script)]
    if meaningless:
        return Verdict(tuple(map(problem, meaningless)), script)
    problems = Problems()
    pipeline = read_pipeline(Context(script.text, catalogue, problems), script)
    found = problems.all()
    if pipeline is None and not found:
        hint = "this linter is for declarative pipelines: a file that begins with pipeline { … }"
        if text.startswith(_BYTE_ORDER_MARK):
            hint = "its first character is a byte order mark, which Groovy takes for a letter: save it without one"
        found = [Problem(1, 1, NOT_DECLARATIVE, "did not contain the 'pipeline' step", hint)]
    return Verdict(tuple(found), script, pipeline)


def problem(error: GroovySyntaxError) -> Problem:
    """Why a text cannot be read, as a complaint about it."""
    if isinstance(error, TooLarge):
        message = f"{error.message}: nobody can tell what Jenkins would say of it"
        return Problem(error.line, error.column, TOO_LARGE, message, "the bounds are in docs/lint.md")
    if isinstance(error, NotUtf8):
        return Problem(error.line, error.column, NOT_UTF_8, error.message, _SAVE_IT)
    return Problem(error.line, error.column, GROOVY, error.message)
