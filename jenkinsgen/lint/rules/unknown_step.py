"""Rule: unknown-step."""

from __future__ import annotations

from difflib import get_close_matches
from typing import TYPE_CHECKING

from jenkinsgen.lint.matching import own_name
from jenkinsgen.lint.rules.names import BUILT_IN_METHODS, declared
from jenkinsgen.lint.rules.rule import Hit, Rule
from jenkinsgen.lint.rules.section_in_steps import SECTIONS

if TYPE_CHECKING:
    from collections.abc import Iterator

    from jenkinsgen.lint.rules.rule import Subject

# The declarative language itself: no plugin lists these as steps.
_OTHERS = ("agent", "post", "tool", "condition", "global")
_LANGUAGE = frozenset({"pipeline", "lib", "axes", "axis", "exclude", "excludes", "values", "notValues", "name"})


def _check(subject: Subject) -> Iterator[Hit]:
    if subject.uses_library():
        return
    known = declared(subject) | BUILT_IN_METHODS | _LANGUAGE | SECTIONS | _inside_agents(subject)
    for call in subject.calls():
        name = own_name(call)
        # A capital is a class or a step of a shared library: PascalCase names no plugin's step.
        if name is None or name in known or not name[:1].islower() or _is_offered(subject, name):
            continue
        yield Hit(call.where, f"no known plugin provides {name}", _hint(subject, name))


def _is_offered(subject: Subject, name: str) -> bool:
    if any(subject.catalogue.of_kind(kind, name) for kind in _OTHERS):
        return True
    controller = subject.catalogue.controller
    if controller is None or "steps" not in controller.names:
        return subject.catalogue.step(name) is not None
    return name in controller.names["steps"] or name in controller.names.get("symbols", ())


def _inside_agents(subject: Subject) -> set[str]:
    """Settings of agents, tools and fields of inputs: calls to the eye, names to Jenkins."""
    found: set[str] = set()
    for stage in (subject.pipeline.root, *subject.pipeline.stages()):
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


def _hint(subject: Subject, name: str) -> str:
    near = get_close_matches(name, subject.catalogue.valid("steps"), 1, 0.75)
    meant = f"did you mean {near[0]}? " if near else ""
    return f"{meant}the build would end with \"No such DSL method '{name}'\""


UNKNOWN_STEP = Rule(
    "unknown-step",
    "Jenkins' linter accepts a step that no plugin provides; the build fails when it gets there, perhaps after"
    " the deployment.",
    _check,
)
