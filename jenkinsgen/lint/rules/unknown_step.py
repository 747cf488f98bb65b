"""unknown-step"""

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
_LANGUAGE = frozenset(
    {"pipeline", "lib", "axes", "axis", "exclude", "excludes", "values", "notValues", "name"}
)


def _check(subject: Subject) -> Iterator[Hit]:
    if subject.uses_library():
        return
    own = declared(subject)
    controller = subject.catalogue.controller
    offered = None if controller is None else controller.names.get("steps")
    for call in subject.calls():
        name = own_name(call)
        if name is None or name in own | BUILT_IN_METHODS | _LANGUAGE | SECTIONS or not name[:1].islower():
            continue
        if offered is not None and controller is not None and _is_step(subject, name):
            known = name in offered or name in controller.names.get("symbols", ())
        else:
            known = subject.catalogue.step(name) is not None or _is_other(subject, name)
        if not known:
            yield Hit(call.where, f"no known plugin provides {name}", _hint(subject, name))


def _is_step(subject: Subject, name: str) -> bool:
    """Whether it would be looked up as a step: agents, tools and fields of agents are not."""
    return not _is_other(subject, name)


def _is_other(subject: Subject, name: str) -> bool:
    kinds = ("agent", "post", "tool", "condition", "global")
    if any(subject.catalogue.of_kind(kind, name) for kind in kinds):
        return True
    return name in _inside_agents(subject)


def _inside_agents(subject: Subject) -> set[str]:
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
