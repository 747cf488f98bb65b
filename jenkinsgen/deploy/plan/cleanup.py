"""The plan of cleanup: drain the colour that has no traffic any more, then remove it."""

from __future__ import annotations

from typing import TYPE_CHECKING

from jenkinsgen.deploy.engines.registry import engine_plan
from jenkinsgen.deploy.prune import removals, surplus_images, versions_in_use
from jenkinsgen.deploy.steps import NGINX, Drain, Phase, Plan, Step
from jenkinsgen.errors import StateError

if TYPE_CHECKING:
    from jenkinsgen.deploy.observed import Container, ServerState
    from jenkinsgen.deploy.release import Release
    from jenkinsgen.deploy.state.journal import Journal
    from jenkinsgen.deploy.world import World
    from jenkinsgen.spec.colour import Colour
    from jenkinsgen.spec.pipeline import Pipeline


def check_live(release: Release | None, world: World) -> Colour:
    """The colour that stays. Raises StateError when nothing is live, when the release of this build is not, or when
    the other colour has clients, too.
    """
    live = world.live
    if live is None:
        raise StateError("NGINX serves no colour of this service, so nothing may be removed", hint="deploy first")
    if release is not None and release.colour is not live:
        raise StateError(
            f"{live} is live, but this build deployed {release.colour}: it was not switched to, or somebody went back",
            hint="jenkinsgen history tells; without a switch, run the stage switch-nginx of this build first",
        )
    if world.canary:
        raise StateError(
            f"{live.other} is a canary with {world.canary.percent} % of the clients, so it stays",
            hint="jenkinsgen canary promote gives it all of them, jenkinsgen canary abort none",
        )
    return live


def bake_left(pipeline: Pipeline, world: World, now: int) -> float:
    """For how many seconds more the old colour is to stay warm; 0 when it is not there, or not running."""
    entry = world.journal.entry(world.journal.live)
    if world.live is None or entry is None:
        return 0.0
    warm = any(c.running for server in world.servers.values() for c in server.of(pipeline.identity, world.live.other))
    # The rest is never longer than a bake, whatever became of the clock since.
    return min(pipeline.bake, max(0.0, entry.since + pipeline.bake - now)) if warm else 0.0


def plan_cleanup(pipeline: Pipeline, live: Colour, world: World, *, warm: bool) -> Plan:
    """Remove what is not live, and unneeded images; while the old colour is to stay `warm`, images alone."""
    old = live.other
    servers = [world.servers[str(server)] for server in pipeline.servers]
    leaving = {} if warm else {server.name: tuple(server.of(pipeline.identity, old)) for server in servers}
    steps = engine_plan(pipeline).remove(leaving, old, lambda _: pipeline.cleanup.grace)
    for server in servers:
        images = _images(server, leaving.get(server.name, ()), pipeline, world.journal)
        if images:
            steps[server.name] = (*steps.get(server.name, ()), *images)
    if not steps:
        return Plan((), note="" if warm else f"{old} has nothing left to remove")
    drain = Phase("drain", {NGINX: (Drain(world.idle, old, pipeline.cleanup.drain),)})
    return Plan((*((drain,) if any(leaving.values()) else ()), Phase("remove", steps)))


def _images(
    server: ServerState, leaving: tuple[Container, ...], pipeline: Pipeline, journal: Journal
) -> tuple[Step, ...]:
    staying = (container for container in server.containers if container not in leaving)
    in_use = versions_in_use(staying, pipeline.identity)
    return removals(surplus_images(server.images, in_use, journal, pipeline.cleanup.keep_releases))
