"""Findings of the linter, as data."""

from __future__ import annotations

from dataclasses import dataclass
from enum import Enum


class Severity(Enum):
    """An error is what Jenkins refuses or cannot run; a warning is what it runs and a team regrets later."""

    ERROR = "error"
    WARNING = "warning"


@dataclass(frozen=True, slots=True)
class Finding:
    """One thing found. `line` and `column` count from 1; `rule` is the id that silences it."""

    line: int
    column: int
    rule: str
    severity: Severity
    message: str
    hint: str | None = None
