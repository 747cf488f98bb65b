"""Findings that the author suppressed: `// jenkinsgen: ignore[rule-id] reason`, on the line or above it."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from jenkinsgen.jenkinsfile.lint.findings import Finding, Severity

if TYPE_CHECKING:
    from collections.abc import Iterable

_COMMENT = re.compile(r"//\s*jenkinsgen:\s*ignore\[([\w\s,-]+)\][ \t]*(.*)")
_NO_REASON = "ignore-without-reason"


def unsilenced(text: str, findings: Iterable[Finding], ignored: frozenset[str]) -> list[Finding]:
    """The findings that nothing silences, and one for each comment that gives no reason."""
    silenced: set[tuple[int, str]] = set()
    complaints: list[Finding] = []
    for number, line in enumerate(text.splitlines(), 1):
        comment = _COMMENT.search(line)
        if comment is None:
            continue
        for rule in re.split(r"[\s,]+", comment[1].strip()):
            silenced |= {(number, rule), (number + 1, rule)}
        if not comment[2].strip():
            message = "a finding is silenced without a reason"
            hint = "write the reason behind the bracket"
            column = comment.start() + 1
            complaints.append(Finding(number, column, _NO_REASON, Severity.WARNING, message, hint))
    kept = [each for each in findings if (each.line, each.rule) not in silenced]
    return [each for each in (*kept, *complaints) if each.rule not in ignored]
