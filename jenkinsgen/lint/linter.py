"""The whole linter: a text in, findings out."""

from __future__ import annotations

from typing import TYPE_CHECKING

from jenkinsgen.lint.findings import Finding, Severity
from jenkinsgen.lint.rules import RULES
from jenkinsgen.lint.rules.rule import Subject
from jenkinsgen.lint.suppress import unsilenced
from jenkinsgen.lint.verdict import verdict

if TYPE_CHECKING:
    from jenkinsgen.lint.catalogue import Catalogue


def lint(text: str, catalogue: Catalogue, ignored: frozenset[str] = frozenset()) -> list[Finding]:
    """Every finding, in the order of the text. The rules look only at what Jenkins would accept."""
    judged = verdict(text, catalogue)
    found = [
        Finding(each.line, each.column, each.rule, Severity.ERROR, each.message, each.hint)
        for each in judged.problems
    ]
    if judged.accepted and judged.script is not None and judged.pipeline is not None:
        subject = Subject(text, judged.script, judged.pipeline, catalogue)
        for rule in RULES:
            for hit in rule.check(subject):
                place = hit.where
                found.append(
                    Finding(place.line, place.column, rule.id, Severity.WARNING, hit.message, hit.hint)
                )
    return sorted(unsilenced(text, dict.fromkeys(found), ignored), key=lambda each: (each.line, each.column))
