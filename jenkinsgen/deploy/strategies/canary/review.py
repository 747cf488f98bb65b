"""The words of the section `canary` for a reviewer."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from jenkinsgen.deploy.strategies.review import Review
from jenkinsgen.spec.values import show_duration
from jenkinsgen.weakening import Weakening

if TYPE_CHECKING:
    from collections.abc import Iterator

    from jenkinsgen.spec.canary import CanaryStep
    from jenkinsgen.spec.pipeline import Pipeline

_CODE = "canary-weakened"
_WORDS = {
    "canary.steps[]": ("canary", "step of the canary"),
    "canary.approval": ("canary", "canary: approval before all traffic"),
    "canary.sticky": ("canary", "canary: by what a client keeps its side"),
    "canary.cookie": ("canary", "canary: cookie that tells clients apart"),
    "canary.override.header": ("canary", "canary: header of testers"),
    "canary.override.cookie": ("canary", "canary: cookie of testers"),
    "canary.unjudged": ("canary", "canary: what to do without enough requests"),
}


def _entries(section: dict[str, Any]) -> Iterator[tuple[str, str, str]]:
    for step in section.pop("steps", ()):
        asked = ", after an approval" if step["approval"] else ""
        yield "canary.steps[]", f"{step['percent']} %", f"hold {step['hold']}{asked}"


def _weakened(before: Pipeline, after: Pipeline) -> Iterator[Weakening]:
    old, new = before.canary, after.canary
    if old is None:
        return
    if new is None:
        yield Weakening(_CODE, "canary", "no canary any more: all traffic moves at one moment")
        return
    if old.approval and not new.approval:
        yield Weakening(_CODE, "approval", "nobody is asked any more before all traffic moves")
    if old.unjudged != new.unjudged == "continue":
        yield Weakening(_CODE, "unjudged", "a step of the canary that nobody could judge is no longer refused")
    steps = {step.percent: step for step in new.steps}
    for step in old.steps:
        yield from _weaker_step(step, steps.get(step.percent))


def _weaker_step(old: CanaryStep, new: CanaryStep | None) -> Iterator[Weakening]:
    name = f"{old.percent} %"
    if new is None:
        yield Weakening(_CODE, name, "a step of the canary removed: {}", (name,))
        return
    if new.hold < old.hold:
        quoted = name, show_duration(old.hold), show_duration(new.hold)
        yield Weakening(_CODE, name, "step of the canary {} is watched for less: {} → {}", quoted)
    if old.approval and not new.approval:
        yield Weakening(_CODE, f"{name} approval", "nobody is asked any more before the step {}", (name,))


REVIEW = Review("canary", _WORDS, _entries, _weakened)
