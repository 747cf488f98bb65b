"""A release gets so many percent of the clients; the caller holds the lease."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from jenkinsgen.deploy.guard.judgement import Baseline
from jenkinsgen.deploy.nginx_hosts import refuse_apart
from jenkinsgen.deploy.state.journal import Canary
from jenkinsgen.deploy.strategies.canary.plan import plan_canary
from jenkinsgen.errors import StateError
from jenkinsgen.nginx.canary import Gate
from jenkinsgen.stages.context.transaction import DONE
from jenkinsgen.stages.perform.actions import perform
from jenkinsgen.stages.watch.bake import usual

if TYPE_CHECKING:
    from jenkinsgen.deploy.release import Release
    from jenkinsgen.spec.canary import Canary as CanarySpec
    from jenkinsgen.spec.pipeline import Pipeline
    from jenkinsgen.stages.context.transaction import Transaction

NAME = "canary"


@dataclass(frozen=True, slots=True)
class Given:
    """The share of the clients that a release has now, and how the live colour did when it had them all."""

    gate: Gate
    usual: Baseline


def required_canary(pipeline: Pipeline) -> CanarySpec:
    """Raises StateError when the spec has none."""
    if pipeline.canary is None:
        raise StateError("the spec has no canary", hint="strategy: canary, with its steps (docs/canary.md)")
    return pipeline.canary


def give(work: Transaction, release: Release, percent: int) -> Given | None:
    """Give the release so many percent; None when no live release is there to share with."""
    report = work.report
    world = work.observe()
    refuse_apart(world.nginx)
    before = work.journal.canary
    plan = plan_canary(work.pipeline, release, world, percent)
    if world.live is None or not plan.phases:
        report.title(plan.note)
        return None
    if world.canary and before and before.release.version == release.version:
        usually = Baseline.from_dict(before.baseline)
    else:
        # Only now has the live colour all the clients.
        usually = usual(work.session, world.live)
    # Before anybody gets it: a process that is killed right after that leaves a canary of which it is known whose.
    work.journal = replace(
        work.journal, canary=Canary(release, percent, work.build, work.now, baseline=usually.to_dict())
    )
    work.begin(release.version, release.colour)
    report.title(f"{NAME}: {percent} % of the clients from {world.live} to {release.colour}, {release.version}")
    done = perform(work, plan)
    work.tell(DONE, f"{percent} % from {world.live}" + (f" in {done.switch_ms:.1f} ms" if done.switch_ms else ""))
    return Given(Gate(world.live, percent), usually)
