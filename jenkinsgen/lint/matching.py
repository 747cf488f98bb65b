"""Questions to a Groovy tree that Jenkins' declarative reader asks all the time."""

from __future__ import annotations

from typing import NamedTuple

from jenkinsgen.groovy.source import human_characters
from jenkinsgen.groovy.tree import (
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


def source(text: str, node: Node) -> str:
    """What was written."""
    return human_characters(text[node.where.start : node.where.end]).strip()
