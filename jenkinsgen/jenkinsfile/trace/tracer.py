"""Walks a pipeline under a scenario, in Jenkins' own order.

Of a stage: when (beforeOptions), options, when (beforeInput), input, when (beforeAgent), agent, when,
environment, tools, steps, post. Of the root: agent, environment, options, tools, stages, post.
"""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from jenkinsgen.jenkinsfile.lint.matching import argument
from jenkinsgen.jenkinsfile.post import POST_CONDITIONS
from jenkinsgen.jenkinsfile.trace.blocks import BlockRunner
from jenkinsgen.jenkinsfile.trace.conditions import asks, described
from jenkinsgen.jenkinsfile.trace.outcome import ABORTED, SUCCESS, UNSTABLE, running_conditions, worse
from jenkinsgen.jenkinsfile.trace.recorder import Interrupted, Recorder
from jenkinsgen.jenkinsfile.trace.scope import Unknown
from jenkinsgen.jenkinsfile.trace.sections import (
    initial_scope,
    tell_agent,
    tell_assignments,
    tell_input,
    tell_options,
    tell_tools,
)
from jenkinsgen.jenkinsfile.trace.values import evaluate

if TYPE_CHECKING:
    from jenkinsgen.jenkinsfile.groovy.tree import Script
    from jenkinsgen.jenkinsfile.lint.catalogue import Catalogue
    from jenkinsgen.jenkinsfile.lint.model import Pipeline, Post, Stage
    from jenkinsgen.jenkinsfile.trace.events import Event
    from jenkinsgen.jenkinsfile.trace.scenario import Scenario
    from jenkinsgen.jenkinsfile.trace.scope import Scope


def trace(script: Script, pipeline: Pipeline, catalogue: Catalogue, scenario: Scenario) -> list[Event]:
    """Everything that would happen, in order; the last event is the build's result."""
    return _Tracer(script, pipeline, catalogue, scenario).run()


