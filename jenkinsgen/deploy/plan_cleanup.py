"""What cleanup will do: drain the colour that has no traffic any more, then remove it."""

from __future__ import annotations

from typing import TYPE_CHECKING

from jenkinsgen.deploy.prune import removals, surplus_images, versions_in_use
from jenkinsgen.deploy.steps import NGINX, Drain, Phase, Plan, RemoveContainer, Step
from jenkinsgen.errors import StateError

if TYPE_CHECKING:
    from jenkinsgen.deploy.journal import Journal
    from jenkinsgen.deploy.observed import ServerState
    from jenkinsgen.deploy.release import Release
    from jenkinsgen.deploy.world import World
    from jenkinsgen.spec.colour import Colour
    from jenkinsgen.spec.pipeline import Pipeline


def plan_cleanup(
    pipeline: Pipeline,
    release: Release | None,
    world: World,
) -> Plan:
    """Remove what is not live.

    Raises StateError when nothing is live, or when the release of this build is not.
    """
    live, servers = world.live, world.servers
    if live is None:
        raise StateError("NGINX serves no colour of this service, so nothing may be removed", hint="deploy first")
    if release is not None and release.colour is not live:
        raise StateError(
            f"{live} is live, but this build deployed {release.colour}: the switch has not happened",
            hint="run the stage switch-nginx of this build first",
        )
    old = live.other
    steps = {str(server): _removals(servers[str(server)], pipeline, old, world.journal) for server in pipeline.servers}
    steps = {name: each for name, each in steps.items() if each}
    if not steps:
        return Plan((), note=f"{old} has nothing left to remove")
    drain = Drain(world.idle, old, pipeline.cleanup.drain)
    return Plan((Phase("drain", {NGINX: (drain,)}), Phase("remove", steps)))


def _removals(server: ServerState, pipeline: Pipeline, old: Colour, journal: Journal) -> tuple[Step, ...]:
    identity = pipeline.identity
    leaving = tuple(server.of(identity, old))
    containers = tuple(RemoveContainer(container.id, container.name, pipeline.cleanup.grace) for container in leaving)
    staying = (container for container in server.containers if container not in leaving)
    in_use = versions_in_use(staying, identity)
    return (*containers, *removals(surplus_images(server.images, in_use, journal, pipeline.cleanup.keep_releases)))
