"""The behaviour of one Jenkinsfile, as facts to compare: the tracer tells them for every scenario that matters."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from jenkinsgen.jenkinsfile.groovy.source import human_characters
from jenkinsgen.jenkinsfile.review.code import Code, code_by_place
from jenkinsgen.jenkinsfile.review.facts import Fact, Place, facts_of, stages_of
from jenkinsgen.jenkinsfile.trace.scenario import Scenario
from jenkinsgen.jenkinsfile.trace.tracer import trace

if TYPE_CHECKING:
    from collections.abc import Iterator

    from jenkinsgen.jenkinsfile.groovy.tree import Node, Script
    from jenkinsgen.jenkinsfile.lint.catalogue import Catalogue
    from jenkinsgen.jenkinsfile.lint.model import Pipeline, Stage
    from jenkinsgen.jenkinsfile.trace.events import Event


@dataclass(frozen=True, slots=True)
class Ending:
    """How a build ends early: a stage fails, or is stopped by a person."""

    stage: Place
    failed: bool


@dataclass(frozen=True, slots=True)
class Behaviour:
    """`success` is what happens when all stages run and nothing fails, `endings` what follows a failure or a stop.

    `stages` are all stages, parents first. Whether a stage runs at all is a fact of its own, the
    text of its `when`: the reviewer shall see what it does if it runs.
    """

    success: tuple[Fact, ...]
    endings: dict[Ending, tuple[Fact, ...]]
    stages: tuple[Place, ...]
    parallel: frozenset[str]
    code: dict[Place, Code]

    @property
    def credentials(self) -> dict[Place, frozenset[str]]:
        """Place -> ids of the credentials that it uses."""
        found = {place: set(code.credentials) for place, code in self.code.items()}
        for fact in self.success:
            if fact.identifier is not None:
                found.setdefault(fact.place, set()).add(fact.identifier)
        return {place: frozenset(ids) for place, ids in found.items() if ids}


# The behaviour of a Jenkinsfile that does not exist.
NOTHING = Behaviour((), {}, (), frozenset(), {})


def behaviour(script: Script, pipeline: Pipeline, catalogue: Catalogue) -> Behaviour:
    """Trace an accepted pipeline under success, and with each stage failing or stopped."""
    always = replace(pipeline, root=_unconditional(pipeline.root))

    def told(scenario: Scenario) -> list[Event]:
        return trace(script, always, catalogue, scenario)

    events = told(Scenario())
    stages = stages_of(events)
    endings: dict[Ending, tuple[Fact, ...]] = {}
    for path in stages:
        if any(other[:-1] == path for other in stages):
            continue
        name = frozenset({path[-1]})
        endings[Ending(path, failed=True)] = tuple(facts_of(_after(told(Scenario(fail=name)), "failed")))
        endings[Ending(path, failed=False)] = tuple(facts_of(_after(told(Scenario(abort=name)), "aborted")))
    return Behaviour(
        success=(*_declared(script, pipeline), *facts_of(events)),
        endings=endings,
        stages=tuple(stages),
        parallel=frozenset(each.name for each in pipeline.stages() if each.parallel or each.matrix),
        code=code_by_place(script, pipeline),
    )


def _unconditional(stage: Stage) -> Stage:
    """The stage without `when`: a condition that happens to be false would hide what the stage does."""
    return replace(
        stage,
        when=None,
        stages=None if stage.stages is None else tuple(map(_unconditional, stage.stages)),
        parallel=None if stage.parallel is None else tuple(map(_unconditional, stage.parallel)),
        matrix=None if stage.matrix is None else replace(stage.matrix, cell=_unconditional(stage.matrix.cell)),
    )


def _after(events: list[Event], marker: str) -> list[Event]:
    """The events around and after the end of the stage; those before it are the way of success."""
    at = next((index for index, event in enumerate(events) if event.kind == marker), None)
    if at is None:
        return []
    containers = [event for event in events[:at] if event.kind == "stage"]
    return [*containers, *events[at + 1 :]]


def _declared(script: Script, pipeline: Pipeline) -> Iterator[Fact]:
    """Declarations that Jenkins reads before the first stage, and the conditions of stages."""

    def source(node: Node) -> str:
        return human_characters(" ".join(script.text[node.where.start : node.where.end].split()))

    for kind, calls in (
        ("library", pipeline.libraries),
        ("parameter", pipeline.parameters),
        ("trigger", pipeline.triggers),
    ):
        for each in calls:
            yield Fact((), "", kind, source(each.call))
    for stage in pipeline.root.stages or ():
        yield from _conditions(stage, (stage.name,), script.text)


def _conditions(stage: Stage, path: Place, text: str) -> Iterator[Fact]:
    if stage.when is not None:
        for each in stage.when.conditions:
            written = " ".join(text[each.where.start : each.where.end].split())
            yield Fact(path, "", "condition", human_characters(written))
        for name, value in stage.when.flags:
            yield Fact(path, "", "condition", f"{name} {str(value).lower()}")
    for child in stage.children():
        yield from _conditions(child, (*path, child.name), text)
