"""`input`."""

from __future__ import annotations

from typing import TYPE_CHECKING

from jenkinsgen.jenkinsfile.lint.matching import call_of
from jenkinsgen.jenkinsfile.lint.model import Input, Invocation
from jenkinsgen.jenkinsfile.lint.reading.sections import read_calls

if TYPE_CHECKING:
    from jenkinsgen.jenkinsfile.groovy.tree import Expression, Statement
    from jenkinsgen.jenkinsfile.lint.reading.context import Context

_FIELDS = frozenset({"message", "id", "ok", "submitter", "submitterParameter"})


def read_input(context: Context, statement: Statement) -> Input:
    block = context.block(statement, "input")
    fields: list[tuple[str, Expression]] = []
    parameters: tuple[Invocation, ...] = ()
    seen: set[str] = set()
    for each in () if block is None else context.body(block.body):
        call = call_of(each)
        if call is None:
            text = context.source(each)
            message = f'Not a valid section definition: "{text}". Some extra configuration is required.'
            context.complain(statement.where, message)
            continue
        name = context.method_name(call)
        if name in seen:
            context.complain(statement.where, f"Multiple occurrences of the {name} section")
        seen.add(name)
        if len(call.arguments) != 1:
            what = "Too many arguments" if call.arguments else "No argument"
            context.complain(call.name.where, f'{what} for field "{name}"')
        elif name == "parameters":
            parameters = read_calls(context, each, "parameters", judge_empty=False)
        elif name in _FIELDS:
            context.value(call.arguments[0])
            fields.append((name, call.arguments[0]))
        else:
            context.complain(call.name.where, f'Not a valid field for input: "{name}"')
    if "message" not in dict(fields):
        context.judge(statement.where, "No message specified for input")
    return Input(statement.where, tuple(fields), parameters)
