"""Whether a `when` lets its stage run: yes, no, or unknown."""

from __future__ import annotations

from fnmatch import fnmatchcase
from typing import TYPE_CHECKING

from jenkinsgen.jenkinsfile.groovy.tree import Branch, ExpressionStatement
from jenkinsgen.jenkinsfile.lint.matching import argument
from jenkinsgen.jenkinsfile.trace.scope import Unknown
from jenkinsgen.jenkinsfile.trace.values import evaluate, shown, truth

if TYPE_CHECKING:
    from jenkinsgen.jenkinsfile.lint.model import Condition, When
    from jenkinsgen.jenkinsfile.trace.scope import Scope

Answer = bool | Unknown


def asks(when: When, scope: Scope) -> Answer:
    """All conditions must hold."""
    return _all([holds(each, scope) for each in when.conditions])


def holds(condition: Condition, scope: Scope) -> Answer:
    children = [holds(each, scope) for each in condition.children]
    if condition.name == "allOf":
        return _all(children)
    if condition.name == "anyOf":
        return _any(children)
    if condition.name == "not":
        return _opposite(children[0])
    if condition.name == "expression":
        return _expression(condition, scope)
    return _comparison(condition, scope)


def described(condition: Condition, scope: Scope) -> str:
    """The condition as written."""
    return " ".join(scope.text[condition.where.start : condition.where.end].split())


def _all(answers: list[Answer]) -> Answer:
    return _opposite(_any([_opposite(each) for each in answers]))


def _any(answers: list[Answer]) -> Answer:
    if True in answers:
        return True
    unknown = [each for each in answers if isinstance(each, Unknown)]
    return unknown[0] if unknown else False


def _opposite(answer: Answer) -> Answer:
    return answer if isinstance(answer, Unknown) else not answer


def _expression(condition: Condition, scope: Scope) -> Answer:
    body = condition.code.body if condition.code is not None else ()
    only = body[0] if len(body) == 1 else None
    if isinstance(only, ExpressionStatement):
        return truth(evaluate(only.expression, scope))
    if isinstance(only, Branch) and only.keyword == "return":
        return truth(evaluate(only.value, scope))
    return Unknown(described(condition, scope))


def _comparison(condition: Condition, scope: Scope) -> Answer:
    def value(name: str, *, sole: bool = False) -> object:
        return evaluate(argument(condition.arguments, name, sole=sole), scope)

    if condition.name == "environment":
        wanted = value("value")
        name = value("name")
        actual = scope.lookup(name) if isinstance(name, str) else Unknown(shown(name))
        return _equal(actual, wanted, condition, scope)
    if condition.name == "equals":
        return _equal(value("actual"), value("expected"), condition, scope)
    if condition.name in {"branch", "tag"}:
        pattern = value("pattern", sole=True)
        name = "BRANCH_NAME" if condition.name == "branch" else "TAG_NAME"
        actual = scope.of_env(name)
        plain = argument(condition.arguments, "comparator") is None
        if isinstance(pattern, str) and isinstance(actual, str) and plain:
            return fnmatchcase(actual, pattern)
    return Unknown(described(condition, scope))


def _equal(actual: object, wanted: object, condition: Condition, scope: Scope) -> Answer:
    if isinstance(actual, Unknown) or isinstance(wanted, Unknown):
        return Unknown(described(condition, scope))
    return shown(actual) == shown(wanted)
