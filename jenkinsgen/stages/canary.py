"""canary: some of the clients for a release, and more of them, or none."""

from __future__ import annotations

import json
from dataclasses import replace
from typing import TYPE_CHECKING

from jenkinsgen.deploy.guard import Baseline
from jenkinsgen.deploy.journal import Canary
from jenkinsgen.deploy.plan_canary import canary_release, plan_canary
from jenkinsgen.deploy.release import check_release
from jenkinsgen.deploy.run import run_plan
from jenkinsgen.edge import agent, workspace
from jenkinsgen.errors import JenkinsgenError, LeaseHeld, ReleaseRefused, StateError
from jenkinsgen.nginx.canary import Gate
from jenkinsgen.spec.values import show_duration
from jenkinsgen.stages.actions import Actions
from jenkinsgen.stages.bake import usual
from jenkinsgen.stages.canary_end import abort_canary, end_canary
from jenkinsgen.stages.canary_watch import watch_canary
from jenkinsgen.stages.session import open_session
from jenkinsgen.stages.switch_nginx import switch_to
from jenkinsgen.stages.transaction import DONE, transaction

if TYPE_CHECKING:
    from jenkinsgen.deploy.release import Build, Release
    from jenkinsgen.edge.state_folder import Found
    from jenkinsgen.report import Report
    from jenkinsgen.spec.canary import Canary as CanarySpec
    from jenkinsgen.spec.canary import CanaryStep
    from jenkinsgen.spec.pipeline import Pipeline
    from jenkinsgen.stages.session import Session
    from jenkinsgen.stages.transaction import Transaction

NAME = "canary"
# A step holds the lease for the second in which it gives clients to the release, and Jenkins waits 20 s for a stop.
_PATIENCE = 10.0


def canary_step(pipeline: Pipeline, report: Report, *, percent: int) -> None:
    """One step of the spec: so many percent for this build's release, watched for as long as the step says.

    Raises ReleaseRefused when the release does badly, and what a watch raises: then the live colour has all clients
    again. The lease is not held while the step is watched: whoever wants to end the canary need not wait.
    """
    step = _step(pipeline, percent)
    release = workspace.required_release()
    build = workspace.current_build()
    check_release(release, pipeline, build)
    stage = f"{NAME} {percent} %"
    with open_session(pipeline, workspace.login(pipeline, report), with_servers=True) as session:
        try:
            with transaction(session, stage, report, build=build, allow_older=release.allow_older) as work:
                gate = _give(session, work, report, release, percent)
                canary = work.journal.canary
                work.hand_over = True
            if gate is None or canary is None:
                return
            report.title(f"{percent} %: {release.colour} is watched for {show_duration(step.hold)}")
            watch_canary(session, gate, Baseline.from_dict(canary.baseline), step.hold, report)
        except BaseException as error:
            _take_back(session, build, report, error)
            raise
    summary = {"percent": percent, "colour": release.colour, "version": release.version, "hold": step.hold}
    workspace.write_report(f"{NAME}-{percent}", json.dumps(summary))
    report.title(f"{release.version} did well with {percent} % of the clients, and keeps them")


def _step(pipeline: Pipeline, percent: int) -> CanaryStep:
    steps = _required(pipeline).steps
    for step in steps:
        if step.percent == percent:
            return step
    raise StateError(
        f"the spec has no step of {percent} %; it has {', '.join(str(step.percent) for step in steps)}",
        hint="is the Jenkinsfile rendered from this spec? jenkinsgen render; by hand: jenkinsgen canary set",
    )


def _required(pipeline: Pipeline) -> CanarySpec:
    if pipeline.canary is None:
        raise StateError("the spec has no canary", hint="strategy: canary, with its steps (docs/canary.md)")
    return pipeline.canary


