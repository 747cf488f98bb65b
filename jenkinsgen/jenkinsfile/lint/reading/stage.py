"""`stage`, with `stages`, `parallel` and `matrix` inside."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from jenkinsgen.jenkinsfile.groovy.tree import ClosureExpression
from jenkinsgen.jenkinsfile.lint.matching import block_of, call_of, repeated
from jenkinsgen.jenkinsfile.lint.model import Matrix, Stage
from jenkinsgen.jenkinsfile.lint.reading.agent import read_agent
from jenkinsgen.jenkinsfile.lint.reading.input import read_input
from jenkinsgen.jenkinsfile.lint.reading.matrix import read_axes, read_excludes
from jenkinsgen.jenkinsfile.lint.reading.post import read_post
from jenkinsgen.jenkinsfile.lint.reading.sections import read_calls, read_environment, read_tools
from jenkinsgen.jenkinsfile.lint.reading.steps import read_steps
from jenkinsgen.jenkinsfile.lint.reading.when import read_boolean, read_when

if TYPE_CHECKING:
    from collections.abc import Callable

    from jenkinsgen.jenkinsfile.groovy.tree import Call, Statement, Where
    from jenkinsgen.jenkinsfile.lint.model import Axis
    from jenkinsgen.jenkinsfile.lint.reading.context import Context

_NESTED = '"matrix" or "parallel" cannot be nested inside another "matrix" or "parallel".'


@dataclass(slots=True)
class _Parts:
    """A stage while it is read."""

    where: Where
    in_parallel: bool
    fields: dict[str, Any] = field(default_factory=dict)
    places: dict[str, Where] = field(default_factory=dict)


def read_stages(context: Context, statement: Statement, section: str, *, in_parallel: bool) -> tuple[Stage, ...]:
    """The stages of `stages` or `parallel`."""
    block = context.block(statement, section)
    found: list[Stage] = []
    for each in () if block is None else context.body(block.body):
        stage = _stage(context, each, in_parallel=in_parallel)
        if stage is not None:
            found.append(stage)
    if not found:
        context.judge(statement.where, "No stages specified")
    for name in repeated(each.name for each in found):
        context.judge(statement.where, f'Duplicate stage name: "{name}"')
    return tuple(found)


def _stage(context: Context, statement: Statement, *, in_parallel: bool) -> Stage | None:
    block = block_of(statement)
    if block is None or block.name != "stage":
        context.complain(statement.where, "Expected a stage", hint=_hint(statement))
        return None
    arguments = block.call.arguments
    name = context.key(arguments[0])
    body = arguments[1] if len(arguments) > 1 else None
    parts = _Parts(statement.where, in_parallel)
    if isinstance(body, ClosureExpression):
        _read_sections(context, parts, body)
    else:
        context.complain(statement.where, "Stage does not have a block")
    _judge(context, parts, name)
    return Stage(statement.where, name, **parts.fields)


def _hint(statement: Statement) -> str | None:
    call = call_of(statement)
    if call is not None and call.receiver is not None:
        return "one stage per line: Groovy reads two on one line as a chain of calls"
    return None


def _read_sections(context: Context, parts: _Parts, body: ClosureExpression) -> None:
    for each in context.body(body):
        call = call_of(each)
        if call is None:
            text = context.source(each)
            message = f'Not a valid stage section definition: "{text}". Some extra configuration is required.'
            context.complain(parts.where, message)
            continue
        name = context.method_name(call)
        if name in parts.places:
            context.complain(parts.where, f"Multiple occurrences of the {name} section")
        parts.places[name] = each.where
        _read_section(context, parts, name, each, call)


def _read_section(context: Context, parts: _Parts, name: str, statement: Statement, call: Call) -> None:
    simple = _SIMPLE.get(name)
    if simple is not None:
        parts.fields[name] = simple(context, statement)
    elif name == "options":
        parts.fields[name] = read_calls(context, statement, "options", in_stage=True)
    elif name == "steps":
        branches, fail_fast = read_steps(context, statement)
        parts.fields["branches"] = parts.fields.get("branches", ()) + branches
        parts.fields["fail_fast"] = fail_fast or parts.fields.get("fail_fast", False)
    elif name == "failFast":
        parts.fields["fail_fast"] = read_boolean(context, call, name)
    elif name == "stages":
        parts.fields[name] = read_stages(context, statement, name, in_parallel=parts.in_parallel)
    elif name == "parallel":
        parts.fields[name] = read_stages(context, statement, name, in_parallel=True)
    elif name == "matrix":
        parts.fields[name] = _matrix(context, statement)
    else:
        message = f'Unknown stage section "{name}". Starting with version 0.5, steps in a stage must be in a'
        context.complain(parts.where, f"{message} 'steps' block.")


_SIMPLE: dict[str, Callable[[Context, Statement], Any]] = {
    "agent": read_agent,
    "when": read_when,
    "post": read_post,
    "input": read_input,
    "tools": read_tools,
    "environment": read_environment,
}


def _judge(context: Context, parts: _Parts, name: str) -> None:
    places = parts.places
    branches = parts.fields.get("branches", ())
    contents = [each for each in ("matrix", "parallel", "stages") if each in places]
    count = len(contents) + bool(branches)
    if parts.in_parallel and (len(branches) > 1 or {"matrix", "parallel"} & set(contents)):
        nested = places.get("matrix") or places.get("parallel") or branches[0].where
        context.judge(nested, _NESTED)
    elif count > 1:
        message = f'Only one of "matrix", "parallel", "stages", or "steps" allowed for stage "{name}"'
        context.judge(parts.where, message)
    elif count == 0:
        context.judge(parts.where, f'Expected one of "steps", "stages", or "parallel" for stage "{name}"')
    elif {"matrix", "parallel"} & set(contents):
        for section in ("agent", "tools"):
            if section in places:
                message = f'"{section}" is not allowed in stage "{name}" as it contains parallel or matrix stages'
                context.judge(places[section], message)


def _matrix(context: Context, statement: Statement) -> Matrix:
    """A matrix: its axes, and the sections of a cell."""
    block = context.block(statement, "matrix")
    parts = _Parts(statement.where, in_parallel=True)
    axes: tuple[Axis, ...] = ()
    excludes: tuple[tuple[Axis, ...], ...] = ()
    for each in () if block is None else context.body(block.body):
        call = call_of(each)
        if call is None:
            text = context.source(each)
            message = f'Not a valid section definition: "{text}". Some extra configuration is required.'
            context.complain(each.where, message)
            continue
        name = context.method_name(call)
        if name in parts.places:
            context.complain(each.where, f"Multiple occurrences of the {name} section")
        parts.places[name] = each.where
        if name == "axes":
            axes = read_axes(context, each)
        elif name == "excludes":
            excludes = read_excludes(context, each)
        elif name in _SIMPLE or name in {"options", "stages"}:
            _read_section(context, parts, name, each, call)
        else:
            context.complain(each.where, f'Undefined section "{name}"')
    for section in ("axes", "stages"):
        if section not in parts.places:
            context.judge(statement.where, f'Missing required section "{section}"')
    return Matrix(statement.where, axes, excludes, Stage(statement.where, "matrix", **parts.fields))
