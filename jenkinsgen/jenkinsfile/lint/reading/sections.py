"""`environment`, `tools`, `options`, `parameters`, `triggers`, `libraries`."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from jenkinsgen.jenkinsfile.groovy.tree import (
    Binary,
    Call,
    ClosureExpression,
    Constant,
    Declaration,
    ExpressionStatement,
    GString,
    MapLiteral,
)
from jenkinsgen.jenkinsfile.lint.arguments import check_call
from jenkinsgen.jenkinsfile.lint.matching import block_of, call_of, literal, own_name, repeated
from jenkinsgen.jenkinsfile.lint.model import Assignment, Invocation

if TYPE_CHECKING:
    from jenkinsgen.jenkinsfile.groovy.tree import Expression, Statement, Where
    from jenkinsgen.jenkinsfile.lint.reading.context import Context

_IDENTIFIER = re.compile(r"[a-zA-Z_][a-zA-Z0-9_]*")
_NOT_AN_IDENTIFIER = (
    "is not a valid identifier and cannot be used for an environment variable. Identifiers must start with a"
    " letter or underscore and can contain only letters, numbers or underscores."
)
_BAD_VALUE = "Environment variable values must either be single quoted, double quoted, or function calls."
_BAD_JOIN = "Environment variable values can only be joined together with '+'s."
_BAD_PART = "Environment variable values to be concatenated together must be single or double quoted."
_BLOCKED_OPTIONS = {"stage", "properties", "parallel", "node"}


def read_environment(context: Context, statement: Statement) -> tuple[Assignment, ...]:
    block = context.block(statement, "environment")
    if block is None:
        return ()
    found: dict[str, Assignment] = {}
    readable = True
    for each in context.body(block.body):
        pairs = _pairs(each)
        if pairs is None:
            readable = False
            _complain_about_pair(context, each)
            continue
        for key_where, key, value in pairs:
            name = context.key(key) if not isinstance(key, str) else key
            if name in found:
                context.complain(key_where, f'Duplicate environment variable name: "{name}"')
            elif _value_is_readable(context, value, each.where):
                found[name] = Assignment(key_where, name, value)  # type: ignore[arg-type]
    if not readable:
        context.complain(statement.where, "Expected name=value pairs")
    if not found:
        context.judge(statement.where, "No variables specified for environment")
    for variable in found.values():
        if not _IDENTIFIER.fullmatch(variable.name):
            context.judge(variable.where, f'"{variable.name}" {_NOT_AN_IDENTIFIER}')
    return tuple(found.values())


_Pairs = list[tuple["Where", "Expression | str", "Expression | None"]]


def _pairs(statement: Statement) -> _Pairs | None:
    """`A = 'x'`, and `def A = 'x'`, which Jenkins takes as well."""
    if isinstance(statement, Declaration) and statement.unpacked is None:
        return [(each.where, each.name, each.value) for each in statement.variables]
    if isinstance(statement, ExpressionStatement) and isinstance(statement.expression, Binary):
        pair = statement.expression
        if pair.operator == "=":
            return [(pair.left.where, pair.left, pair.right)]
    return None


def _complain_about_pair(context: Context, statement: Statement) -> None:
    if not isinstance(statement, ExpressionStatement):
        return
    text = context.source(statement)
    where = statement.expression.where
    if "=" in text:
        context.complain(where, f'"{text.split("=")[0].strip()}" {_NOT_AN_IDENTIFIER}')
    else:
        message = f'"{text}" is not a valid environment expression.'
        context.complain(where, f'{message} Use "key = value" pairs with valid Java/shell keys.')


def _value_is_readable(context: Context, value: Expression | None, where: Where) -> bool:
    if value is None:
        context.complain(where, _BAD_VALUE)
        return False
    if isinstance(value, Constant | GString):
        return True
    if isinstance(value, Call):
        return _call_is_readable(context, value)
    if isinstance(value, Binary):
        return _join_is_readable(context, value)
    context.complain(value.where, _BAD_VALUE)
    return False


def _call_is_readable(context: Context, call: Call) -> bool:
    if own_name(call) != "credentials":
        context.value(call)
        return True
    for each in call.arguments:
        if not isinstance(each, Constant | GString):
            context.complain(call.where, "Internal function call parameters must be strings.")
    return True


def _join_is_readable(context: Context, joined: Binary) -> bool:
    if joined.operator != "+":
        context.complain(joined.where, _BAD_JOIN)
        return False
    left_is_readable = True
    if isinstance(joined.left, Binary):
        left_is_readable = _join_is_readable(context, joined.left)
    elif not isinstance(joined.left, Constant | GString):
        context.complain(joined.left.where, _BAD_PART)
    if left_is_readable and not isinstance(joined.right, Constant | GString):
        context.complain(joined.right.where, _BAD_PART)
    return left_is_readable


def read_tools(context: Context, statement: Statement) -> tuple[Invocation, ...]:
    block = context.block(statement, "tools")
    if block is None:
        return ()
    found: list[Invocation] = []
    for each in context.body(block.body):
        call = call_of(each)
        if call is None:
            context.complain(statement.where, "Expected to find 'someTool \"someVersion\"'")
            continue
        name = context.key(call.name)
        if len(call.arguments) == 1:
            context.value(call.arguments[0])
            found.append(Invocation(call.name.where, name, call))
        else:
            what = "Too many arguments" if call.arguments else "No argument"
            context.complain(call.name.where, f'{what} for tool "{name}"')
    if not found:
        context.judge(statement.where, "No tools specified")
    for tool in found:
        _judge_tool(context, tool)
    return tuple(found)


def _judge_tool(context: Context, tool: Invocation) -> None:
    valid = context.catalogue.valid("tools")
    known = tool.name in valid or (not context.catalogue.knows_controller and "." in tool.name)
    version = tool.call.arguments[0]
    if not known:
        if context.catalogue.may_have("tools", tool.name):
            return
        context.judge(tool.where, f'Invalid tool type "{tool.name}". Valid tool types: [{", ".join(valid)}]')
        return
    controller = context.catalogue.controller
    if controller is None or controller.installations is None or not isinstance(version, Constant):
        return
    installed = controller.installations.get(tool.name, frozenset())
    if version.value not in installed:
        message = f'Tool type "{tool.name}" does not have an install of "{version.value}" configured'
        hint = f"installed: {', '.join(sorted(installed))}" if installed else None
        context.judge(version.where, message, hint)


# Section -> what one of its entries is called in "Expected …", and the plural that begins other messages.
_ENTRIES = {
    "options": ("an option", "Options"),
    "triggers": ("a trigger", "Triggers"),
    "parameters": ("a build parameter definition", "Build parameters"),
}


def read_calls(
    context: Context, statement: Statement, section: str, *, in_stage: bool = False, judge_empty: bool = True
) -> tuple[Invocation, ...]:
    """The calls of `options`, `triggers` or `parameters`."""
    block = context.block(statement, section)
    found: list[Invocation] = []
    is_empty = block is None or not block.body.body
    for each in () if block is None else context.body(block.body):
        entry = _entry(context, each, section)
        if entry is not None:
            found.append(entry)
    if is_empty and judge_empty:
        context.judge(statement.where, f"{section} can not be empty")
    if section != "parameters":
        _judge_repetition(context, statement.where, section.removesuffix("s"), found)
    for entry in found:
        _judge_entry(context, entry, section, in_stage=in_stage)
    return tuple(found)


def _entry(context: Context, statement: Statement, section: str) -> Invocation | None:
    one, many = _ENTRIES[section]
    call = call_of(statement)
    if call is None:
        is_map = isinstance(statement, ExpressionStatement) and isinstance(statement.expression, MapLiteral)
        context.complain(statement.where, f"{many} cannot be defined as maps" if is_map else f"Expected {one}")
        return None
    if block_of(statement) is not None:
        context.complain(statement.where, f"{many} definitions cannot have blocks")
        return None
    name = context.method_name(call)
    _check_nested(context, call)
    return Invocation(statement.where, name, call)


def _check_nested(context: Context, call: Call) -> None:
    for each in call.arguments:
        values = [entry.value for entry in each.entries] if isinstance(each, MapLiteral) else [each]
        for value in values:
            if isinstance(value, ClosureExpression):
                context.complain(call.where, "Method call arguments cannot use closures")
            elif isinstance(value, Call):
                context.method_name(value)
                _check_nested(context, value)
            else:
                context.value(value)


def _judge_repetition(context: Context, where: Where, one: str, found: list[Invocation]) -> None:
    for name in repeated(each.name for each in found):
        context.judge(where, f'Duplicate {one} name: "{name}"')


def _judge_entry(context: Context, entry: Invocation, section: str, *, in_stage: bool) -> None:
    one = section.removesuffix("s")
    valid = context.catalogue.valid("stageOptions" if in_stage else section)
    if entry.name not in valid:
        if context.catalogue.may_have("stageOptions" if in_stage else section, entry.name):
            return
        known = f"Valid {one} types: [{', '.join(valid)}]"
        hint = context.catalogue.origin(entry.name)
        if in_stage and entry.name in context.catalogue.valid("options"):
            hint = f"{entry.name} is an option of the whole pipeline: move it to the root options section"
        context.judge(entry.where, f'Invalid {one} type "{entry.name}". {known}', hint)
        return
    kinds = {"parameters": ("parameter",), "triggers": ("trigger",)}.get(section, ("property", "anywhere"))
    signature = next(filter(None, (context.catalogue.of_kind(kind, entry.name) for kind in kinds)), None)
    check_call(context.problems, context.catalogue, entry.call, signature)


def read_libraries(context: Context, statement: Statement) -> tuple[Invocation, ...]:
    block = context.block(statement, "libraries")
    if block is None:
        return ()
    found: list[Invocation] = []
    for each in context.body(block.body):
        call = call_of(each)
        fits = call is not None and literal(call.name) == "lib" and len(call.arguments) == 1
        if call is not None and fits and not isinstance(call.arguments[0], MapLiteral | Call | ClosureExpression):
            found.append(Invocation(each.where, "lib", call))
        else:
            context.complain(statement.where, f'Expected a "lib(...)" but got {context.source(each)}')
    if not found:
        context.judge(statement.where, "libraries can not be empty")
    return tuple(found)
