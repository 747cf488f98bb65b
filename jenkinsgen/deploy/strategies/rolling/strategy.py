"""A release takes the place of the live one, on one batch of servers after the other."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from jenkinsgen.deploy.plan.deploy import plan_deploy
from jenkinsgen.deploy.plan.foresee import foresee
from jenkinsgen.deploy.plan.rollback import choose_target
from jenkinsgen.deploy.plan.switch import plan_switch
from jenkinsgen.deploy.state.journal import first_colour
from jenkinsgen.deploy.strategies.rolling.plan import plan_roll
from jenkinsgen.deploy.strategies.strategy import Call, Stage
from jenkinsgen.spec.colour import Colour
from jenkinsgen.spec.credentials import start_bindings

if TYPE_CHECKING:
    from jenkinsgen.deploy.release import Release
    from jenkinsgen.deploy.state.journal import Journal
    from jenkinsgen.deploy.steps import Plan
    from jenkinsgen.deploy.world import World
    from jenkinsgen.spec.pipeline import Pipeline


@dataclass(frozen=True, slots=True)
class Rolling:
    """The Strategy that replaces the servers' containers, one batch after the other."""

    pipeline: Pipeline

    @property
    def in_place(self) -> bool:
        return True

    def stages(self) -> tuple[Stage, ...]:
        pipeline = self.pipeline
        call = Call("Roll out", "roll-out", pipeline.timeouts.deploy, start_bindings(pipeline))
        return (Stage(call, self._roll_out),)

    def abort(self) -> Call | None:
        return None

    def colour(self, live: Colour | None, journal: Journal) -> Colour:
        return first_colour(journal) if live is None else live

    def is_unfinished(self, journal: Journal, running: int, out: int) -> bool:
        """A roll-out is unfinished even when the last server runs it but was not seen healthy."""
        return bool(journal.live) and (out > 0 or running < len(self.pipeline.servers))

    def target(self, world: World, version: str, *, bad: str = "") -> Release:
        """The release that was live when an unfinished roll-out began; else the one that the journal says."""
        begun = half_way(world.journal, world, self.pipeline) if not version else None
        return begun or in_place(choose_target(world.journal, world.live, version, bad=bad))

    def _roll_out(self, release: Release, world: World) -> Plan:
        pipeline = self.pipeline
        if world.live is not None:
            return plan_roll(pipeline, release, world)
        # The first release starts everywhere at once; the switch plans with what is there by then.
        first = plan_deploy(pipeline, release, world)
        there = foresee(world, first, release, dict.fromkeys(Colour, ()), 0)
        return replace(first, phases=(*first.phases, *plan_switch(pipeline, release, there).phases))


def in_place(release: Release) -> Release:
    """The release in the live colour, where a rolling deployment replaces what runs."""
    return replace(release, colour=release.colour.other)


def half_way(journal: Journal, world: World, pipeline: Pipeline) -> Release | None:
    """The release that was live when an unfinished roll-out began; None when there is no such roll-out.

    A server that runs nothing is no sign of one: the live release may have crashed there.
    """
    entry, live = journal.entry(journal.live), world.live
    if entry is None or live is None:
        return None
    versions = {each.version for server in world.servers.values() for each in server.of(pipeline.identity, live)}
    return replace(entry.release, colour=live) if world.out or versions - {journal.live} else None
