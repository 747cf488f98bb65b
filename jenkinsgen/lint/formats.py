"""Findings as text, JSON, GitHub annotations or GitLab code quality."""

from __future__ import annotations

import hashlib
import json
from dataclasses import dataclass
from typing import TYPE_CHECKING

from jenkinsgen.lint.findings import Finding, Severity

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
    place = f"{located.path}:{found.line}:{found.column}"
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
    return "".join(_github(each) for each in findings)


def _github(located: Located) -> str:
    found = located.finding
    level = found.severity.value
    fields = f"file={_property(located.path)},line={found.line},col={found.column},title={_property(found.rule)}"
    message = found.message if found.hint is None else f"{found.message}\nhint: {found.hint}"
    return f"::{level} {fields}::{_data(message)}\n"


def _data(text: str) -> str:
    return text.replace("%", "%25").replace("\r", "%0D").replace("\n", "%0A")


def _property(text: str) -> str:
    return _data(text).replace(":", "%3A").replace(",", "%2C")


def as_gitlab(findings: Sequence[Located]) -> str:
    """A code quality report; a finding keeps its fingerprint while its line's number changes."""
    seen: dict[str, int] = {}
    report = []
    for each in findings:
        found = each.finding
        identity = f"{each.path}\0{found.rule}\0{found.message}"
        seen[identity] = seen.get(identity, 0) + 1
        fingerprint = hashlib.sha256(f"{identity}\0{seen[identity]}".encode()).hexdigest()
        report.append(
            {
                "description": found.message,
                "check_name": found.rule,
                "fingerprint": fingerprint,
                "severity": "major" if found.severity is Severity.ERROR else "minor",
                "location": {"path": each.path, "lines": {"begin": found.line}},
            }
        )
    return json.dumps(report, indent=2, ensure_ascii=False) + "\n"


FORMATS: dict[str, Callable[[Sequence[Located]], str]] = {
    "text": as_text,
    "json": as_json,
    "github": as_github,
    "gitlab": as_gitlab,
}
