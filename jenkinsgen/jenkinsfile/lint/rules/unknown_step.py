"""Rule: unknown-step."""

from __future__ import annotations

from typing import TYPE_CHECKING

from jenkinsgen.jenkinsfile.groovy.tree import (
    Call,
    ClosureExpression,
    Entry,
    Expression,
    ExpressionStatement,
    MapLiteral,
)
from jenkinsgen.jenkinsfile.groovy.walk import children, walk
from jenkinsgen.jenkinsfile.lint.matching import literal, nearest, own_name
from jenkinsgen.jenkinsfile.lint.rules.names import BUILT_IN_METHODS, declared
from jenkinsgen.jenkinsfile.lint.rules.rule import Hit, Rule
from jenkinsgen.jenkinsfile.lint.rules.section_in_steps import SECTIONS

if TYPE_CHECKING:
    from collections.abc import Iterator

    from jenkinsgen.jenkinsfile.groovy.tree import Node, Where
    from jenkinsgen.jenkinsfile.lint.catalogue import ParameterType
    from jenkinsgen.jenkinsfile.lint.model import Condition, Invocation, Stage
    from jenkinsgen.jenkinsfile.lint.rules.rule import Subject

# The declarative language itself: no plugin lists these as steps.
_OTHERS = ("agent", "post", "tool", "condition", "global")
# Likeness of two names, from 0 to 1: from the first on one may be meant, from the second on it is a misspelling.
_ALIKE, _SLIP = 0.75, 0.85
_LANGUAGE = frozenset(
    {"pipeline", "stage", "lib", "axes", "axis", "exclude", "excludes", "values", "notValues", "name"}
)
# Parameters that take values that plugins bring: scmGit(…), cloneOption(…), java().
_OPEN_TYPES = frozenset({"object", "list"})


def _check(subject: Subject) -> Iterator[Hit]:
    yield from _sections(subject)
    if subject.uses_library():
        return
    known = declared(subject) | BUILT_IN_METHODS | _LANGUAGE | SECTIONS | _inside_sections(subject)
    judged = {id(each.call) for _, each in _named_in_sections(subject)}
    steps = _statements(subject)
    values = _values_of_plugins(subject)
    for call in subject.calls():
        name = own_name(call)
        # A capital is a class or a step of a shared library: PascalCase names no plugin's step.
        if name is None or name in known or not name[:1].islower() or id(call) in judged:
            continue
        if id(call) in values:
            yield from _value(subject, call, name)
        elif not _is_offered(subject, name):
            yield Hit(call.where, f"no known plugin provides {name}", _hint(subject, name))
        elif id(call) in steps and _is_only_a_value(subject, name):
            hint = f"it belongs into the arguments of a step, such as checkout scmGit(extensions: [{name}(…)])"
            yield Hit(call.where, f"{name} is no step", hint)


def _named_in_sections(subject: Subject) -> Iterator[tuple[str, Invocation]]:
    """Each call that a section names, with the section."""
    pipeline = subject.pipeline
    yield from (("triggers", each) for each in pipeline.triggers)
    yield from (("parameters", each) for each in pipeline.parameters)
    yield from (("options", each) for each in pipeline.root.options)
    for stage in pipeline.stages():
        yield from (("stageOptions", each) for each in stage.options)
    for stage in (pipeline.root, *pipeline.stages()):
        yield from (("tools", each) for each in stage.tools)
        yield from (("parameters", each) for each in (stage.input.parameters if stage.input else ()))


def _conditions(stage: Stage) -> Iterator[Condition]:
    waiting = list(stage.when.conditions) if stage.when else []
    while waiting:
        condition = waiting.pop()
        waiting.extend(condition.children)
        yield condition


def _sections(subject: Subject) -> Iterator[Hit]:
    """Names of options, triggers and so on that the reader let pass, because some plugin may bring them."""
    for section, each in _named_in_sections(subject):
        if "." not in each.name:
            yield from _perhaps(subject, each.where, section, each.name)
    for stage in (subject.pipeline.root, *subject.pipeline.stages()):
        if stage.agent is not None and stage.agent.kind is not None:
            yield from _perhaps(subject, stage.agent.kind_where, "agents", stage.agent.kind)
        for condition in _conditions(stage):
            yield from _perhaps(subject, condition.where, "conditions", condition.name)


