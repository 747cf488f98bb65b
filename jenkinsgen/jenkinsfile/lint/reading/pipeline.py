"""`pipeline { … }`: finding it in a script, and its sections."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from jenkinsgen.jenkinsfile.groovy.tree import ExpressionStatement, Method
from jenkinsgen.jenkinsfile.groovy.walk import walk
from jenkinsgen.jenkinsfile.lint.matching import bare, block_of, call_of
from jenkinsgen.jenkinsfile.lint.model import Pipeline, Stage
from jenkinsgen.jenkinsfile.lint.reading.agent import read_agent
from jenkinsgen.jenkinsfile.lint.reading.context import SYNTAX
from jenkinsgen.jenkinsfile.lint.reading.post import read_post
from jenkinsgen.jenkinsfile.lint.reading.sections import read_calls, read_environment, read_libraries, read_tools
from jenkinsgen.jenkinsfile.lint.reading.stage import read_stages

if TYPE_CHECKING:
    from collections.abc import Iterator

    from jenkinsgen.jenkinsfile.groovy.tree import Script, Statement, Where
    from jenkinsgen.jenkinsfile.lint.matching import BlockCall
    from jenkinsgen.jenkinsfile.lint.reading.context import Context

_RENAMED = {
    "properties": "The 'properties' section has been renamed as of version 0.8. Use 'options' instead.",
    "wrappers": "The 'wrappers' section has been removed as of version 0.8. Use 'options' instead.",
    "jobProperties": "The 'jobProperties' section has been renamed as of version 0.7. Use 'options' instead.",
    "notifications": "The 'notifications' section has been removed as of version 0.6. Use 'post' instead.",
    "postBuild": "The 'postBuild' section has been renamed as of version 0.6. Use 'post' instead.",
}
_IN_ROOT = {"agent": read_agent, "environment": read_environment, "tools": read_tools, "post": read_post}


def read_pipeline(context: Context, script: Script) -> Pipeline | None:
    """The first declarative pipeline of a script; None where there is none.

    Also looked for in a method `call`, as shared libraries write it.
    """
    for statement in _candidates(script):
        block = block_of(statement)
        if block is not None and block.name == "pipeline":
            return _read(context, statement.where, block)
        call = call_of(statement)
        if call is not None and context.source(call.name) == "pipeline" and call.receiver is None:
            context.complain(statement.where, 'Expected a block with the "pipeline" step')
            return None
    nested = next(_nested(script.statements), None)
    if nested is not None:
        message = "pipeline block must be at the top-level, not within another block."
        context.complain(nested, message)
    return None


def _candidates(script: Script) -> Iterator[Statement]:
    for statement in script.statements:
        yield bare(statement)
    for statement in script.statements:
        if isinstance(statement, Method) and statement.name == "call":
            for node in walk(statement):
                if isinstance(node, ExpressionStatement):
                    yield node


def _nested(statements: tuple[Statement, ...]) -> Iterator[Where]:
    for statement in statements:
        block = block_of(bare(statement))
        if block is None:
            continue
        for inner in block.body.body:
            found = block_of(bare(inner))
            if found is not None and found.name == "pipeline":
                yield inner.where
        yield from _nested(block.body.body)


def _read(context: Context, where: Where, block: BlockCall) -> Pipeline:
    root: dict[str, Any] = {}
    whole: dict[str, Any] = {}
    places: dict[str, Where] = {}
    for statement in context.body(block.body):
        call = call_of(statement)
        if call is None:
            text = context.source(statement)
            message = f'Not a valid section definition: "{text}". Some extra configuration is required.'
            context.complain(statement.where, message)
            continue
        name = context.method_name(call)
        if name in places:
            context.complain(statement.where, f"Multiple occurrences of the {name} section")
        places[name] = statement.where
        _read_section(context, name, statement, root, whole)
    for section in ("stages", "agent"):
        if section not in places:
            context.problems.judge(where, SYNTAX, f'Missing required section "{section}"')
    return Pipeline(Stage(where, "", **root), **whole)


def _read_section(
    context: Context, name: str, statement: Statement, root: dict[str, Any], whole: dict[str, Any]
) -> None:
    if name in _IN_ROOT:
        root[name] = _IN_ROOT[name](context, statement)
    elif name == "stages":
        root[name] = read_stages(context, statement, name, in_parallel=False)
    elif name == "options":
        root[name] = read_calls(context, statement, name)
    elif name in {"parameters", "triggers"}:
        whole[name] = read_calls(context, statement, name)
    elif name == "libraries":
        whole[name] = read_libraries(context, statement)
    elif name in _RENAMED:
        context.complain(statement.where, _RENAMED[name])
    else:
        context.complain(statement.where, f'Undefined section "{name}"', _misplaced(name))


def _misplaced(name: str) -> str | None:
    if name in {"stage", "steps", "when", "input", "parallel", "matrix"}:
        return f"{name} belongs into a stage: stages {{{{ stage('…') {{{{ … }}}} }}}}"
    if name in {"library", "def", "node", "script"}:
        return "only sections may stand here; Groovy goes above pipeline { … } or into script { … }"
    return None
