"""Complaints while a pipeline is read, in the order in which Jenkins has them."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from jenkinsgen.jenkinsfile.groovy.bounds import MOST_FINDINGS

if TYPE_CHECKING:
    from jenkinsgen.jenkinsfile.groovy.tree import Where


@dataclass(frozen=True, slots=True)
class Problem:
    line: int
    column: int
    rule: str
    message: str
    hint: str | None = None


@dataclass(slots=True)
class Problems:
    """Jenkins reads the whole pipeline first and judges it afterwards: two lists, one after the other."""

    _read: list[Problem] = field(default_factory=list)
    _judged: list[Problem] = field(default_factory=list)

    def complain(self, where: Where, rule: str, message: str, hint: str | None = None) -> None:
        """Something could not be read."""
        self._add(self._read, Problem(where.line, where.column, rule, message, hint))

    def judge(self, where: Where, rule: str, message: str, hint: str | None = None) -> None:
        """Something was read and is not allowed."""
        self._add(self._judged, Problem(where.line, where.column, rule, message, hint))

    def _add(self, to: list[Problem], problem: Problem) -> None:
        # One more than is shown, so that the caller knows that there are more.
        if len(to) <= MOST_FINDINGS:
            to.append(problem)

    def all(self) -> list[Problem]:
        """Every problem once: Jenkins repeats some."""
        return list(dict.fromkeys(self._read + self._judged))
