from __future__ import annotations

import pytest

from jenkinsgen.jenkinsfile.lint.catalogue import catalogue
from jenkinsgen.jenkinsfile.lint.linter import lint

LINE = 'sh "x ${env.Y}"'


def rules_of(line: str, ignored: frozenset[str] = frozenset()) -> list[str]:
    text = f"pipeline {{ agent any\nstages {{ stage('A') {{ steps {{\n{line}\n}} }} }} }}"
    return [each.rule for each in lint(text, catalogue(), ignored)]


def test_it_is_found():
    assert rules_of(LINE) == ["interpolated-shell"]


@pytest.mark.parametrize(
    "line",
    [
        f"{LINE} // jenkinsgen: ignore[interpolated-shell] Y is a number",
        f"// jenkinsgen: ignore[interpolated-shell] Y is a number\n{LINE}",
        f"//jenkinsgen:ignore[other-rule, interpolated-shell] Y is a number\n{LINE}",
    ],
)
def test_a_comment_with_a_reason_silences_its_line_and_the_next(line: str):
    assert rules_of(line) == []


def test_a_comment_without_a_reason_is_a_finding():
    assert rules_of(f"{LINE} // jenkinsgen: ignore[interpolated-shell]") == ["ignore-without-reason"]


def test_a_comment_silences_no_other_rule_and_no_other_line():
    assert rules_of(f"// jenkinsgen: ignore[unknown-step] why\n{LINE}") == ["interpolated-shell"]
    assert rules_of(f"// jenkinsgen: ignore[interpolated-shell] why\n\n{LINE}") == ["interpolated-shell"]


def test_a_rule_can_be_silenced_everywhere():
    assert rules_of(LINE, frozenset({"interpolated-shell"})) == []
