"""The sections around the steps: agent, environment, options, tools, input, parameters."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from jenkinsgen.jenkinsfile.groovy.tree import Call, ListLiteral
from jenkinsgen.jenkinsfile.lint.matching import argument, own_name
from jenkinsgen.jenkinsfile.trace.scope import Scope, Unknown
from jenkinsgen.jenkinsfile.trace.steps import option_text
from jenkinsgen.jenkinsfile.trace.values import evaluate, shown

if TYPE_CHECKING:
    from jenkinsgen.jenkinsfile.groovy.tree import Expression, Script
    from jenkinsgen.jenkinsfile.lint.model import Agent, Assignment, Input, Invocation, Pipeline, Setting
    from jenkinsgen.jenkinsfile.trace.recorder import Recorder
    from jenkinsgen.jenkinsfile.trace.scenario import Scenario


def initial_scope(script: Script, pipeline: Pipeline, scenario: Scenario) -> Scope:
    """Parameters with their defaults or given values."""
    scope = Scope(script.text, {}, {}, {}, dict(scenario.environment))
    for parameter in pipeline.parameters:
        name = evaluate(argument(parameter.call.arguments, "name"), scope)
        if isinstance(name, str):
            default = _default(parameter, scope)
            given = scenario.parameters.get(name)
            scope.parameters[name] = default if given is None else _typed(given, parameter)
    for name, given in scenario.parameters.items():
        scope.parameters.setdefault(name, given)
    return scope


def _default(parameter: Invocation, scope: Scope) -> Any:
    if parameter.name == "choice":
        choices = argument(parameter.call.arguments, "choices")
        if isinstance(choices, ListLiteral):
            return evaluate(choices.items[0], scope) if choices.items else ""
        text = evaluate(choices, scope)
        return text.split("\n")[0] if isinstance(text, str) else Unknown(f"<{parameter.name}>")
    value = evaluate(argument(parameter.call.arguments, "defaultValue"), scope)
    if parameter.name == "booleanParam":
        return value is True or value == "true"
    return "" if value is None else value


def _typed(given: str, parameter: Invocation) -> str | bool:
    return given.lower() == "true" if parameter.name == "booleanParam" else given


def tell_agent(recorder: Recorder, agent: Agent | None, scope: Scope) -> None:
    if agent is None or agent.kind is None:
        return
    settings = agent.settings
    if isinstance(settings, tuple):
        text = ", ".join(_setting(each, scope) for each in settings)
    else:
        text = "" if settings is None else shown(evaluate(settings, scope))
    recorder.add("agent", f"{agent.kind} {text}".rstrip(), agent.where.line)


def _setting(setting: Setting, scope: Scope) -> str:
    if isinstance(setting.value, tuple):
        return f"{setting.key} ({', '.join(_setting(each, scope) for each in setting.value)})"
    text = " ".join(shown(evaluate(setting.value, scope)).split())
    return f"{setting.key} {text}"


def tell_assignments(recorder: Recorder, variables: tuple[Assignment, ...], scope: Scope) -> None:
    for variable in variables:
        value = variable.value
        if isinstance(value, Call) and own_name(value) == "credentials":
            identifier = shown(evaluate(argument(value.arguments, "credentialsId", sole=True), scope))
            scope.environment[variable.name] = Unknown(f"<secret {variable.name}>")
            text = f"{identifier} as environment variable: {variable.name}"
            recorder.add("credentials", text, variable.where.line, id=identifier, variables=[variable.name])
            continue
        scope.environment[variable.name] = _environment_value(value, scope)
        text = f"{variable.name}={shown(scope.environment[variable.name])}"
        recorder.add("environment", text, variable.where.line)


def _environment_value(value: Expression, scope: Scope) -> Any:
    """The environment knows only text."""
    found = evaluate(value, scope)
    return found if isinstance(found, Unknown) else shown(found)


def tell_options(recorder: Recorder, options: tuple[Invocation, ...], scope: Scope) -> None:
    for option in options:
        text = f"{option.name} {option_text(option.call.arguments, scope)}".rstrip()
        recorder.add("option", text, option.where.line)


def tell_tools(recorder: Recorder, tools: tuple[Invocation, ...], scope: Scope) -> None:
    for tool in tools:
        recorder.add("tool", f"{tool.name} {option_text(tool.call.arguments, scope)}", tool.where.line)


def tell_input(recorder: Recorder, question: Input, scope: Scope) -> None:
    """The question, and the variables that the answer sets: their values are unknown."""
    message = shown(evaluate(question.text("message"), scope))
    submitter = question.text("submitter")
    by = f" (only {shown(evaluate(submitter, scope))})" if submitter is not None else ""
    recorder.add("approval", f"{message}{by}", question.where.line)
    for parameter in question.parameters:
        name = evaluate(argument(parameter.call.arguments, "name"), scope)
        scope.environment[shown(name)] = Unknown(f"<answer {shown(name)}>")
    variable = question.text("submitterParameter")
    if variable is not None:
        scope.environment[shown(evaluate(variable, scope))] = Unknown("<who approved>")
