"""canary step: some of the clients for a release, watched; they go back when it fails."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

from jenkinsgen.deploy.strategies.canary.owner import canary_of_another
from jenkinsgen.errors import JenkinsgenError, ReleaseRefused, StateError, Unproven
from jenkinsgen.spec.values import show_duration
from jenkinsgen.stages.canary.end import PATIENCE, end_canary
from jenkinsgen.stages.canary.give import NAME, give, required_canary
from jenkinsgen.stages.canary.watch import watch_canary
from jenkinsgen.stages.context.real import REAL
from jenkinsgen.stages.context.stage import Stage
from jenkinsgen.stages.context.transaction import transaction, urgent_transaction

if TYPE_CHECKING:
    from jenkinsgen.deploy.guard.evidence import Evidence
    from jenkinsgen.deploy.release import Release
    from jenkinsgen.report import Report
    from jenkinsgen.spec.canary import CanaryStep
    from jenkinsgen.spec.pipeline import Pipeline
    from jenkinsgen.stages.canary.give import Given
    from jenkinsgen.stages.context.outside import Outside
    from jenkinsgen.stages.context.session import Session


def canary_step(pipeline: Pipeline, report: Report, outside: Outside = REAL, *, percent: int) -> None:
    """One step of the spec: so many percent for this build's release, watched for as long as the step says.

    Raises ReleaseRefused when the release fails, Unproven when it cannot be judged (`canary.unjudged`), and what a
    watch raises: then the live colour has all clients again. The lease is not held while the step is watched, so that
    a person can end the canary without a wait.
    """
    step = _step(pipeline, percent)
    stage = Stage(f"{NAME} {percent} %", pipeline, report, outside)
    release = stage.release()
    with stage.connected() as session:
        try:
            with transaction(session, allow_older=release.allow_older) as work:
                given = give(work, release, percent)
                work.hand_over = True
            if given is None:
                return
            report.title(f"{percent} %: {release.colour} is watched for {show_duration(step.hold)}")
            evidence = _watch(session, given, step, release)
        except BaseException as error:
            _take_back(session, error)
            raise
    answers = evidence.traffic.answers if evidence.traffic else None
    summary = {"percent": percent, "colour": release.colour, "version": release.version, "hold": step.hold}
    summary |= {"requests": answers, "judged": not evidence.lacking}
    stage.workspace.write_report(f"{NAME}-{percent}", json.dumps(summary))
    did = f"keeps {percent} % of the clients, but nobody can tell how it does (canary.unjudged)"
    if not evidence.lacking:
        did = f"did well with {percent} % of the clients, and keeps them"
    report.title(f"{release.version} {did}")


def _watch(session: Session, given: Given, step: CanaryStep, release: Release) -> Evidence:
    canary = required_canary(session.pipeline)
    evidence = watch_canary(session, given, step.hold, wait=canary.longest(step) - step.hold)
    if evidence.lacking and canary.unjudged != "continue":
        raise Unproven(
            f"nobody can tell how {release.version} does with {step.percent} % of the clients: {evidence.lacking}",
            hint="more of the clients, a longer `hold` or fewer `guard.requests` give something to judge by; "
            "`canary.unjudged` says what to do without (docs/canary.md)",
        )
    return evidence


def _step(pipeline: Pipeline, percent: int) -> CanaryStep:
    steps = required_canary(pipeline).steps
    for step in steps:
        if step.percent == percent:
            return step
    raise StateError(
        f"the spec has no step of {percent} %; it has {', '.join(str(step.percent) for step in steps)}",
        hint="is the Jenkinsfile rendered from this spec? jenkinsgen render; by hand: jenkinsgen canary set",
    )


def _take_back(session: Session, error: BaseException) -> None:
    """An error ends the canary, if it is still this build's. Ending it must not hide the error itself."""
    why = error.message.partition("\n")[0] if isinstance(error, JenkinsgenError) else type(error).__name__
    report, stage = session.report, session.stage
    me = stage.outside.holder(NAME, stage.build).build
    try:
        found = session.state.read()
        if found is None or found.gate is None or canary_of_another(found.journal, found.gate, me):
            return
        with urgent_transaction(session, wait=PATIENCE, name=NAME) as work:
            # Another person or build may have taken it over while this waited for the lease.
            if work.canary_of_another:
                return
            end_canary(work, why)
    except JenkinsgenError as trouble:
        report.line(f"warning: the canary could not be ended: {trouble.message}")
        report.line("the next build ends it, or: jenkinsgen canary abort")
        return
    if isinstance(error, ReleaseRefused | Unproven):
        error.message += "\nall clients are back at the live colour"
