"""The outcome of apply for each job, as data and in words."""

from __future__ import annotations

from dataclasses import dataclass
from enum import Enum
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Sequence

    from jenkinsgen.jobs.proof import Missing


class Result(str, Enum):
    CREATED = "created"
    UPDATED = "updated"
    TAKEN_OVER = "taken over"
    UNCHANGED = "unchanged"
    REFUSED = "left as it is"
    NOT_PROVEN = "not as wanted"
    FAILED = "failed"

    @property
    def good(self) -> bool:
        return self in {Result.CREATED, Result.UPDATED, Result.TAKEN_OVER, Result.UNCHANGED}


@dataclass(frozen=True, kw_only=True)
class Outcome:
    """`missing` are the fields that did not arrive; `note` says why something was not done."""

    name: str
    result: Result
    missing: tuple[Missing, ...] = ()
    note: str | None = None


def as_text(outcomes: Sequence[Outcome]) -> str:
    """One line for each job that was not left unchanged, with what is missing below, and a summary."""
    lines = [line for outcome in outcomes if outcome.result is not Result.UNCHANGED for line in _lines(outcome)]
    results = [outcome.result for outcome in outcomes]
    counts = [f"{results.count(result)} {result.value}" for result in Result if result in results]
    return "\n".join([*lines, f"{len(results)} job{'' if len(results) == 1 else 's'}: {', '.join(counts)}"])


def _lines(outcome: Outcome) -> list[str]:
    proven = ", proven" if outcome.result.good else ""
    note = f" ({outcome.note})" if outcome.note else ""
    lines = [f"{outcome.name}: {outcome.result.value}{proven}{note}"]
    for missing in outcome.missing:
        lines.append(f"    {missing.path}: {missing.found} instead of {missing.expected}")
        lines.append(f"        {missing.remedy}")
    return lines
