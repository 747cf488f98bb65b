"""`matrix` without its stages: `axes` and `excludes`."""

from __future__ import annotations

from typing import TYPE_CHECKING

from jenkinsgen.jenkinsfile.groovy.tree import Constant
from jenkinsgen.jenkinsfile.lint.matching import block_of, call_of, repeated
from jenkinsgen.jenkinsfile.lint.model import Axis
from jenkinsgen.jenkinsfile.lint.reading.sections import _IDENTIFIER, _NOT_AN_IDENTIFIER

if TYPE_CHECKING:
    from jenkinsgen.jenkinsfile.groovy.tree import Call, Statement, Where
    from jenkinsgen.jenkinsfile.lint.reading.context import Context

_VALUES = frozenset({"values", "notValues"})


def read_axes(context: Context, statement: Statement) -> tuple[Axis, ...]:
    axes = _axes(context, statement, "axes", excluding=False)
    if not axes:
        context.judge(statement.where, "No axis directives specified")
    return axes


def read_excludes(context: Context, statement: Statement) -> tuple[tuple[Axis, ...], ...]:
    block = context.block(statement, "excludes")
    found: list[tuple[Axis, ...]] = []
    for each in () if block is None else context.body(block.body):
        exclude = block_of(each)
        if exclude is None:
            context.complain(each.where, "Expected a block for exclude")
            continue
        axes = _axes(context, each, "exclude", excluding=True)
        if not axes:
            context.judge(each.where, "No axis directives specified")
        found.append(axes)
    if not found:
        context.judge(statement.where, "No exclude directives specified")
    return tuple(found)


def _axes(context: Context, statement: Statement, section: str, *, excluding: bool) -> tuple[Axis, ...]:
    block = context.block(statement, section)  # by whatever name: Jenkins does not look at it
    statements = () if block is None else context.body(block.body)
    found = [_axis(context, each, excluding=excluding) for each in statements]
    twice = set(repeated(each.name for each in found))
    for axis in found:
        if axis.name and axis.name in twice:
            context.judge(axis.where, f'Duplicate axis name: "{axis.name}"')
    return tuple(found)


def _axis(context: Context, statement: Statement, *, excluding: bool) -> Axis:
    block = block_of(statement)
    name: str | None = None
    name_where = statement.where
    values: list[str] = []
    negated = has_values = False
    if block is None:
        context.complain(statement.where, "Expected a block for axis")
    for each in () if block is None else context.body(block.body):
        call = call_of(each)
        key = None if call is None else context.method_name(call)
        if call is None or (key == "notValues" and not excluding) or key not in _VALUES | {"name"}:
            _complain_about_axis(context, each, call)
        elif key == "name" and call.arguments:
            name, name_where = context.key(call.arguments[0]), call.arguments[0].where
        elif key in _VALUES:
            has_values = True
            negated = key == "notValues"
            values.extend(_texts(context, call))
    if name is None:
        context.judge(statement.where, 'Missing required section "name"')
    elif not _IDENTIFIER.fullmatch(name):
        context.judge(name_where, f'"{name}" {_NOT_AN_IDENTIFIER}')
    if not has_values or not values:
        context.judge(statement.where, 'Missing required section "values"')
    return Axis(name_where, name, tuple(values), negated)


def _complain_about_axis(context: Context, statement: Statement, call: Call | None) -> None:
    if call is None:
        text = context.source(statement)
        message = f'Not a valid section definition: "{text}". Some extra configuration is required.'
        context.complain(statement.where, message)
    else:
        context.complain(statement.where, f'Undefined section "{context.method_name(call)}"')


def _texts(context: Context, call: Call) -> list[str]:
    found: list[str] = []
    seen: set[str] = set()
    for value in call.arguments:
        if not isinstance(value, Constant):
            _expected_literal(context, value.where, context.source(value))
            continue
        text = str(value.value)
        if text in seen:
            context.judge(value.where, f'Duplicate axis value: "{text}"')
        seen.add(text)
        found.append(text)
    return found


def _expected_literal(context: Context, where: Where, text: str) -> None:
    context.judge(where, f"Expected string literal but got {text}")
