"""The forecast of a deployment: the stages' own plans, each on the world that the one before would leave."""

from __future__ import annotations

from dataclasses import dataclass, replace
from functools import partial
from typing import TYPE_CHECKING, Any

from jenkinsgen.deploy.plan.build import check_nginx_ready, plan_build
from jenkinsgen.deploy.plan.cleanup import bake_left, check_live, plan_cleanup
from jenkinsgen.deploy.plan.foresee import foresee
from jenkinsgen.deploy.plan.site import check_unedited
from jenkinsgen.deploy.release import Build, Release, coloured_repository
from jenkinsgen.deploy.screen import INDENT, folding
from jenkinsgen.deploy.state.holding import Holding, holding_data
from jenkinsgen.deploy.state.journal import refuse_older
from jenkinsgen.deploy.strategies.canary.owner import refuse_canary
from jenkinsgen.deploy.strategies.registry import strategy_of
from jenkinsgen.errors import JenkinsgenError, LeaseHeld
from jenkinsgen.spec.colour import Colour
from jenkinsgen.spec.values import show_duration

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping

    from jenkinsgen.deploy.steps import Phase, Plan
    from jenkinsgen.deploy.world import World
    from jenkinsgen.nginx.connections import Endpoint
    from jenkinsgen.spec.pipeline import Pipeline

# Placeholders for what only the build and its push will know.
NEXT, PUSHED = "(next)", "(its digest)"


@dataclass(frozen=True, slots=True)
class Planned:
    """One stage: what it would do, or why it would refuse."""

    stage: str
    plan: Plan | None
    refusal: JenkinsgenError | None = None


@dataclass(frozen=True, slots=True)
class Leftover:
    """A container of ours that gets no traffic."""

    server: str
    name: str
    version: str
    running: bool
    was_live: bool
    """The release before, which one can go back to. Otherwise what a build left that did not come to its end."""


@dataclass(frozen=True, slots=True)
class Forecast:
    """The state that was found, and what a deployment would do."""

    service: str
    release: Release
    world: World
    lease: Holding | None
    leftovers: tuple[Leftover, ...]
    stages: tuple[Planned, ...]

    @property
    def refusal(self) -> JenkinsgenError | None:
        return self.stages[-1].refusal

    @property
    def exit_code(self) -> int:
        """The one that the deployment would end with."""
        return self.refusal.exit_code if self.refusal else 0


@dataclass(frozen=True, slots=True)
class Situation:
    """All that a forecast is made of."""

    world: World
    lease: Holding | None
    endpoints: Mapping[Colour, tuple[Endpoint, ...]]
    """The endpoints of both colours, as the NGINX host resolves them."""
    now: int
    """The clock of the NGINX host."""


def forecast(pipeline: Pipeline, situation: Situation, git_sha: str, build: Build | None) -> Forecast:
    """The stages in their order, as far as they would come. `build` is None outside of Jenkins."""
    world = situation.world
    release = _next_release(pipeline, strategy_of(pipeline).colour(world.live, world.journal), git_sha, build)
    return Forecast(
        service=pipeline.service.name,
        release=release,
        world=world,
        lease=situation.lease,
        leftovers=tuple(_leftovers(pipeline, world)),
        stages=_stages(pipeline, situation, release, build),
    )


def _next_release(pipeline: Pipeline, colour: Colour, git_sha: str, build: Build | None) -> Release:
    return Release(
        service=pipeline.service.name,
        colour=colour,
        version=f"{git_sha[:12]}-{build.number if build else NEXT}",
        repository=coloured_repository(pipeline, colour),
        digest=PUSHED,
        git_sha=git_sha,
        build_number=build.number if build else 0,
        build_url=build.url if build else "",
    )


def _leftovers(pipeline: Pipeline, world: World) -> Iterator[Leftover]:
    for name, server in world.servers.items():
        for colour in Colour:
            if colour is not world.live:
                for each in server.of(pipeline.identity, colour):
                    version = each.version or "unknown"
                    was_live = world.journal.entry(version) is not None
                    yield Leftover(name, each.name, version, each.running, was_live)


