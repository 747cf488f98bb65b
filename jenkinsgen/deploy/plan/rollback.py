"""The target of a rollback, and whether that release is still warm."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from jenkinsgen.deploy.plan.deploy import await_healthy, runs_everywhere
from jenkinsgen.deploy.steps import Phase, Plan
from jenkinsgen.errors import StateError

if TYPE_CHECKING:
    from jenkinsgen.deploy.release import Release
    from jenkinsgen.deploy.state.journal import Journal
    from jenkinsgen.deploy.world import World
    from jenkinsgen.spec.colour import Colour
    from jenkinsgen.spec.pipeline import Pipeline

SHOWN = 5


def choose_target(journal: Journal, live: Colour | None, version: str, *, bad: str = "") -> Release:
    """The release to go back to, as it will run: in the colour that has no traffic.

    An empty `version` means the release before the live one, but only once. After a rollback, and after a canary that
    lost its clients, the live release is left only for a `version` that is named: two people who press one button, or
    a person and the guard of a bake, mean the same release. A canary that has clients is ended before this is asked.
    `bad` is the release that was judged, where that is the reason. Raises StateError.
    """
    if live is None:
        raise StateError(
            "NGINX serves no colour of this service, so there is nothing to go back from", hint="deploy first"
        )
    if bad and journal.live != bad:
        raise StateError(
            f"{journal.live} is live by now, so nothing was taken back",
            hint="somebody was faster: jenkinsgen history tells who",
        )
    if not version and not bad:
        _refuse_second(journal)
    entry = journal.entry(version) if version else journal.before(journal.live)
    if version and version == journal.live:
        raise StateError(f"{version} is live already", hint=_known(journal))
    if entry is None:
        what = f"{version} has never been live here" if version else "there is no release before the live one"
        raise StateError(f"{what}, as far as the journal goes back", hint=_known(journal))
    return replace(entry.release, colour=live.other)


def _refuse_second(journal: Journal) -> None:
    left, canary = journal.after(journal.live), journal.canary
    if canary is not None:
        # Whatever its percent: a stage that was stopped or killed took its clients without writing it down.
        what = f"{journal.live} has all the traffic: the canary {canary.release.version} was taken back already"
    elif left is not None and left.taken_back:
        what = f"{journal.live} is live because {left.release.version} was taken back already ({left.taken_back})"
    else:
        return
    before = journal.before(journal.live)
    raise StateError(
        what,
        hint=f"to go back further, name the release: --to {before.release.version}" if before else _known(journal),
    )


def _known(journal: Journal) -> str:
    versions = [entry.release.version for entry in journal.entries if entry.release.version != journal.live]
    if not versions:
        return "deploy the commit that you want with a new build"
    return f"--to takes one of {', '.join(versions[:SHOWN])}; jenkinsgen status shows them all"


def is_warm(world: World, pipeline: Pipeline, release: Release) -> bool:
    """Does the release still run on every server, so that the rollback is one flag?"""
    return runs_everywhere(world.servers, pipeline, release)


def plan_look(pipeline: Pipeline, release: Release) -> Plan:
    """One healthy answer of every server, before traffic goes to a colour that was not looked at for a while."""
    once = _once(pipeline)
    return Plan((Phase("look", {str(s): (await_healthy(s, once, release.colour),) for s in pipeline.servers}, False),))


def _once(pipeline: Pipeline) -> Pipeline:
    """The pipeline with a health check for which a single answer is enough, and has to come at once."""
    health = pipeline.service.health
    once = health.model_copy(update={"successes": 1, "timeout": 0.0})
    service = pipeline.service.model_copy(update={"health": once})
    return pipeline.model_copy(update={"service": service})
