"""Rule: section-in-steps."""

from __future__ import annotations

from typing import TYPE_CHECKING

from jenkinsgen.jenkinsfile.lint.rules.rule import Hit, Rule

if TYPE_CHECKING:
    from collections.abc import Iterator

    from jenkinsgen.jenkinsfile.lint.rules.rule import Subject

SECTIONS = frozenset(
    {"when", "post", "stages", "steps", "options", "triggers", "parameters", "tools", "matrix", "libraries"}
    | {"beforeAgent", "beforeInput", "beforeOptions", "failFast", "agent", "environment"}
)


def _check(subject: Subject) -> Iterator[Hit]:
    branches = [branch for stage in subject.pipeline.stages() for branch in stage.branches]
    branches += [branch for _, post in subject.pipeline.posts() for branch in post.conditions]
    for branch in branches:
        for step in branch.steps:
            for each in step.walk():
                if each.name in SECTIONS:
                    hint = f"move {each.name} out of the steps block; check the braces above it"
                    yield Hit(each.where, f"{each.name} is a section, not a step", hint)


SECTION_IN_STEPS = Rule(
    "section-in-steps",
    "A section that slipped into steps { … } by a misplaced brace is read as a step: Jenkins' linter accepts"
    " it, the build ends with `No such DSL method 'post'`.",
    _check,
)
