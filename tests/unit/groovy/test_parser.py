"""Shapes of trees that the linter relies on."""

from __future__ import annotations

import pytest

from jenkinsgen.jenkinsfile.groovy import GroovySyntaxError, parse
from jenkinsgen.jenkinsfile.groovy.tree import (
    Binary,
    Call,
    Cast,
    ClosureExpression,
    Constant,
    Declaration,
    Expression,
    ExpressionStatement,
    GString,
    Labelled,
    MapLiteral,
    Name,
    Property,
)
from jenkinsgen.jenkinsfile.lint.matching import literal, own_name


def expression(text: str) -> Expression:
    (statement,) = parse(text).statements
    assert isinstance(statement, ExpressionStatement)
    return statement.expression


def call(text: str) -> Call:
    found = expression(text)
    assert isinstance(found, Call)
    return found


@pytest.mark.parametrize(
    "text", ["sh 'x'", "sh('x')", "sh(\n'x'\n)", "this.sh 'x'", "'sh'('x')", "sh /* a */ 'x' // b"]
)
def test_one_call_in_many_spellings(text: str):
    found = call(text)
    assert own_name(found) == "sh"
    assert [literal(each) for each in found.arguments] == ["x"]


def test_named_arguments_come_first_and_the_block_last():
    named, plain, block = call("f('a', b: 1, c: 2) { d }").arguments
    assert isinstance(named, MapLiteral)
    assert [literal(entry.key) for entry in named.entries] == ["b", "c"]
    assert literal(plain) == "a"
    assert isinstance(block, ClosureExpression)


def test_a_command_expression_has_named_arguments_too():
    (named,) = call("sh script: 'x', returnStdout: true").arguments
    assert isinstance(named, MapLiteral)
    assert named.named


def test_two_calls_on_one_line_are_a_chain():
    chain = call("a('x') { } b('y')")
    assert own_name(chain) is None
    assert literal(chain.name) == "b"
    assert isinstance(chain.receiver, Call)


def test_a_block_on_the_next_line_belongs_to_the_call():
    found = call("stage('x')\n\n// comment\n{\n  y\n}")
    assert isinstance(found.arguments[-1], ClosureExpression)


def test_a_binary_expression_is_reported_at_its_operator():
    found = expression("abc + d")
    assert isinstance(found, Binary)
    assert (found.where.line, found.where.column) == (1, 5)


def test_a_string_with_values_keeps_texts_and_values():
    found = expression('"a $b.c ${d} e"')
    assert isinstance(found, GString)
    assert found.texts == ("a ", " ", " e")
    assert isinstance(found.values[0], Property)


@pytest.mark.parametrize(
    ("text", "value"),
    [
        (r"'a\tb\u00e9\'\\\$'", "a\tbé'\\$"),
        ("'''a\nb'''", "a\nb"),
        ("'''a\\\nb'''", "ab"),
        (r'"\$x"', "$x"),
        (r"'\101\0'", "A\0"),
        ("x = $/a $$ b \\ $/ c/$", "a $ b \\ / c"),
        (r"x = /a\/b\d$/", r"a/b\d$"),
    ],
)
def test_strings_stand_for_what_the_compiler_says(text: str, value: str):
    found = expression(text)
    if isinstance(found, Binary):
        found = found.right
    assert isinstance(found, Constant)
    assert found.value == value


@pytest.mark.parametrize(
    ("text", "value", "java_type"),
    [
        ("1", 1, "java.lang.Integer"),
        ("-5", -5, "java.lang.Integer"),
        ("1_000", 1000, "java.lang.Integer"),
        ("0x1F", 31, "java.lang.Integer"),
        ("017", 15, "java.lang.Integer"),
        ("0b101", 5, "java.lang.Integer"),
        ("99999999999", 99999999999, "java.lang.Long"),
        ("1L", 1, "java.lang.Long"),
        ("2.5", 2.5, "java.math.BigDecimal"),
        ("2.5f", 2.5, "java.lang.Float"),
        ("3G", 3, "java.math.BigInteger"),
        ("true", True, "java.lang.Boolean"),
    ],
)
def test_literals_have_the_java_type_that_jenkins_checks(text: str, value: object, java_type: str):
    found = expression(text)
    assert isinstance(found, Constant)
    assert (found.value, found.java_type) == (value, java_type)


def test_a_label_wraps_its_statement():
    (statement,) = parse("agent: any").statements
    assert isinstance(statement, Labelled)
    assert statement.label == "agent"


def test_declarations_keep_names_and_values():
    (statement,) = parse("final String a = 'x', b").statements
    assert isinstance(statement, Declaration)
    assert [each.name for each in statement.variables] == ["a", "b"]
    assert statement.modifiers == ("final",)


def test_a_name_in_parentheses_before_a_value_is_a_cast():
    assert isinstance(expression("(foo) bar"), Cast)
    assert isinstance(expression("(foo) - bar"), Binary)


def test_columns_count_utf16_units():
    with pytest.raises(GroovySyntaxError) as caught:
        parse("x = '🚀' )")
    assert caught.value.column == 10


def test_carriage_returns_end_lines():
    with pytest.raises(GroovySyntaxError) as caught:
        parse("a\r\nb\rc )")
    assert (caught.value.line, caught.value.column) == (3, 3)


def test_a_broken_unicode_escape_is_told_even_in_a_comment():
    with pytest.raises(GroovySyntaxError, match="four digit hex") as caught:
        parse("a\n// C:\\users\n")
    assert (caught.value.line, caught.value.column) == (2, 6)


def test_an_earlier_error_wins_over_a_broken_string_after_it():
    with pytest.raises(GroovySyntaxError) as caught:
        parse("a )\nb 'open\n")
    assert caught.value.line == 1


def test_a_name_keeps_its_place():
    found = call("a {\n  b c\n}")
    block = found.arguments[0]
    assert isinstance(block, ClosureExpression)
    (inner,) = block.body
    assert isinstance(inner, ExpressionStatement)
    assert isinstance(inner.expression, Call)
    (argument,) = inner.expression.arguments
    assert isinstance(argument, Name)
    assert (argument.where.line, argument.where.column) == (2, 5)


def test_deep_nesting_takes_linear_time():
    depth = 60
    parse("a = { b = " * depth + "1" + " }" * depth)
