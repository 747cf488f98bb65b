"""The findings of `render --check` as text, JSON, GitHub annotations or GitLab code quality."""

from __future__ import annotations

import json
import shlex
from typing import TYPE_CHECKING

from jenkinsgen.annotations import Annotation, github, gitlab
from jenkinsgen.visible import visible

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from jenkinsgen.jenkinsfile.render.check import Finding

_WIDTH = len("other-version")


def as_text(findings: Sequence[Finding]) -> str:
    return "".join(
        f"{found.verdict.value:{_WIDTH}} {visible(f'{found.path}:{found.line}:{found.column}: {found.reason}')}\n"
        for found in findings
    )


def as_json(findings: Sequence[Finding]) -> str:
    data = [
        {
            "path": str(found.path),
            "line": found.line,
            "column": found.column,
            "verdict": found.verdict.value,
            "reason": found.reason,
            "command": list(found.mend),
            "diff": found.diff,
        }
        for found in findings
    ]
    return json.dumps(data, indent=2, ensure_ascii=False) + "\n"


def as_github(findings: Sequence[Finding]) -> str:
    return github(map(_annotation, findings))


def as_gitlab(findings: Sequence[Finding]) -> str:
    return gitlab(map(_annotation, findings))


def _annotation(found: Finding) -> Annotation:
    message = f"{found.reason}; run: {shlex.join(found.mend)}" if found.mend else found.reason
    rule = f"jenkinsgen-render/{found.verdict.value}"
    return Annotation(found.path.as_posix(), found.line, found.column, "error", rule, message)


FORMATS: dict[str, Callable[[Sequence[Finding]], str]] = {
    "text": as_text,
    "json": as_json,
    "github": as_github,
    "gitlab": as_gitlab,
}
