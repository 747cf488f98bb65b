"""Stub steps: each tells what it would do."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from jenkinsgen.jenkinsfile.groovy.tree import Call, ListLiteral, MapLiteral
from jenkinsgen.jenkinsfile.groovy.walk import walk
from jenkinsgen.jenkinsfile.lint.matching import argument, literal, own_name
from jenkinsgen.jenkinsfile.lint.rules.names import bound_variables
from jenkinsgen.jenkinsfile.trace.scope import Unknown
from jenkinsgen.jenkinsfile.trace.values import evaluate, shown

if TYPE_CHECKING:
    from jenkinsgen.jenkinsfile.groovy.tree import Expression
    from jenkinsgen.jenkinsfile.trace.recorder import Recorder
    from jenkinsgen.jenkinsfile.trace.scope import Scope

SHELLS = frozenset({"sh", "bat", "powershell", "pwsh"})
# Bindings that name no variables set these (measured).
_IMPLICIT = {"gitUsernamePassword": ("GIT_ASKPASS", "GIT_PASSWORD", "GIT_USERNAME")}
_ARCHIVE = {"archiveArtifacts": "artifacts", "junit": "testResults", "archive": "includes"}


def tell_step(recorder: Recorder, scope: Scope, name: str, arguments: tuple[Expression, ...], line: int) -> None:
    """Tell what a step without a block does."""
    if name in SHELLS:
        text = evaluate(argument(arguments, "script", sole=True), scope)
        recorder.add("command", f"{name}: {shown(text)}", line, known=not isinstance(text, Unknown))
    elif name in {"stash", "unstash"}:
        recorder.add(name, _described(arguments, scope), line)
    elif name in _ARCHIVE:
        files = evaluate(argument(arguments, _ARCHIVE[name], sole=True), scope)
        recorder.add("archive", f"{shown(files)} ({name})", line)
    elif name == "input":
        message = evaluate(argument(arguments, "message", sole=True), scope)
        recorder.add("approval", shown(message), line)
    else:
        recorder.add("step", f"{name} {_described(arguments, scope)}".rstrip(), line)


def tell_credentials(recorder: Recorder, scope: Scope, arguments: tuple[Expression, ...], line: int) -> Scope:
    """The bindings of withCredentials; inside the block their variables are set and hidden."""
    inner = scope.inner()
    bindings = [each for each in walk_list(arguments) if isinstance(each, Call)]
    for binding in bindings:
        identifier = evaluate(argument(binding.arguments, "credentialsId"), scope)
        variables = sorted(bound_variables(binding)) or list(_IMPLICIT.get(own_name(binding) or "", ()))
        for name in variables:
            inner.environment[name] = Unknown(f"<secret {name}>")
        text = f"{shown(identifier)} as {own_name(binding)}: {', '.join(variables)}"
        recorder.add("credentials", text, line, id=shown(identifier), variables=variables)
    if not bindings:
        recorder.add("credentials", _described(arguments, scope), line)
    return inner


def walk_list(arguments: tuple[Expression, ...]) -> list[Expression]:
    """The items of the list that is the only argument, named or not."""
    for each in arguments:
        if isinstance(each, ListLiteral):
            return list(each.items)
        if isinstance(each, MapLiteral):
            for node in walk(each):
                if isinstance(node, ListLiteral):
                    return list(node.items)
    return []


def tell_environment(recorder: Recorder, scope: Scope, arguments: tuple[Expression, ...], line: int) -> Scope:
    """`withEnv(['A=b'])`."""
    inner = scope.inner()
    for each in walk_list(arguments):
        name, _, value = shown(evaluate(each, scope)).partition("=")
        inner.environment[name] = value
        recorder.add("environment", f"{name}={value}", line)
    return inner


def option_text(call_arguments: tuple[Expression, ...], scope: Scope) -> str:
    return _described(call_arguments, scope)


def _described(arguments: tuple[Expression, ...], scope: Scope) -> str:
    parts: list[str] = []
    for each in arguments:
        if isinstance(each, MapLiteral) and each.named:
            named = ((literal(entry.key), entry.value) for entry in each.entries)
            parts.extend(f"{key}: {_argument_text(value, scope)}" for key, value in named)
        else:
            parts.append(_argument_text(each, scope))
    return ", ".join(parts)


def _argument_text(expression: Expression, scope: Scope) -> str:
    if isinstance(expression, Call) and own_name(expression) is not None:
        return scope.source(expression)  # a value made of symbols, such as scmGit(…): as written
    value: Any = evaluate(expression, scope)
    return scope.source(expression) if isinstance(value, dict) else shown(value)