def _give(session: Session, work: Transaction, report: Report, release: Release, percent: int) -> Gate | None:
    """So many percent for the release; None when nobody is there to share with."""
    pipeline = session.pipeline
    world = work.observe(session)
    before = work.journal.canary
    plan = plan_canary(pipeline, release, world, percent)
    if world.live is None or not plan.phases:
        report.title(plan.note)
        return None
    if world.canary and before and before.release.version == release.version:
        baseline = before.baseline
    else:
        # Only now has the live colour all the clients.
        baseline = usual(session, world.live, report).to_dict()
    work.begin(release.version, release.colour)
    report.title(f"{NAME}: {percent} % of the clients from {world.live} to {release.colour}, {release.version}")
    actions = Actions(session, work, report)
    run_plan(plan, actions, report)
    work.write(replace(work.journal, canary=Canary(release, percent, work.build, work.now, baseline)))
    work.tell(DONE, f"{percent} % from {world.live}" + (f" in {actions.switch_ms:.1f} ms" if actions.switch_ms else ""))
    return Gate(world.live, percent)


def _take_back(session: Session, build: Build | None, report: Report, error: BaseException) -> None:
    """What went wrong ends the canary, if it is still this build's. It must not hide the error itself."""
    why = error.message.partition("\n")[0] if isinstance(error, JenkinsgenError) else type(error).__name__
    try:
        if not _is_mine(session.state.read(), build):
            return
        with transaction(
            session, NAME, report, build=build, allow_older=True, wait=_PATIENCE, urgent=True, beside_canary=True
        ) as work:
            end_canary(session, work, report, why)
    except JenkinsgenError as trouble:
        report.line(f"warning: the canary could not be ended: {trouble.message}")
        report.line("the next build ends it, or: jenkinsgen canary abort")
        return
    if isinstance(error, ReleaseRefused):
        error.message += "\nall clients are back at the live colour"


def _is_mine(found: Found | None, build: Build | None) -> bool:
    if found is None or found.gate is None:
        return False
    canary = found.journal.canary
    return canary is None or canary.build == agent.holder(NAME, build).build


def canary_set(pipeline: Pipeline, report: Report, *, percent: int, wait: float = 0.0) -> None:
    """By hand: so many percent for what runs in the colour that is not live. Nobody watches it."""
    _required(pipeline)
    build = workspace.current_build()
    with (
        open_session(pipeline, workspace.login(pipeline, report), with_servers=True) as session,
        transaction(
            session,
            f"{NAME} {percent} %",
            report,
            build=build,
            allow_older=True,
            wait=wait,
            urgent=True,
            beside_canary=True,
        ) as work,
    ):
        release = canary_release(pipeline, work.observe(session))
        _give(session, work, report, release, percent)
    report.title(f"{release.version} has {percent} % of the clients; nobody watches it")


def canary_promote(pipeline: Pipeline, report: Report, *, wait: float = 0.0) -> None:
    """By hand: all traffic to the canary. Raises NginxError when it could not be proven: then it is as before."""
    build = workspace.current_build()
    with (
        open_session(pipeline, workspace.login(pipeline, report), with_servers=True) as session,
        transaction(
            session,
            f"{NAME} promote",
            report,
            build=build,
            allow_older=True,
            wait=wait,
            urgent=True,
            beside_canary=True,
        ) as work,
    ):
        world = work.observe(session)
        if not world.canary:
            raise StateError("there is no canary to promote", hint="jenkinsgen canary set begins one")
        switch_to(session, work, report, canary_release(pipeline, world))


def canary_abort(pipeline: Pipeline, report: Report) -> None:
    """No clients for the canary, at once; then its connections end, and it goes.

    In a build it is that build's canary alone, and one that nobody had to end is no error.
    """
    build = workspace.current_build()
    with open_session(pipeline, workspace.login(pipeline, report), with_servers=True) as session:
        if build is not None and not _may_abort(session, build, report):
            return
        try:
            with transaction(
                session,
                f"{NAME} abort",
                report,
                build=build,
                allow_older=True,
                wait=_PATIENCE,
                urgent=True,
                beside_canary=True,
            ) as work:
                abort_canary(session, work, report, f"by {work.who}")
        except LeaseHeld as held:
            if build is None:
                raise
            report.line(f"nothing is left of this build to take back: {held.message}")


def _may_abort(session: Session, build: Build, report: Report) -> bool:
    found = session.state.read()
    if found is None:
        return False
    canary = found.journal.canary
    if found.gate is not None and canary is not None and canary.build != agent.holder(NAME, build).build:
        report.line(f"the canary is not of this build, so it stays: {canary.build}")
        return False
    return True
