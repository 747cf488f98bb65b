"""Findings of a check, in the forms that GitHub and GitLab show beside the lines of a change."""

from __future__ import annotations

import hashlib
import json
from dataclasses import dataclass
from typing import TYPE_CHECKING, Literal

from jenkinsgen.visible import visible_lines

if TYPE_CHECKING:
    from collections.abc import Iterable


@dataclass(frozen=True, slots=True)
class Annotation:
    """One remark about one line of a file; line and column count from 1."""

    path: str
    line: int
    column: int
    severity: Literal["error", "warning"]
    rule: str
    """A short name that stays the same: jenkinsgen-render/stale."""
    message: str


def github(annotations: Iterable[Annotation]) -> str:
    """Workflow commands, one a line.

    https://docs.github.com/actions/reference/workflows-and-actions/workflow-commands; the characters to escape
    are those of @actions/core, the toolkit that writes the same lines.
    """
    return "".join(
        f"::{found.severity} file={_property(found.path)},line={found.line},col={found.column},"
        f"title={_property(found.rule)}::{_data(found.message)}\n"
        for found in annotations
    )


def _data(text: str) -> str:
    return visible_lines(text).replace("%", "%25").replace("\r", "%0D").replace("\n", "%0A")


def _property(text: str) -> str:
    return _data(text).replace(":", "%3A").replace(",", "%2C")


def gitlab(annotations: Iterable[Annotation]) -> str:
    """A report of GitLab's code quality, to be kept as `artifacts: reports: codequality`.

    https://docs.gitlab.com/ci/testing/code_quality. The fingerprint says which remark is the same one as on the
    other branch, so it holds no line number, which would change with every line above it.
    """
    seen: dict[str, int] = {}
    report = []
    for found in annotations:
        identity = f"{found.path}\0{found.rule}\0{found.message}"
        seen[identity] = seen.get(identity, 0) + 1
        report.append(
            {
                "description": found.message,
                "check_name": found.rule,
                "fingerprint": hashlib.sha256(
                    f"{identity}\0{seen[identity]}".encode("utf-8", "surrogatepass")
                ).hexdigest(),
                "severity": "major" if found.severity == "error" else "minor",
                "location": {"path": found.path, "lines": {"begin": found.line}},
            }
        )
    return json.dumps(report, indent=2, ensure_ascii=False) + "\n"