def _perhaps(subject: Subject, where: Where, section: str, name: str) -> Iterator[Hit]:
    if not subject.catalogue.may_have(section, name):
        return
    near = nearest(name, subject.catalogue.valid(section), _ALIKE)
    meant = f"did you mean {near[0]}? " if near else ""
    one = section.removesuffix("s").removeprefix("stage").lower()
    hint = f"{meant}a server whose plugins do not either refuses the file; --controller says what yours has"
    yield Hit(where, f"no known plugin provides the {one} {name}", hint)


def _statements(subject: Subject) -> set[int]:
    """The calls that stand alone, where a step does."""
    return {
        id(node.expression)
        for node in walk(subject.script)
        if isinstance(node, ExpressionStatement) and isinstance(node.expression, Call)
    }


def _values_of_plugins(subject: Subject) -> set[int]:
    """The calls in arguments that take what plugins bring, as deep as they are; a block's code is none."""
    found: set[int] = set()
    for call in subject.calls():
        signature = subject.catalogue.function(own_name(call) or "")
        if signature is None:
            continue
        waiting: list[Node] = [each for each in call.arguments if signature.open and not isinstance(each, MapLiteral)]
        entries = [entry for each in call.arguments if isinstance(each, MapLiteral) for entry in each.entries]
        waiting += [
            entry.value
            for entry in entries
            if signature.open or _takes_values(signature.parameter(literal(entry.key) or ""))
        ]
        if _takes_values(signature.sole()):
            waiting.extend(each for each in call.arguments if not isinstance(each, MapLiteral))
        while waiting:
            value = waiting.pop()
            found |= {id(value)} if isinstance(value, Call) else set()
            if not isinstance(value, ClosureExpression):
                waiting.extend(each for each in children(value) if isinstance(each, Expression | Entry))
    return found


def _takes_values(parameter: ParameterType | None) -> bool:
    return parameter is not None and parameter.type in _OPEN_TYPES


def _value(subject: Subject, call: Call, name: str) -> Iterator[Hit]:
    """Any plugin may bring another one: unless the controller says what it has, only a slip of the pen is told."""
    if _is_offered(subject, name):
        return
    near = nearest(name, subject.catalogue.values(), _SLIP)
    if near or not subject.catalogue.may_have("symbols", name):
        near = near or nearest(name, subject.catalogue.values(), _ALIKE)
        yield Hit(call.where, f"no known plugin provides {name}", _hint(subject, name, near[0] if near else None))


def _is_offered(subject: Subject, name: str) -> bool:
    if any(subject.catalogue.of_kind(kind, name) for kind in _OTHERS) or subject.catalogue.is_offered(name):
        return True
    controller = subject.catalogue.controller
    return (controller is None or "steps" not in controller.names) and subject.catalogue.step(name) is not None


def _is_only_a_value(subject: Subject, name: str) -> bool:
    return not subject.catalogue.is_offered(name) and subject.catalogue.is_only("symbol", name)


def _inside_sections(subject: Subject) -> set[str]:
    """Kinds and settings of agents, conditions, tools and fields of inputs: calls to the eye, names to Jenkins."""
    found: set[str] = set()
    for stage in (subject.pipeline.root, *subject.pipeline.stages()):
        found.update(each.name for each in _conditions(stage))
        if stage.agent is not None:
            found.add(stage.agent.kind or "")
        if stage.agent is not None and isinstance(stage.agent.settings, tuple):
            waiting = list(stage.agent.settings)
            while waiting:
                setting = waiting.pop()
                found.add(setting.key)
                waiting.extend(setting.value if isinstance(setting.value, tuple) else ())
        found.update(each.name for each in stage.tools)
        if stage.input is not None:
            found.update({"message", "id", "ok", "submitter", "submitterParameter"})
    return found


def _hint(subject: Subject, name: str, near: str | None = None) -> str:
    near = near or next(iter(nearest(name, subject.catalogue.valid("steps"), _ALIKE)), None)
    meant = f"did you mean {near}? " if near else ""
    return f"{meant}the build would end with \"No such DSL method '{name}'\", unless a plugin of your server has it"


UNKNOWN_STEP = Rule(
    "unknown-step",
    "Jenkins' linter accepts a step that no plugin provides; the build fails when it gets there, perhaps after"
    " the deployment.",
    _check,
)
