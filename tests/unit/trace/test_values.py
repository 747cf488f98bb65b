from __future__ import annotations

import pytest

from jenkinsgen.jenkinsfile.groovy import parse
from jenkinsgen.jenkinsfile.groovy.tree import ExpressionStatement
from jenkinsgen.jenkinsfile.trace.scope import Scope, Unknown
from jenkinsgen.jenkinsfile.trace.values import evaluate, shown


def value(text: str) -> object:
    script = parse(text)
    (statement,) = script.statements
    assert isinstance(statement, ExpressionStatement)
    scope = Scope(script.text, {"P": "x", "FLAG": True}, {"E": "e"}, {"list": [1, 2]})
    return evaluate(statement.expression, scope)


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("params.P == 'x'", True),
        ("params.FLAG && env.E == 'e'", True),
        ("!params.FLAG || params.P != 'x'", False),
        ('"${params.P}-$E-${env.E.toUpperCase()}"', "x-e-E"),
        ("params.NONE ?: 'default'", "default"),
        ("params.FLAG ? 'yes' : 'no'", "yes"),
        ("'a' + 1 + params.P", "a1x"),
        ("[a: [1, 'two']].a[1]", "two"),
        ("list[0] in [1, 2]", True),
        ("' x '.trim().contains('x')", True),
        ("unknown.thing && false", False),
        ("params.FLAG || whatever()", True),
    ],
)
def test_simple_expressions_have_values(text: str, expected: object):
    assert value(text) == expected


@pytest.mark.parametrize(
    ("text", "reads"),
    [
        ("env.NOBODY_KNOWS", "<env.NOBODY_KNOWS>"),
        ("whatever(1)", "<whatever(1)>"),
        ('"a ${b.c} d"', "a <b.c> d"),
        ("'a' + b", "a<b>"),
        ("list.collect { it }", "<list.collect { it }>"),
        ("1 + 'a'.foo", "<1 + 'a'.foo>"),
    ],
)
def test_what_cannot_be_told_stays_unknown(text: str, reads: str):
    found = value(text)
    assert isinstance(found, Unknown)
    assert shown(found) == reads
