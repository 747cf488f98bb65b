"""Which names a Jenkinsfile itself brings, and which every build has."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from jenkinsgen.jenkinsfile.groovy.tree import (
    Binary,
    Call,
    Catch,
    Constant,
    ForIn,
    Import,
    ListLiteral,
    Method,
    Name,
    Parameter,
    Variable,
)
from jenkinsgen.jenkinsfile.groovy.walk import walk
from jenkinsgen.jenkinsfile.lint.matching import literal, own_name

if TYPE_CHECKING:
    from jenkinsgen.jenkinsfile.groovy.tree import Node
    from jenkinsgen.jenkinsfile.lint.rules.rule import Subject

# Names that Groovy and every Jenkins script know without a declaration.
BUILT_IN_VARIABLES = frozenset({"this", "super", "it", "owner", "delegate", "out", "binding", "steps", "args"})
BUILT_IN_METHODS = frozenset(
    {"println", "print", "printf", "sprintf", "sleep", "evaluate", "call", "use", "getBinding", "getContext"}
)
# Bindings of withCredentials name the variables they set in arguments that end like this.
_BINDING_VARIABLE = re.compile(r"(?i).*variable")
_ENVIRONMENT_ENTRY = re.compile(r"([A-Za-z_][A-Za-z0-9_]*)(?:\+[^=]*)?=")
PRIMITIVE = frozenset({"void", "boolean", "byte", "char", "short", "int", "float", "long", "double"})


def declared(subject: Subject) -> frozenset[str]:
    """Every variable, method, parameter, credential variable and axis that the file declares anywhere."""
    found: set[str] = set()
    for node in walk(subject.script):
        found.update(_declares(node))
    for parameter in subject.pipeline.parameters:
        found.update(_texts_of(parameter.call, "name"))
    for stage in (subject.pipeline.root, *subject.pipeline.stages()):
        found.update(each.name for each in stage.environment)
        for axis in stage.matrix.axes if stage.matrix else ():
            found.add(axis.name or "")
        if stage.input is not None:
            submitter = stage.input.text("submitterParameter")
            found.update({literal(submitter) or ""} if submitter else ())
            for parameter in stage.input.parameters:
                found.update(_texts_of(parameter.call, "name"))
    return frozenset(found)


def _declares(node: Node) -> set[str]:
    if isinstance(node, Variable | Parameter | Method | Catch):
        return {node.name}
    if isinstance(node, ForIn):
        return {node.variable.name}
    if isinstance(node, Import):
        return {node.alias or node.name.rpartition(".")[2]}
    if isinstance(node, Binary) and node.operator == "=":
        left = node.left
        names = left.items if isinstance(left, ListLiteral) else (left,)
        return {each.name for each in names if isinstance(each, Name)}
    if isinstance(node, Call):
        return bound_variables(node) | _with_env(node)
    return set()


def bound_variables(call: Call) -> set[str]:
    """The variables that a binding such as `usernamePassword(…)` sets."""
    found: set[str] = set()
    for each in call.arguments:
        for entry in getattr(each, "entries", ()):
            key = literal(entry.key) or ""
            if _BINDING_VARIABLE.fullmatch(key) and isinstance(entry.value, Constant):
                found.add(str(entry.value.value))
    return found


def _with_env(call: Call) -> set[str]:
    if own_name(call) != "withEnv":
        return set()
    found: set[str] = set()
    for each in walk(call):
        if isinstance(each, Constant) and isinstance(each.value, str):
            entry = _ENVIRONMENT_ENTRY.match(each.value)
            found.update({entry[1]} if entry else ())
    return found


def _texts_of(call: Call, name: str) -> set[str]:
    for each in call.arguments:
        for entry in getattr(each, "entries", ()):
            if literal(entry.key) == name and isinstance(entry.value, Constant):
                return {str(entry.value.value)}
    return set()
