"""Questions to a Groovy tree that Jenkins' declarative reader asks all the time."""

from __future__ import annotations

from collections import Counter
from difflib import get_close_matches
from typing import TYPE_CHECKING, NamedTuple

from jenkinsgen.jenkinsfile.groovy.bounds import spend
from jenkinsgen.jenkinsfile.groovy.source import human_characters
from jenkinsgen.jenkinsfile.groovy.tree import (
    Call,
    ClosureExpression,
    Constant,
    Expression,
    ExpressionStatement,
    Labelled,
    MapLiteral,
    Name,
    Node,
    Statement,
)

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

_LONGEST_NAME = 100
"""The longest name that is compared with known ones; comparing takes as long as the name is."""


class BlockCall(NamedTuple):
    """`name(arguments) { body }`."""

    call: Call
    name: str
    arguments: tuple[Expression, ...]
    body: ClosureExpression


def bare(statement: Statement) -> Statement:
    """A statement without its labels: to Jenkins they are no part of it."""
    while isinstance(statement, Labelled):
        statement = statement.statement
    return statement


def call_of(statement: Statement) -> Call | None:
    """The method call that a statement is."""
    if isinstance(statement, ExpressionStatement) and isinstance(statement.expression, Call):
        return statement.expression
    return None


def own_name(call: Call) -> str | None:
    """The name of a call to no object (or to `this`) whose name is spelled out."""
    if call.receiver is not None and not (isinstance(call.receiver, Name) and call.receiver.name == "this"):
        return None
    return call.name.value if isinstance(call.name, Constant) and isinstance(call.name.value, str) else None


def block_of(statement: Statement) -> BlockCall | None:
    call = call_of(statement)
    if call is None:
        return None
    name = own_name(call)
    if name is None or not call.arguments or not isinstance(call.arguments[-1], ClosureExpression):
        return None
    return BlockCall(call, name, call.arguments[:-1], call.arguments[-1])


def literal(expression: Expression) -> str | None:
    """A quoted text, or a bare word as in `agent any`."""
    if isinstance(expression, Constant) and isinstance(expression.value, str):
        return expression.value
    return expression.name if isinstance(expression, Name) else None


def named_arguments(arguments: tuple[Expression, ...]) -> MapLiteral | None:
    """The named arguments, if the call has nothing else; `[$class: …]` counts as one plain argument."""
    if len(arguments) != 1 or not isinstance(arguments[0], MapLiteral):
        return None
    found = arguments[0]
    if any(literal(entry.key) == "$class" for entry in found.entries):
        return None
    return found


def argument(arguments: tuple[Expression, ...], name: str, *, sole: bool = False) -> Expression | None:
    """The value of a named argument; with `sole`, also of the only unnamed one."""
    for each in arguments:
        if isinstance(each, MapLiteral):
            for entry in each.entries:
                if literal(entry.key) == name:
                    return entry.value
    if sole and arguments and not isinstance(arguments[0], MapLiteral):
        return arguments[0]
    return None


def nearest(name: str, names: Sequence[str], least: float) -> list[str]:
    """The one of `names` that `name` may have meant, if one is near: `least` is between 0, which all are, and 1."""
    spend(len(names))
    return get_close_matches(name, names, 1, least) if len(name) <= _LONGEST_NAME else []


def repeated(names: Iterable[str | None]) -> list[str | None]:
    """The names that occur more than once, in the order of their first."""
    return [name for name, count in Counter(names).items() if count > 1]


def source(text: str, node: Node) -> str:
    """The text of a node, as it was written."""
    return human_characters(text[node.where.start : node.where.end]).strip()
