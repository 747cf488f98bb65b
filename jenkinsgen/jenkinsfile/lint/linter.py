"""The whole linter: a text in, findings out."""

from __future__ import annotations

from collections.abc import Callable
from itertools import islice
from typing import TYPE_CHECKING

from jenkinsgen.jenkinsfile.groovy.bounds import MOST_FINDINGS, TooLarge, bounded
from jenkinsgen.jenkinsfile.lint.findings import Finding, Severity
from jenkinsgen.jenkinsfile.lint.formats import Located
from jenkinsgen.jenkinsfile.lint.rules import RULES
from jenkinsgen.jenkinsfile.lint.rules.rule import Subject
from jenkinsgen.jenkinsfile.lint.suppress import unsilenced
from jenkinsgen.jenkinsfile.lint.verdict import TOO_LARGE, problem, verdict

if TYPE_CHECKING:
    from jenkinsgen.jenkinsfile.groovy.errors import GroovySyntaxError
    from jenkinsgen.jenkinsfile.lint.catalogue import Catalogue
    from jenkinsgen.jenkinsfile.lint.problems import Problem

# The origin of a line of a rendered file: "pipelines/shop.yaml:12", or None.
SourceMap = Callable[[int], str | None]
_LONGEST_MESSAGE = 4000


def lint(text: str, catalogue: Catalogue, ignored: frozenset[str] = frozenset()) -> list[Finding]:
    """Every finding, in the order of the text. The rules look only at what Jenkins would accept."""
    judged = verdict(text, catalogue)
    found = [_error(each) for each in judged.problems]
    if judged.accepted and judged.script is not None and judged.pipeline is not None:
        try:
            with bounded():
                found += _by_rules(Subject(text, judged.script, judged.pipeline, catalogue))
        except TooLarge as error:
            found.append(_error(problem(error)))
    kept = unsilenced(text, dict.fromkeys(found), ignored)
    return _some(sorted(kept, key=lambda each: (each.line, each.column)))


def _error(found: Problem) -> Finding:
    message = found.message if len(found.message) <= _LONGEST_MESSAGE else f"{found.message[:_LONGEST_MESSAGE]}…"
    return Finding(found.line, found.column, found.rule, Severity.ERROR, message, found.hint)


def _by_rules(subject: Subject) -> list[Finding]:
    found: list[Finding] = []
    for rule in RULES:
        for hit in islice(rule.check(subject), MOST_FINDINGS + 1):
            place = hit.where
            message = hit.message[:_LONGEST_MESSAGE]
            found.append(Finding(place.line, place.column, rule.id, Severity.WARNING, message, hit.hint))
    return found


def _some(found: list[Finding]) -> list[Finding]:
    """No more than a person will ever read; one more says so, and counts as what it stands for."""
    rest = found[MOST_FINDINGS:]
    if not rest:
        return found
    severity = Severity.ERROR if any(each.severity is Severity.ERROR for each in rest) else Severity.WARNING
    message = f"and more: {MOST_FINDINGS:,} findings of one file are told"
    return [*found[:MOST_FINDINGS], Finding(rest[0].line, rest[0].column, TOO_LARGE, severity, message)]


def unreadable(path: str, error: GroovySyntaxError) -> Located:
    """A file whose bytes are no text: a finding of its own, so that the others are looked at as well."""
    return Located(path, _error(problem(error)))


def lint_file(
    path: str,
    text: str,
    catalogue: Catalogue,
    ignored: frozenset[str] = frozenset(),
    source_map: SourceMap | None = None,
) -> list[Located]:
    """The findings of `lint`, each with its file and, for a rendered file, the place in the YAML."""
    return [
        Located(path, each, None if source_map is None else source_map(each.line))
        for each in lint(text, catalogue, ignored)
    ]
