"""Findings as text, JSON, GitHub annotations or GitLab code quality."""

from __future__ import annotations

import json
from dataclasses import dataclass
from typing import TYPE_CHECKING, Literal

from jenkinsgen.annotations import Annotation, github, gitlab
from jenkinsgen.jenkinsfile.lint.findings import Finding, Severity
from jenkinsgen.visible import visible

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence


@dataclass(frozen=True, slots=True)
class Located:
    """A finding with its file, and where the line comes from: the YAML that it was rendered from, if any."""

    path: str
    finding: Finding
    source: str | None = None


def as_text(findings: Sequence[Located]) -> str:
    return "".join(_text(each) for each in findings)


def _text(located: Located) -> str:
    found = located.finding
    message = found.message.replace("\n", "\n    ")
    # A line break in a name would forge a finding of another file.
    place = f"{visible(located.path)}:{found.line}:{found.column}"
    lines = [f"{place}: {found.severity.value} {found.rule}: {message}"]
    if located.source is not None:
        lines.append(f"    from {located.source}")
    if found.hint is not None:
        lines.append(f"    hint: {found.hint}")
    return "\n".join(lines) + "\n"


def as_json(findings: Sequence[Located]) -> str:
    data = [
        {
            "path": each.path,
            "line": each.finding.line,
            "column": each.finding.column,
            "severity": each.finding.severity.value,
            "rule": each.finding.rule,
            "message": each.finding.message,
            "hint": each.finding.hint,
            "source": each.source,
        }
        for each in findings
    ]
    return json.dumps(data, indent=2, ensure_ascii=False) + "\n"


def as_github(findings: Sequence[Located]) -> str:
    """Workflow commands: GitHub shows them beside the line in a pull request."""
    return github(_annotation(each, _with_hint(each.finding)) for each in findings)


def as_gitlab(findings: Sequence[Located]) -> str:
    """A code quality report; a finding keeps its fingerprint while its line's number changes."""
    return gitlab(_annotation(each, each.finding.message) for each in findings)


def _with_hint(found: Finding) -> str:
    return found.message if found.hint is None else f"{found.message}\nhint: {found.hint}"


def _annotation(located: Located, message: str) -> Annotation:
    found = located.finding
    severity: Literal["error", "warning"] = "error" if found.severity is Severity.ERROR else "warning"
    return Annotation(located.path, found.line, found.column, severity, found.rule, message)


FORMATS: dict[str, Callable[[Sequence[Located]], str]] = {
    "text": as_text,
    "json": as_json,
    "github": as_github,
    "gitlab": as_gitlab,
}