def _stages(pipeline: Pipeline, situation: Situation, release: Release, build: Build | None) -> tuple[Planned, ...]:
    def build_image(world: World) -> Plan:
        check_nginx_ready(pipeline, world.nginx)
        check_unedited(pipeline, world.nginx)
        _refuse_held(situation.lease, build)
        refuse_canary(world.journal, world.gate, build.url if build else "", lambda _: None)
        refuse_older(world.journal, build)
        return plan_build(pipeline, release)

    deciders: dict[str, Callable[[World], Plan]] = {
        "build-image": build_image,
        **{stage.call.command: partial(stage.decide, release) for stage in strategy_of(pipeline).stages()},
        "cleanup": lambda world: _cleanup(pipeline, release, world, situation.now),
    }
    world = situation.world
    found: list[Planned] = []
    for stage, decide in deciders.items():
        try:
            plan = decide(world)
        except JenkinsgenError as refusal:
            return (*found, Planned(stage, None, refusal))
        found.append(Planned(stage, plan))
        world = foresee(world, plan, release, situation.endpoints, situation.now)
    return tuple(found)


def _cleanup(pipeline: Pipeline, release: Release, world: World, now: int) -> Plan:
    """The plan of cleanup as the Jenkinsfile calls it: with a guard the stage waits until the bake is over."""
    live, left = check_live(release, world), bake_left(pipeline, world, now)
    plan = plan_cleanup(pipeline, live, world, warm=left > 0 and pipeline.guard is None)
    if not left:
        return plan
    bake = show_duration(round(left))
    note = f"{live} is watched for {bake}, then:" if pipeline.guard else f"{live.other} stays warm for {bake} (bake)"
    return replace(plan, note=note)


def _refuse_held(lease: Holding | None, build: Build | None) -> None:
    if lease is None or lease.free_because is not None or (build is not None and lease.holder.build == build.url):
        return
    raise LeaseHeld(f"another deployment is under way: {lease.line}", hint="it would wait with --wait 10m")


def forecast_lines(found: Forecast) -> list[str]:
    """For people, no line longer than 120 columns."""
    lines = (*_found_lines(found), *_stage_lines(found))
    return [part for line in lines for part in folding(line, INDENT)]


def _found_lines(found: Forecast) -> Iterator[str]:
    world, journal = found.world, found.world.journal
    yield f"{found.service}: {found.release.version} would become {found.release.colour}"
    yield f"  live       {world.live or 'nothing yet'}{f', {journal.live}' if journal.live else ''}"
    yield f"  lease      {found.lease.line if found.lease else 'nobody holds it'}"
    if found.lease and found.lease.free_because:
        yield f"  free       yes: {found.lease.free_because}"
    if journal.under_way is not None:
        yield f"  journal    {journal.under_way.build} has not ended its stage {journal.under_way.stage}"
    for each in found.leftovers:
        what = "the release before" if each.was_live else "left by a build that did not end"
        state = "runs" if each.running else "stopped"
        yield f"  {each.server}: {each.name} {each.version}, {state}: {what}"


def _stage_lines(found: Forecast) -> Iterator[str]:
    for planned in found.stages:
        yield f"{planned.stage}"
        if planned.plan is not None:
            if planned.plan.note:
                yield f"  {planned.plan.note}"
            for phase in planned.plan.phases:
                yield from _phase_lines(phase)
        if planned.refusal is not None:
            first, *rest = planned.refusal.message.splitlines()
            yield f"  would refuse with exit code {planned.refusal.exit_code}: {first}"
            yield from (f"    {line}" for line in rest)
            if planned.refusal.hint:
                yield f"  hint: {planned.refusal.hint}"


def _phase_lines(phase: Phase) -> Iterator[str]:
    for host, each in phase.steps.items():
        for step in each:
            yield f"  {host}: {step}"


def forecast_data(found: Forecast) -> dict[str, Any]:
    """For programs; docs/plan.md has the keys."""
    journal = found.world.journal
    return {
        "service": found.service,
        "version": found.release.version,
        "live": found.world.live,
        "colour": found.release.colour,
        "lease": holding_data(found.lease),
        "journal": {
            "live": journal.live or None,
            "under_way": {"stage": journal.under_way.stage, "build": journal.under_way.build}
            if journal.under_way
            else None,
        },
        "leftovers": [
            {
                "server": each.server,
                "container": each.name,
                "version": each.version,
                "running": each.running,
                "was_live": each.was_live,
            }
            for each in found.leftovers
        ],
        "stages": [_stage_data(planned) for planned in found.stages],
        "exit_code": found.exit_code,
    }


def _stage_data(planned: Planned) -> dict[str, Any]:
    plan, refusal = planned.plan, planned.refusal
    return {
        "stage": planned.stage,
        "note": plan.note if plan else "",
        "phases": [
            {"title": phase.title, "hosts": {host: [str(step) for step in each] for host, each in phase.steps.items()}}
            for phase in (plan.phases if plan else ())
        ],
        "refusal": {
            "error": type(refusal).__name__,
            "message": refusal.message,
            "hint": refusal.hint,
            "exit_code": refusal.exit_code,
        }
        if refusal
        else None,
    }
