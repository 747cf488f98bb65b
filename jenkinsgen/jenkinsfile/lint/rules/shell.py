"""Rules: interpolated-shell, parameter-in-shell, secret-in-groovy-string, secret-in-argv."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, NamedTuple

from jenkinsgen.jenkinsfile.groovy.tree import Binary, Call, ClosureExpression, Constant, GString, Name, Property
from jenkinsgen.jenkinsfile.groovy.walk import walk
from jenkinsgen.jenkinsfile.lint.matching import literal, own_name
from jenkinsgen.jenkinsfile.lint.rules.names import bound_variables
from jenkinsgen.jenkinsfile.lint.rules.rule import SHELLS, Hit, Rule, text_of, value_of, values

if TYPE_CHECKING:
    from collections.abc import Iterator

    from jenkinsgen.jenkinsfile.groovy.tree import Expression, Node
    from jenkinsgen.jenkinsfile.lint.rules.rule import Subject

_USE_ENVIRONMENT = "write it in single quotes and let the shell expand the variable: sh 'curl \"$URL\"'"
_HAND_OVER = (
    'hand it over in the environment, for the shell knows no Groovy: withEnv(["URL=${url}"]) { sh \'curl "$URL"\' }'
)
_HARMLESS = frozenset({"usernameVariable", "keyFileVariable", "keystoreVariable"})


class _Script(NamedTuple):
    call: Call
    text: Expression


def _scripts(subject: Subject) -> Iterator[_Script]:
    for call in subject.calls_to(*SHELLS):
        text = value_of(call, "script")
        if text is not None:
            yield _Script(call, text)


def _interpolated(text: Expression) -> list[Expression]:
    """The Groovy values that become part of the shell's text."""
    if isinstance(text, GString):
        return list(text.values)
    if isinstance(text, Binary) and text.operator == "+":
        return _interpolated(text.left) + _interpolated(text.right)
    if isinstance(text, Call) and isinstance(text.receiver, GString):
        return list(text.receiver.values)
    return [] if isinstance(text, Constant) else [text]


def _parameters(subject: Subject) -> set[str]:
    found: set[str] = set()
    for parameter in subject.pipeline.parameters:
        found.add(text_of(value_of(parameter.call, "name", sole=False)) or "")
    return found - {""}


def _is_parameter(node: Node, names: set[str]) -> bool:
    if isinstance(node, Property) and isinstance(node.receiver, Name):
        return node.receiver.name == "params" or _of_env(node) in names
    return isinstance(node, Name) and node.name in names


def _mentions_parameter(value: Expression, names: set[str]) -> bool:
    return any(_is_parameter(node, names) for node in walk(value))


def _check_parameter(subject: Subject) -> Iterator[Hit]:
    names = _parameters(subject)
    for script in _scripts(subject):
        for value in _interpolated(script.text):
            if _mentions_parameter(value, names):
                message = "whoever starts the build can run commands here: a parameter becomes shell text"
                yield Hit(value.where, message, _USE_ENVIRONMENT)
                break


PARAMETER_IN_SHELL = Rule(
    "parameter-in-shell",
    "Groovy pastes the value of a parameter into the text of the script before the shell parses it: that is"
    " shell injection. The shell's own expansion of the same variable is not parsed again.",
    _check_parameter,
)


def _check_interpolated(subject: Subject) -> Iterator[Hit]:
    names = _parameters(subject)
    secrets = set(secret_names(subject))
    for script in _scripts(subject):
        pasted = _interpolated(script.text)
        reported_elsewhere = any(
            _mentions_parameter(each, names) or _mentions(each, secrets) is not None for each in pasted
        )
        if isinstance(script.text, GString | Binary) and pasted and not reported_elsewhere:
            yield Hit(pasted[0].where, "a Groovy value becomes shell text", _hint(pasted))


def _hint(pasted: list[Expression]) -> str:
    """The shell has what is in the environment; of Groovy's variables it has nothing, and `rm -r "$DIR/"` with them."""
    names = {node.name for each in pasted for node in walk(each) if isinstance(node, Name)}
    return _USE_ENVIRONMENT if names <= {"env", "params"} else _HAND_OVER


INTERPOLATED_SHELL = Rule(
    "interpolated-shell",
    "A value pasted into a script by Groovy is parsed by the shell: a blank, a quote or a `$(…)` in it changes"
    " the command.",
    _check_interpolated,
)


