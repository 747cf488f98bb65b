"""Steps: in `steps`, in the conditions of `post`, in the blocks of other steps."""

from __future__ import annotations

from typing import TYPE_CHECKING

from jenkinsgen.jenkinsfile.groovy.tree import Call, ClosureExpression, Constant, ExpressionStatement, MapLiteral
from jenkinsgen.jenkinsfile.lint.arguments import check_step_arguments
from jenkinsgen.jenkinsfile.lint.matching import block_of, call_of, literal, named_arguments
from jenkinsgen.jenkinsfile.lint.model import Branch, Step
from jenkinsgen.jenkinsfile.lint.reading.code import check_code
from jenkinsgen.jenkinsfile.lint.reading.context import UNREADABLE

if TYPE_CHECKING:
    from jenkinsgen.jenkinsfile.groovy.tree import Statement, Where
    from jenkinsgen.jenkinsfile.lint.reading.context import Context

_BLOCKED = {
    "stage": "The stage step cannot be used in Declarative Pipelines",
    "properties": "The properties step cannot be used in Declarative Pipelines",
    "parallel": "The parallel step can only be used as the only top-level step in a stages step block.",
}
_HINTS = {
    "stage": "nest stages with a stages { … } section",
    "properties": "use the options, parameters or triggers section",
    "parallel": "use a parallel { … } section, or put it into script { … }",
}


def read_branch(context: Context, name: str, block: ClosureExpression) -> Branch:
    steps = tuple(_step(context, each) for each in context.body(block))
    if not steps:
        context.judge(block.where, "No steps specified for branch")
    return Branch(block.where, name, steps)


def read_steps(context: Context, statement: Statement) -> tuple[tuple[Branch, ...], bool]:
    """The branches of a `steps` section, and whether its `parallel` step fails fast.

    One `parallel` step on its own makes several branches; anything else makes one.
    """
    block = context.block(statement, "steps")
    if block is None:
        return (), False
    statements = list(context.body(block.body))
    call = call_of(statements[0]) if len(statements) == 1 else None
    if call is not None and call.receiver is None and literal(call.name) == "parallel":
        return _parallel_step(context, call)
    return (read_branch(context, "default", block.body),), False


def _parallel_step(context: Context, call: Call) -> tuple[tuple[Branch, ...], bool]:
    named = call.arguments[0] if len(call.arguments) == 1 else None
    branches: list[Branch] = []
    fail_fast = False
    entries = named.entries if isinstance(named, MapLiteral) and named.named else ()
    for entry in entries:
        value = entry.value
        if literal(entry.key) == "failFast":
            if isinstance(value, Constant) and isinstance(value.value, bool):
                fail_fast = value.value
            else:
                context.complain(entry.key.where, "Expected a boolean with failFast")
        elif isinstance(value, ClosureExpression):
            branches.append(read_branch(context, context.key(entry.key), value))
        else:
            context.complain(entry.key.where, "Expected closure or failFast")
    return tuple(branches), fail_fast


def _step(context: Context, statement: Statement) -> Step:
    where = statement.where
    call = call_of(statement)
    if call is None:
        context.complain(where, "Expected a step", hint=_hint(statement))
        return Step(where, UNREADABLE, ())
    name = context.method_name(call)
    block = block_of(statement)
    if name in {"script", "expression"}:
        return _code(context, where, name, block.body if block else None)
    if name == UNREADABLE:
        return Step(where, name, call.arguments)
    arguments = call.arguments if block is None else block.arguments
    _check_arguments(context, arguments)
    children = None
    if block is not None:
        children = tuple(_step(context, each) for each in context.body(block.body))
    step = Step(where, name, arguments, children, None if block is None else block.body)
    _judge(context, step)
    return step


def _hint(statement: Statement) -> str:
    if isinstance(statement, ExpressionStatement):
        return "a step is a call such as sh 'make'; Groovy goes into script { … }"
    return "Groovy statements go into script { … }"


def _code(context: Context, where: Where, name: str, body: ClosureExpression | None) -> Step:
    if body is None:
        pronoun = "Script" if name == "script" else "When"
        context.complain(where, f"{pronoun} step without a block")
    else:
        check_code(context, where, name, body)
    return Step(where, name, (), None, body)


def _check_arguments(context: Context, arguments: tuple[object, ...]) -> None:
    for each in arguments:
        if isinstance(each, MapLiteral):
            for entry in each.entries:
                if each.named:
                    context.key(entry.key)
                    context.value(entry.value)
        elif isinstance(each, Constant | Call):
            context.value(each)


def _judge(context: Context, step: Step) -> None:
    reason = _BLOCKED.get(step.name)
    if reason is not None:
        message = f'Invalid step "{step.name}" used - not allowed in this context - {reason}'
        context.judge(step.where, message, _HINTS[step.name])
        return
    signature = context.catalogue.step(step.name)
    if signature is None or not _is_offered(context, step.name):
        return
    if signature.takes_block and step.body is None and not signature.required():
        return
    if step.arguments or signature.required() or named_arguments(step.arguments):
        check_step_arguments(context.problems, signature, step.where, step.arguments)


def _is_offered(context: Context, name: str) -> bool:
    """A controller that lacks the step does not check it; it fails when the build gets there."""
    controller = context.catalogue.controller
    if controller is None or "steps" not in controller.names:
        return True
    return any(name in controller.names.get(kind, ()) for kind in ("steps", "symbols"))
