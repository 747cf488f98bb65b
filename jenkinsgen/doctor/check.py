"""One thing that was looked at, and the verdict on it."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass
from enum import Enum
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterable


class Verdict(str, Enum):
    """`failed` would make a deployment fail; `warning` may, or could not be looked at."""

    FAILED = "failed"
    WARNING = "warning"
    OK = "ok"

    def __str__(self) -> str:
        return self.value


@dataclass(frozen=True, slots=True)
class Check:
    """One finding on one host, and what to do about it; `remedy` is empty where all is well."""

    host: str
    name: str
    verdict: Verdict
    found: str
    remedy: str = ""


def ok(host: str, name: str, found: str) -> Check:
    return Check(host, name, Verdict.OK, found)


def warning(host: str, name: str, found: str, remedy: str) -> Check:
    return Check(host, name, Verdict.WARNING, found, remedy)


def failed(host: str, name: str, found: str, remedy: str) -> Check:
    return Check(host, name, Verdict.FAILED, found, remedy)


def summary(checks: Iterable[Check]) -> str:
    """`24 checks: 1 failed, 2 warnings`."""
    count = Counter(check.verdict for check in checks)
    warnings = count[Verdict.WARNING]
    return (
        f"{count.total()} checks: {count[Verdict.FAILED]} failed, {warnings} warning{'' if warnings == 1 else 's'}, "
        f"{count[Verdict.OK]} ok"
    )
