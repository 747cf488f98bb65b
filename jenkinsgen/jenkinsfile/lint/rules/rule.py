"""A rule, and what it gets to look at."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, NamedTuple

from jenkinsgen.jenkinsfile.groovy.tree import Call, Constant, GString, MapLiteral
from jenkinsgen.jenkinsfile.groovy.walk import walk
from jenkinsgen.jenkinsfile.lint.matching import literal, own_name

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from jenkinsgen.jenkinsfile.groovy.tree import Expression, Script, Where
    from jenkinsgen.jenkinsfile.lint.catalogue import Catalogue
    from jenkinsgen.jenkinsfile.lint.model import Pipeline

SHELLS = frozenset({"sh", "bat", "powershell", "pwsh"})


class Hit(NamedTuple):
    """One place where a rule is broken."""

    where: Where
    message: str
    hint: str | None = None


@dataclass(frozen=True, slots=True)
class Subject:
    """A Jenkinsfile that Jenkins accepts."""

    text: str
    script: Script
    pipeline: Pipeline
    catalogue: Catalogue

    def calls(self) -> Iterator[Call]:
        for node in walk(self.script):
            if isinstance(node, Call):
                yield node

    def calls_to(self, *names: str) -> Iterator[Call]:
        for call in self.calls():
            if own_name(call) in names:
                yield call

    def uses_library(self) -> bool:
        """A shared library may define any step and any variable."""
        if self.pipeline.libraries or any(self.calls_to("library")):
            return True
        return "@Library" in self.text or "libraries." in self.text


@dataclass(frozen=True, slots=True)
class Rule:
    """`why` is the documented reason; `check` yields each place where the rule is broken."""

    id: str
    why: str
    check: Callable[[Subject], Iterator[Hit]]


def values(call: Call) -> Iterator[Expression]:
    """The arguments of a call, named or not, without the names."""
    for each in call.arguments:
        if isinstance(each, MapLiteral):
            for entry in each.entries:
                yield entry.value
        else:
            yield each


def value_of(call: Call, name: str, *, sole: bool = True) -> Expression | None:
    """A named argument, or with `sole` the first unnamed one."""
    for each in call.arguments:
        if isinstance(each, MapLiteral):
            for entry in each.entries:
                if literal(entry.key) == name:
                    return entry.value
    if sole and call.arguments and not isinstance(call.arguments[0], MapLiteral):
        return call.arguments[0]
    return None


def text_of(expression: Expression | None) -> str | None:
    """The text of a string, values of a GString shown as `${…}`."""
    if isinstance(expression, Constant) and isinstance(expression.value, str):
        return expression.value
    return "${…}".join(expression.texts) if isinstance(expression, GString) else None
