"""Steps and the steps inside their blocks, with what blocks do to failures."""

from __future__ import annotations

from typing import TYPE_CHECKING

from jenkinsgen.jenkinsfile.groovy.tree import ClosureExpression, Constant
from jenkinsgen.jenkinsfile.lint.matching import argument, bare
from jenkinsgen.jenkinsfile.trace.outcome import ABORTED, FAILURE, SUCCESS, UNSTABLE, worse
from jenkinsgen.jenkinsfile.trace.recorder import Interrupted
from jenkinsgen.jenkinsfile.trace.script import Returned, ScriptReader, locals_of
from jenkinsgen.jenkinsfile.trace.steps import SHELLS, option_text, tell_credentials, tell_environment, tell_step
from jenkinsgen.jenkinsfile.trace.values import evaluate

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable

    from jenkinsgen.jenkinsfile.groovy.tree import Expression
    from jenkinsgen.jenkinsfile.lint.catalogue import Catalogue
    from jenkinsgen.jenkinsfile.lint.model import Stage, Step
    from jenkinsgen.jenkinsfile.trace.recorder import Recorder
    from jenkinsgen.jenkinsfile.trace.scope import Scope

_RESULT = {"failed": FAILURE, "aborted": ABORTED}
_NOT_STEPS = frozenset({"script", "node", "stage"})


class BlockRunner:
    """Tells the steps of one stage after the other."""

    def __init__(self, recorder: Recorder, catalogue: Catalogue, worsen: Callable[[str], None]) -> None:
        self._recorder = recorder
        self._catalogue = catalogue
        self._worsen = worsen
        self._script = ScriptReader(recorder, self._run_one, self._is_step)
        # How the stage that is told ends at its first command: "failed", "aborted" or not at all.
        self._ending: str | None = None
        self._stage_result = SUCCESS

    def run_stage(self, stage: Stage, scope: Scope, ending: str | None) -> tuple[str, str | None]:
        """The result of a stage's steps, and the error that none of them caught."""
        self._ending, self._stage_result = ending, SUCCESS
        uncaught = None
        try:
            for branch in stage.branches:
                if len(stage.branches) > 1:
                    self._recorder.add("step", f"parallel branch {branch.name}", branch.where.line)
                self.run(branch.steps, scope)
            if self._ending is not None:
                # No command to fail at: it is over at its end.
                self._interrupt(stage.where.line)
        except Interrupted as stop:
            uncaught = stop.result
            self._stage_result = worse(self._stage_result, stop.result)
        self._ending = None
        return self._stage_result, uncaught

    def run(self, steps: Iterable[Step], scope: Scope) -> None:
        for step in steps:
            if step.name == "script" and step.body is not None:
                self._run_script(step.body, scope)
                for name in locals_of(step.body):
                    scope.variables.pop(name, None)
            else:
                self._run_one(scope, step.name, step.arguments, step.body, step.where.line)

    def _is_step(self, name: str) -> bool:
        return self._catalogue.step(name) is not None and name not in _NOT_STEPS | {"expression"}

    def _run_script(self, body: ClosureExpression, scope: Scope) -> None:
        try:
            self._script.read(map(bare, body.body), scope)
        except Returned:
            return

    def _run_one(
        self,
        scope: Scope,
        name: str,
        arguments: tuple[Expression, ...],
        body: ClosureExpression | None,
        line: int,
    ) -> None:
        if body is None:
            tell_step(self._recorder, scope, name, arguments, line)
            if name in SHELLS:
                self._interrupt(line)
            elif name == "error":
                raise Interrupted(FAILURE)
            elif name == "unstable":
                self._stage_result = worse(self._stage_result, UNSTABLE)
                self._worsen(UNSTABLE)
            return
        self._run_block(scope, name, arguments, body, line)

    def _interrupt(self, line: int) -> None:
        ending, self._ending = self._ending, None
        if ending is not None:
            self._recorder.add(ending, "as the scenario says", line)
            raise Interrupted(_RESULT[ending])

    def _run_block(
        self, scope: Scope, name: str, arguments: tuple[Expression, ...], body: ClosureExpression, line: int
    ) -> None:
        inner = scope.inner()
        if name == "withCredentials":
            inner = tell_credentials(self._recorder, scope, arguments, line)
        elif name == "withEnv":
            inner = tell_environment(self._recorder, scope, arguments, line)
        else:
            self._recorder.add("step", f"{name} {option_text(arguments, scope)}".rstrip(), line)
        with self._recorder.nested():
            self._run_guarded(inner, name, arguments, body, line)

    def _run_guarded(
        self, scope: Scope, name: str, arguments: tuple[Expression, ...], body: ClosureExpression, line: int
    ) -> None:
        attempts = evaluate(argument(arguments, "count", sole=True), scope) if name == "retry" else 1
        attempts = attempts if isinstance(attempts, int) and attempts > 0 else 1
        ending = self._ending
        for attempt in range(1, attempts + 1):
            self._ending = ending
            try:
                self._run_script(body, scope)
            except Interrupted as stop:
                if stop.result == ABORTED or attempt == attempts:
                    self._catch(name, arguments, stop, line)
            else:
                return

    def _catch(self, name: str, arguments: tuple[Expression, ...], stop: Interrupted, line: int) -> None:
        """CatchError and warnError go on after a failure, and after a stop as well unless told not to."""
        interruptions = argument(arguments, "catchInterruptions")
        lets_through = isinstance(interruptions, Constant) and interruptions.value is False
        if name not in {"catchError", "warnError"} or (stop.result == ABORTED and lets_through):
            raise stop
        default = UNSTABLE if name == "warnError" else stop.result
        build, stage = (_named_result(arguments, each) for each in ("buildResult", "stageResult"))
        build_result = ABORTED if stop.result == ABORTED else build or default
        stage_result = ABORTED if stop.result == ABORTED else stage or (UNSTABLE if name == "warnError" else SUCCESS)
        self._recorder.add("caught", f"{name}: the build goes on as {build_result}", line)
        self._worsen(build_result)
        self._stage_result = worse(self._stage_result, stage_result)


def _named_result(arguments: tuple[Expression, ...], name: str) -> str | None:
    value = argument(arguments, name)
    return value.value if isinstance(value, Constant) and isinstance(value.value, str) else None
