"""The plan of deploy-colour: the idle colour on every server, or on none."""

from __future__ import annotations

from typing import TYPE_CHECKING

from jenkinsgen.deploy.container import container_name
from jenkinsgen.deploy.engines.registry import engine_plan
from jenkinsgen.deploy.observed import DIGEST
from jenkinsgen.deploy.steps import NGINX, AwaitHealthy, Drain, Phase, Plan, ProveVacant
from jenkinsgen.deploy.strangers import refuse_strangers
from jenkinsgen.errors import StateError
from jenkinsgen.nginx.passed_on import passed_on

if TYPE_CHECKING:
    from collections.abc import Mapping

    from jenkinsgen.deploy.observed import Container, ServerState
    from jenkinsgen.deploy.release import Release
    from jenkinsgen.deploy.state.journal import Journal
    from jenkinsgen.deploy.world import World
    from jenkinsgen.spec.colour import Colour
    from jenkinsgen.spec.pipeline import Pipeline
    from jenkinsgen.spec.service import Server


def plan_deploy(
    pipeline: Pipeline,
    release: Release,
    world: World,
) -> Plan:
    """The plan; empty when that release serves already.

    Raises StateError when the colour got live in the meantime, or when a container that is not ours stands
    in the way.
    """
    colour, servers = release.colour, world.servers
    if world.live is colour:
        if runs_everywhere(servers, pipeline, release):
            return Plan((), note=f"{release.version} serves already, as {colour}")
        raise StateError(
            f"{colour} is live now, but {release.version} was built while it was idle: somebody switched in between",
            hint="build again; build-image looks at NGINX anew",
        )
    _refuse_last_live(pipeline, colour, world)
    for server in pipeline.servers:
        refuse_strangers(server, servers[str(server)], pipeline, colour, world.leading)
    engine = engine_plan(pipeline)
    looks = {str(server): await_healthy(server, pipeline, colour) for server in pipeline.servers}
    return Plan(
        phases=(
            engine.fetch(release, world),
            *_make_room(pipeline, colour, world),
            Phase("vacant", {name: (ProveVacant(look),) for name, look in looks.items()}),
            *engine.start(release),
            Phase("health", {name: (look,) for name, look in looks.items()}),
        ),
        undo=engine.take_back(release, world),
    )


def runs_everywhere(servers: Mapping[str, ServerState], pipeline: Pipeline, release: Release) -> bool:
    """Does this very release run in its colour on every server?"""
    return all(
        any(
            container.running
            and container.version == release.version
            # Two jobs may give one version to two images, and so does one whose build numbers began anew.
            and container.labels.get(DIGEST) == release.digest
            for container in servers[str(server)].of(pipeline.identity, release.colour)
        )
        for server in pipeline.servers
    )


def _refuse_last_live(pipeline: Pipeline, colour: Colour, world: World) -> None:
    """Raises StateError when NGINX does not know the service, but the last live release runs: it may still get traffic
    from an old file.
    """
    last = world.journal.live
    if world.live is not None or not last:
        return
    for server in pipeline.servers:
        for container in world.servers[str(server)].of(pipeline.identity, colour):
            if container.running and container.version == last:
                raise StateError(
                    f"{server}: {container.name} runs {last}, which was live last, but NGINX does not say which colour "
                    "of this service it serves now",
                    hint="build again; build-image takes the other colour then. Was the site file moved, or the name "
                    "of the service changed?",
                )


def _make_room(
    pipeline: Pipeline,
    colour: Colour,
    world: World,
) -> tuple[Phase, ...]:
    """Remove what is there of the colour: what a killed build left, or the release before, kept warm until now.

    This comes after the pull, so that a rollback stays possible when the registry is down.
    """
    there = {str(s): tuple(world.servers[str(s)].of(pipeline.identity, colour)) for s in pipeline.servers}
    removals = engine_plan(pipeline).remove(there, colour, lambda each: _grace(each, pipeline, world.journal))
    if not removals:
        return ()
    remove = Phase("make room", removals)
    if world.live is None or not any(c.running for containers in there.values() for c in containers):
        return (remove,)
    drain = Drain(world.idle, colour, pipeline.cleanup.drain)
    return (Phase("drain", {NGINX: (drain,)}, changes=False), remove)


def _grace(container: Container, pipeline: Pipeline, journal: Journal) -> float:
    """A container that was live may have things to finish; one that a killed build left has none."""
    had_clients = container.version is not None and journal.had_clients(container.version)
    return pipeline.cleanup.grace if had_clients else 0.0


def await_healthy(server: Server, pipeline: Pipeline, colour: Colour) -> AwaitHealthy:
    """Look at one server until its container answers well."""
    return AwaitHealthy(
        container=container_name(pipeline, colour),
        address=server.upstream,
        login=server.ssh.name,
        port=pipeline.service.ports.of(colour),
        headers=passed_on(pipeline),
        health=pipeline.service.health,
    )