def _secret_scopes(subject: Subject) -> Iterator[tuple[Node, set[str]]]:
    """Blocks of withCredentials and the stages' environments, each with the secret variables set in it."""
    for call in subject.calls_to("withCredentials"):
        names = {name for each in walk(call) if isinstance(each, Call) for name in _secrets(each)}
        for each in call.arguments:
            if isinstance(each, ClosureExpression):
                yield each, names
    for stage in (subject.pipeline.root, *subject.pipeline.stages()):
        for variable in stage.environment:
            if isinstance(variable.value, Call) and own_name(variable.value) == "credentials":
                names = {variable.name, f"{variable.name}_PSW"}
                for node in subject.script.statements:
                    yield node, names


def secret_names(subject: Subject) -> frozenset[str]:
    """The variables that hold a secret anywhere in the file."""
    return frozenset(name for _, names in _secret_scopes(subject) for name in names)


def _secrets(binding: Call) -> set[str]:
    harmless: set[str] = set()
    for each in binding.arguments:
        for entry in getattr(each, "entries", ()):
            if isinstance(entry.key, Constant) and entry.key.value in _HARMLESS:
                harmless.add(text_of(entry.value) or "")
    return bound_variables(binding) - harmless


def _mentions(value: Expression, names: set[str]) -> str | None:
    for node in walk(value):
        if isinstance(node, Name) and node.name in names:
            return node.name
        name = _of_env(node)
        if name in names:
            return name
    return None


def _of_env(node: Node) -> str | None:
    """X of `env.X`."""
    if isinstance(node, Property) and isinstance(node.receiver, Name) and node.receiver.name == "env":
        return literal(node.name)
    return None


def _check_secret(subject: Subject) -> Iterator[Hit]:
    for scope, names in _secret_scopes(subject):
        for call in walk(scope):
            if not isinstance(call, Call) or own_name(call) in {None, "withCredentials", "withEnv"}:
                continue
            for value in values(call):
                name = _mentions(value, names) if isinstance(value, GString | Binary) else None
                if name is not None:
                    message = f"the secret {name} is pasted into the argument of {own_name(call)} by Groovy"
                    yield Hit(value.where, message, _USE_ENVIRONMENT)


SECRET_IN_GROOVY_STRING = Rule(
    "secret-in-groovy-string",
    "Jenkins warns of a secret in a Groovy string: it is in the arguments of the step, in the build's files on"
    " the controller, and on the command line of the process.",
    _check_secret,
)

# Options that take a password, and headers and addresses that carry one. The text between has a bounded length, because
# each search begins anew at every word, and a hostile text could keep us busy.
_IN_ARGV = (
    r"(?:--password|--pass|--token|--api-?key|--secret|--private-token)(?:=|\s+)\S{0,200}{variable}",
    r"\blogin\b[^|;&\n]{0,500}\s-p\s*['\"]?{variable}",
    r"(?:-u|--user)(?:=|\s+)\S{0,200}:{variable}",
    r"(?:-H|--header)(?:=|\s+)['\"][^'\"\n]{0,200}{variable}",
    r"://[^\s'\"/]{0,200}{variable}@",
    r"-p{variable}",
)


def _check_argv(subject: Subject) -> Iterator[Hit]:
    for scope, names in _secret_scopes(subject):
        for call in walk(scope):
            if isinstance(call, Call) and own_name(call) in SHELLS:
                text = text_of(value_of(call, "script")) or ""
                name = next((each for each in sorted(names) if _is_argument(text, each)), None)
                if name is not None:
                    message = f"the secret {name} is on a command line, where every process can read it"
                    hint = "hand it over on standard input or in a file: --password-stdin, curl --config -, netrc"
                    yield Hit(call.where, message, hint)


def _is_argument(text: str, name: str) -> bool:
    variable = rf"['\"]?\$(?:{re.escape(name)}\b|\{{{re.escape(name)}\}})"
    return any(re.search(each.replace("{variable}", variable), text) for each in _IN_ARGV)


SECRET_IN_ARGV = Rule(
    "secret-in-argv",
    "The arguments of a process are readable by every user of the machine (ps, /proc), and tools print them"
    " when they fail.",
    _check_argv,
)