class _Tracer:
    def __init__(self, script: Script, pipeline: Pipeline, catalogue: Catalogue, scenario: Scenario) -> None:
        self._pipeline = pipeline
        self._scenario = scenario
        self._recorder = Recorder()
        self._result = SUCCESS
        # An error that nothing caught: the stages after it are skipped. A caught one only makes the result worse.
        self._stopped = False
        self._scope = initial_scope(script, pipeline, scenario)
        self._blocks = BlockRunner(self._recorder, catalogue, self._worsen)

    def run(self) -> list[Event]:
        root = self._pipeline.root
        self._recorder.add("pipeline", "", root.where.line)
        with self._recorder.nested():
            scope = self._enter(root, self._scope)
            for stage in root.stages or ():
                self._stage(stage, scope)
            if root.post is not None:
                self._post(root.post, scope, self._result)
        self._recorder.add("result", self._result, root.where.line)
        return self._recorder.events

    def _worsen(self, result: str) -> None:
        self._result = worse(self._result, result)

    def _stop(self, result: str) -> None:
        self._stopped = True
        self._worsen(result)

    def _why_skipped(self) -> str | None:
        if self._stopped:
            return "the build has failed before"
        if self._result == UNSTABLE and self._pipeline.root.option("skipStagesAfterUnstable"):
            return "the build is unstable"
        return None

    def _enter(self, stage: Stage, scope: Scope) -> Scope:
        """Agent, environment, options and tools, in the order of the root."""
        inner = scope.inner()
        tell_agent(self._recorder, stage.agent, inner)
        tell_assignments(self._recorder, stage.environment, inner)
        tell_options(self._recorder, stage.options, inner)
        tell_tools(self._recorder, stage.tools, inner)
        return inner

    def _stage(self, stage: Stage, scope: Scope) -> str:
        """The stage's own result: that of the build may be better, where a step caught the error."""
        line = stage.where.line
        reason = self._why_skipped()
        if reason is not None:
            self._recorder.add("skipped", f'stage "{stage.name}": {reason}', line)
            return SUCCESS
        self._recorder.add("stage", f'"{stage.name}"', line)
        with self._recorder.nested():
            attempts = self._attempts(stage, scope)
            for attempt in range(1, attempts + 1):
                if attempts > 1:
                    self._recorder.add("option", f"attempt {attempt} of {attempts}", line)
                self._stopped = False
                result = self._attempt(stage, scope)
                if not self._stopped or result == ABORTED:
                    break
        return result

    def _attempts(self, stage: Stage, scope: Scope) -> int:
        option = stage.option("retry")
        count = evaluate(argument(option.call.arguments, "count", sole=True), scope) if option else 1
        return count if isinstance(count, int) and count > 0 else 1

    def _attempt(self, stage: Stage, scope: Scope) -> str:
        if not self._lets_run(stage, scope):
            return SUCCESS
        inner = scope.inner()
        tell_options(self._recorder, stage.options, inner)
        if stage.input is not None:
            tell_input(self._recorder, stage.input, inner)
            if stage.name in self._scenario.abort:
                # Measured: a stage stopped at its input runs no post of its own.
                self._recorder.add("aborted", "at its input", stage.where.line)
                self._stop(ABORTED)
                return ABORTED
        tell_agent(self._recorder, stage.agent, inner)
        tell_assignments(self._recorder, stage.environment, inner)
        tell_tools(self._recorder, stage.tools, inner)
        result = self._body(stage, inner)
        if stage.post is not None:
            self._post(stage.post, inner, result)
        return result

    def _lets_run(self, stage: Stage, scope: Scope) -> bool:
        if stage.when is None:
            return True
        answer = asks(stage.when, scope)
        text = "; ".join(described(each, scope) for each in stage.when.conditions)
        if isinstance(answer, Unknown):
            message = f"whether the stage runs: when {text}; told as if it did"
            self._recorder.add("cannot-tell", message, stage.when.where.line)
            return True
        if not answer:
            late = stage.input is not None and not stage.when.flag("beforeInput")
            if late:
                tell_input(self._recorder, stage.input, scope)  # type: ignore[arg-type]
            self._recorder.add("skipped", f"when {text}", stage.when.where.line)
        return answer

    def _body(self, stage: Stage, scope: Scope) -> str:
        if stage.parallel is not None or stage.matrix is not None:
            return self._parallel(stage, scope)
        if stage.stages is not None:
            result = SUCCESS
            for child in stage.stages:
                result = worse(result, self._stage(child, scope))
            return result
        ending = "aborted" if stage.name in self._scenario.abort else None
        ending = "failed" if stage.name in self._scenario.fail else ending
        result, uncaught = self._blocks.run_stage(stage, scope, ending)
        if uncaught is not None:
            self._stop(uncaught)
        return result

    def _parallel(self, stage: Stage, scope: Scope) -> str:
        results: list[str] = []
        stopped = False
        for child, inner in self._branches(stage, scope):
            # Branches run at the same time: the failure of one does not skip the next.
            self._stopped = False
            results.append(self._stage(child, inner))
            stopped = stopped or self._stopped
        self._stopped = stopped
        if stage.fail_fast and set(results) - {SUCCESS}:
            self._recorder.add("cannot-tell", "how far the other branches come: failFast stops them", stage.where.line)
        result = SUCCESS
        for each in results:
            result = worse(result, each)
        return result

    def _branches(self, stage: Stage, scope: Scope) -> list[tuple[Stage, Scope]]:
        if stage.matrix is None:
            return [(child, scope) for child in stage.parallel or ()]
        found: list[tuple[Stage, Scope]] = []
        for cell in stage.matrix.cells():
            inner = scope.inner()
            inner.environment.update(cell)
            found.append((_named(stage.matrix.cell, cell), inner))
        return found

    def _post(self, post: Post, scope: Scope, result: str) -> None:
        present = {branch.name: branch for branch in post.conditions}
        for name in POST_CONDITIONS:
            # Asked anew each time: an error in one condition decides which of the next ones run.
            if name not in present or name not in running_conditions(result):
                continue
            branch = present[name]
            self._recorder.add("post", name, branch.where.line)
            with self._recorder.nested():
                try:
                    self._blocks.run(branch.steps, scope)
                except Interrupted as stop:
                    result = worse(result, stop.result)
                    self._stop(stop.result)


def _named(cell: Stage, axes: dict[str, str]) -> Stage:
    text = ", ".join(f"{name} = '{value}'" for name, value in axes.items())
    return replace(cell, name=f"Matrix - {text}")
