"""`agent`."""

from __future__ import annotations

from typing import TYPE_CHECKING

from jenkinsgen.jenkinsfile.groovy.tree import ClosureExpression
from jenkinsgen.jenkinsfile.lint.matching import block_of, call_of, literal
from jenkinsgen.jenkinsfile.lint.model import Agent, Setting

if TYPE_CHECKING:
    from jenkinsgen.jenkinsfile.groovy.tree import Expression, Statement, Where
    from jenkinsgen.jenkinsfile.lint.matching import BlockCall
    from jenkinsgen.jenkinsfile.lint.reading.context import Context

_BARE = frozenset({"any", "none"})
_ONLY = 'Only "agent none", "agent any" or "agent {...}" are allowed.'


def read_agent(context: Context, statement: Statement) -> Agent:
    block = block_of(statement)
    agent = _bare(context, statement) if block is None else _block(context, statement, block)
    _judge(context, agent)
    return agent


def _bare(context: Context, statement: Statement) -> Agent:
    nothing = Agent(statement.where, None, statement.where)
    call = call_of(statement)
    if call is None:
        context.complain(statement.where, "Expected an agent")
        return nothing
    if not call.arguments:
        context.complain(statement.where, "No argument for agent")
        return nothing
    kind = literal(call.arguments[0]) if len(call.arguments) == 1 else None
    if kind not in _BARE:
        context.complain(statement.where, _ONLY)
        return nothing
    return Agent(statement.where, kind, call.arguments[0].where)


def _block(context: Context, statement: Statement, block: BlockCall) -> Agent:
    nothing = Agent(statement.where, None, statement.where)
    statements = list(context.body(block.body))
    if len(statements) > 1:
        context.complain(statement.where, "Only one agent type is allowed per agent section")
        return nothing
    call = call_of(statements[0]) if statements else None
    if call is None:
        context.complain(statement.where, "Expected an agent")
        return nothing
    kind = context.key(call.name)
    settings = _settings(context, block.body)
    value = settings[0].value if settings else None
    if kind == "label" and isinstance(value, tuple):
        kind = "node"
    return Agent(statement.where, kind, call.name.where, value)


def _settings(context: Context, block: ClosureExpression) -> tuple[Setting, ...]:
    found: list[Setting] = []
    for statement in context.body(block):
        call = call_of(statement)
        if call is None:
            context.complain(block.where, "Expected to find 'someKey \"someValue\"'")
            continue
        key = context.key(call.name)
        if not call.arguments:
            context.complain(call.name.where, f'No argument for map key "{key}"')
        elif len(call.arguments) > 1:
            context.complain(call.name.where, f'Too many arguments for map key "{key}"')
        else:
            found.append(Setting(call.name.where, key, _value(context, call.arguments[0])))
    return tuple(found)


def _value(context: Context, value: Expression) -> Expression | tuple[Setting, ...]:
    if isinstance(value, ClosureExpression):
        return _settings(context, value)
    context.value(value)
    return value


def _judge(context: Context, agent: Agent) -> None:
    valid = [name for name in context.catalogue.valid("agents") if name != "node"]
    shown = f"[{', '.join(valid)}]"
    if agent.kind is None:
        context.judge(agent.where, f"No agent type specified. Must be one of {shown}")
        return
    if agent.kind in _BARE:
        return
    if agent.kind not in {*valid, "node"}:
        if context.catalogue.may_have("agents", agent.kind):
            return
        message = f'Invalid agent type "{agent.kind}" specified. Must be one of {shown}'
        context.judge(agent.kind_where, message, context.catalogue.origin(agent.kind))
        return
    signature = context.catalogue.of_kind("agent", agent.kind)
    if signature is None or signature.open or not isinstance(agent.settings, tuple):
        return
    _judge_settings(context, agent.kind, agent.kind_where, agent.settings)


def _judge_settings(context: Context, kind: str, where: Where, settings: tuple[Setting, ...]) -> None:
    signature = context.catalogue.of_kind("agent", kind)
    parameters = signature.parameters if signature else ()
    given = {each.key for each in settings}
    for parameter in parameters:
        if parameter.required and parameter.name not in given:
            context.judge(where, f'Missing required parameter for agent type "{kind}": {parameter.name}')
    names = [each.name for each in parameters]
    for each in settings:
        if each.key not in names:
            message = f'Invalid config option "{each.key}" for agent type "{kind}".'
            context.judge(each.where, f"{message} Valid config options are [{', '.join(names)}]")
