"""The whole linter: a text in, findings out."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING

from jenkinsgen.lint.findings import Finding, Severity
from jenkinsgen.lint.formats import Located
from jenkinsgen.lint.rules import RULES
from jenkinsgen.lint.rules.rule import Subject
from jenkinsgen.lint.suppress import unsilenced
from jenkinsgen.lint.verdict import verdict

if TYPE_CHECKING:
    from jenkinsgen.lint.catalogue import Catalogue

# Where a line of a rendered file comes from: "pipelines/shop.yaml:12", or None.
SourceMap = Callable[[int], str | None]


def lint(text: str, catalogue: Catalogue, ignored: frozenset[str] = frozenset()) -> list[Finding]:
    """Every finding, in the order of the text. The rules look only at what Jenkins would accept."""
    judged = verdict(text, catalogue)
    found = [
        Finding(each.line, each.column, each.rule, Severity.ERROR, each.message, each.hint) for each in judged.problems
    ]
    if judged.accepted and judged.script is not None and judged.pipeline is not None:
        subject = Subject(text, judged.script, judged.pipeline, catalogue)
        for rule in RULES:
            for hit in rule.check(subject):
                place = hit.where
                found.append(Finding(place.line, place.column, rule.id, Severity.WARNING, hit.message, hit.hint))
    return sorted(unsilenced(text, dict.fromkeys(found), ignored), key=lambda each: (each.line, each.column))


def lint_file(
    path: str,
    text: str,
    catalogue: Catalogue,
    ignored: frozenset[str] = frozenset(),
    source_map: SourceMap | None = None,
) -> list[Located]:
    """As `lint`, each finding with its file and, for a rendered file, the place in the YAML."""
    return [
        Located(path, each, None if source_map is None else source_map(each.line))
        for each in lint(text, catalogue, ignored)
    ]
