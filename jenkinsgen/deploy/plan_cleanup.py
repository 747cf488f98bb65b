"""What cleanup will do: drain the colour that has no traffic any more, then remove it."""

from __future__ import annotations

from typing import TYPE_CHECKING

from jenkinsgen.deploy.steps import NGINX, Drain, Phase, Plan, RemoveContainer, RemoveImage, Step
from jenkinsgen.errors import StateError

if TYPE_CHECKING:
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
    removals = {str(server): _removals(servers[str(server)], pipeline, live, old) for server in pipeline.servers}
    removals = {name: steps for name, steps in removals.items() if steps}
    if not removals:
        return Plan((), note=f"{old} has nothing left to remove")
    drain = Drain(world.idle, old, pipeline.cleanup.drain)
    return Plan((Phase("drain", {NGINX: (drain,)}), Phase("remove", removals)))


def _removals(server: ServerState, pipeline: Pipeline, live: Colour, old: Colour) -> tuple[Step, ...]:
    identity = pipeline.identity
    containers = tuple(
        RemoveContainer(container.id, container.name, pipeline.cleanup.grace) for container in server.of(identity, old)
    )
    serving = {container.version for container in server.of(identity, live)}
    older = [image for image in server.images if image.version not in serving]
    surplus = older[pipeline.cleanup.keep_releases :]
    return (*containers, *(RemoveImage(image.id, image.version) for image in surplus))
