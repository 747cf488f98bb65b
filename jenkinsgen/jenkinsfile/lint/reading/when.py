"""`when`."""

from __future__ import annotations

import re
import warnings
from typing import TYPE_CHECKING

from jenkinsgen.jenkinsfile.groovy.tree import Constant
from jenkinsgen.jenkinsfile.lint.arguments import check_step_arguments
from jenkinsgen.jenkinsfile.lint.matching import argument, block_of, call_of
from jenkinsgen.jenkinsfile.lint.model import Condition, When
from jenkinsgen.jenkinsfile.lint.reading.code import check_code

if TYPE_CHECKING:
    from jenkinsgen.jenkinsfile.groovy.tree import Call, Statement
    from jenkinsgen.jenkinsfile.lint.reading.context import Context

_FLAGS = frozenset({"beforeAgent", "beforeInput", "beforeOptions"})
# Conditions made of conditions -> how many they want; None for any number but none.
_NESTING: dict[str, int | None] = {"allOf": None, "anyOf": None, "not": 1}


def read_when(context: Context, statement: Statement) -> When | None:
    block = context.block(statement, "when")
    if block is None:
        return None
    conditions: list[Condition] = []
    flags: list[tuple[str, bool]] = []
    for each in context.body(block.body):
        call = call_of(each)
        if call is None:
            context.complain(statement.where, "Expected a when condition", hint="write expression { … }")
            continue
        name = context.method_name(call)
        if name in _FLAGS:
            flags.append((name, read_boolean(context, call, name)))
        else:
            conditions.append(_condition(context, each, call, name))
    if not conditions:
        context.judge(statement.where, "Empty when closure, remove the property or add some content.")
    for condition in conditions:
        _judge(context, condition)
    return When(statement.where, tuple(conditions), tuple(flags))


def read_boolean(context: Context, call: Call, name: str) -> bool:
    """The flag that a call sets: `failFast true`."""
    value = call.arguments[0] if call.arguments else None
    if isinstance(value, Constant) and isinstance(value.value, bool):
        return value.value
    context.complain(call.name.where, f"Expected a boolean with {name}")
    return False


def _condition(context: Context, statement: Statement, call: Call, name: str) -> Condition:
    block = block_of(statement)
    if name == "expression":
        if block is None:
            context.complain(statement.where, "When step without a block")
            return Condition(statement.where, name, call.arguments)
        return Condition(statement.where, name, (), has_block=True, code=block.body)
    if block is None:
        for value in call.arguments:
            context.value(value)
        return Condition(statement.where, name, call.arguments)
    children: list[Condition] = []
    for each in context.body(block.body):
        inner = call_of(each)
        if inner is None:
            context.complain(each.where, "Expected a when condition", hint="write expression { … }")
        else:
            children.append(_condition(context, each, inner, context.method_name(inner)))
    return Condition(statement.where, name, block.arguments, tuple(children), has_block=True)


def _judge(context: Context, condition: Condition) -> None:
    name, where = condition.name, condition.where
    if name == "expression":
        if condition.code is not None:
            check_code(context, where, "expression", condition.code)
        return
    valid = context.catalogue.valid("conditions")
    if name not in valid:
        if context.catalogue.may_have("conditions", name):
            return
        known = f"Valid conditionals are: {', '.join(valid)}"
        context.judge(where, f"Unknown conditional {name}. {known}")
    elif name in _NESTING:
        _judge_nesting(context, condition)
    elif condition.children:
        context.judge(where, f'No children when conditions are allowed for when condition "{name}".')
    else:
        signature = context.catalogue.of_kind("condition", name)
        if signature is not None and not _is_alias(condition):
            check_step_arguments(context.problems, signature, where, condition.arguments)
        _judge_pattern(context, condition)


def _is_alias(condition: Condition) -> bool:
    """`triggeredBy cause: …` stands for `triggeredBy type: …`."""
    return condition.name == "triggeredBy" and argument(condition.arguments, "cause") is not None


def _judge_nesting(context: Context, condition: Condition) -> None:
    name, wanted = condition.name, _NESTING[condition.name]
    if condition.arguments or not condition.has_block:
        message = f'No additional arguments are allowed for children when condition "{name}".'
        context.judge(condition.where, message)
    elif wanted is None and not condition.children:
        message = f'Nested when condition "{name}" requires at least one child condition.'
        context.judge(condition.where, message)
    elif wanted is not None and len(condition.children) != wanted:
        message = f'Nested when condition "{name}" requires exactly {wanted} child condition(s).'
        context.judge(condition.where, message)
    for child in condition.children:
        _judge(context, child)


def _judge_pattern(context: Context, condition: Condition) -> None:
    if condition.name != "changelog":
        return
    pattern = argument(condition.arguments, "pattern", sole=True)
    if isinstance(pattern, Constant) and isinstance(pattern.value, str) and _is_broken(pattern.value):
        context.judge(condition.where, f'"{pattern.value}" is not a valid regular expression.')


def _is_broken(pattern: str) -> bool:
    """Only what Java's and Python's dialects agree is broken: an open bracket, nothing to repeat."""
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            re.compile(pattern)
    except re.error as error:
        return error.msg.startswith(("unterminated character set", "missing ), unterminated", "nothing to repeat"))
    except (OverflowError, RecursionError):
        # Python's own limits: `a{99999999999}`.
        return False
    return False
