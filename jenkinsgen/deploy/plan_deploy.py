"""What deploy-colour will do: the idle colour on every server, or on none."""

from __future__ import annotations

from typing import TYPE_CHECKING

from jenkinsgen.deploy.observed import BUILD_URL, COLOUR, DIGEST, GIT_SHA, SERVICE, VERSION, ServerState
from jenkinsgen.deploy.prune import refused_image, removals, surplus_images, versions_in_use
from jenkinsgen.deploy.steps import (
    NGINX,
    AwaitHealthy,
    Drain,
    Phase,
    Plan,
    PullImage,
    RemoveContainer,
    RemoveStarted,
    StartContainer,
    Step,
)
from jenkinsgen.errors import StateError

if TYPE_CHECKING:
    from collections.abc import Mapping

    from jenkinsgen.deploy.journal import Journal
    from jenkinsgen.deploy.observed import Container
    from jenkinsgen.deploy.release import Release
    from jenkinsgen.deploy.world import World
    from jenkinsgen.spec.colour import Colour
    from jenkinsgen.spec.pipeline import Pipeline
    from jenkinsgen.spec.service import Server


def container_name(pipeline: Pipeline, colour: Colour) -> str:
    return f"{pipeline.service.name}-{colour}"


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
        refuse_strangers(servers[str(server)], pipeline, colour)
    return Plan(
        phases=(
            Phase(
                "pull",
                {str(s): pull(str(s), pipeline, release, world) for s in pipeline.servers},
                changes=False,
            ),
            *_make_room(pipeline, colour, world),
            Phase("start", {str(s): (start(pipeline, release),) for s in pipeline.servers}),
            Phase("health", {str(s): (await_healthy(s, pipeline, colour),) for s in pipeline.servers}),
        ),
        undo=(
            Phase("take back", {str(s): _take_back(pipeline, colour) for s in pipeline.servers}),
            *take_images_back(pipeline, release, servers),
        ),
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
    """NGINX knows nothing of the service, but what was live last runs: it may get traffic from a file of old."""
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


def refuse_strangers(server: ServerState, pipeline: Pipeline, colour: Colour) -> None:
    name, port = container_name(pipeline, colour), pipeline.service.ports.of(colour)
    for container in server.containers:
        if container.belongs_to(pipeline.identity, colour):
            continue
        if container.name == name:
            raise StateError(
                f"{server.name}: there is a container {name} that jenkinsgen did not make",
                hint=f"look at it on the server, then remove it (docker rm -f {name}) or rename the service",
            )
        if container.running and port in container.host_ports:
            raise StateError(
                f"{server.name}: port {port} is taken by the container {container.name}",
                hint=f"stop that container, or choose another port for {colour} in service.ports",
            )


def pull(name: str, pipeline: Pipeline, release: Release, world: World) -> tuple[Step, ...]:
    """The disk is cleared before the pull needs it. What the idle colour still runs is somebody's way back."""
    server = world.servers[name]
    needed = versions_in_use(server.containers, pipeline.identity) | {release.version}
    surplus = surplus_images(server.images, needed, world.journal, pipeline.cleanup.keep_releases)
    return (*removals(surplus), PullImage(release.reference))


def _make_room(
    pipeline: Pipeline,
    colour: Colour,
    world: World,
) -> tuple[Phase, ...]:
    """What is there of the colour goes: what a killed build left, or the release before, kept warm until now.

    After the pull, so that a registry that is down does not cost the way back.
    """
    there = {str(s): tuple(world.servers[str(s)].of(pipeline.identity, colour)) for s in pipeline.servers}
    removals: dict[str, tuple[Step, ...]] = {
        name: tuple(RemoveContainer(c.id, c.name, colour, _grace(c, pipeline, world.journal)) for c in containers)
        for name, containers in there.items()
        if containers
    }
    if not removals:
        return ()
    remove = Phase("make room", removals)
    if world.live is None or not any(c.running for containers in there.values() for c in containers):
        return (remove,)
    drain = Drain(world.idle, colour, pipeline.cleanup.drain)
    return (Phase("drain", {NGINX: (drain,)}, changes=False), remove)


def _grace(container: Container, pipeline: Pipeline, journal: Journal) -> float:
    """What was live may have things to finish; what a killed build left has never had any."""
    canary = journal.canary
    was_canary = canary is not None and canary.release.version == container.version
    known = was_canary or (container.version is not None and journal.entry(container.version) is not None)
    return pipeline.cleanup.grace if known else 0.0


def start(pipeline: Pipeline, release: Release) -> StartContainer:
    service = pipeline.service
    return StartContainer(
        name=container_name(pipeline, release.colour),
        image=release.reference,
        host_port=service.ports.of(release.colour),
        container_port=service.container_port,
        labels={
            SERVICE: pipeline.identity,
            COLOUR: str(release.colour),
            VERSION: release.version,
            DIGEST: release.digest,
            GIT_SHA: release.git_sha,
            BUILD_URL: release.build_url,
        },
        environment=dict(service.environment),
        secrets=tuple(sorted(service.secrets)),
        memory=service.memory,
        cpus=service.cpus,
        volumes=service.volumes,
    )


def await_healthy(server: Server, pipeline: Pipeline, colour: Colour) -> AwaitHealthy:
    """Look at one server until its container answers well."""
    return AwaitHealthy(
        container=container_name(pipeline, colour),
        address=server.upstream,
        port=pipeline.service.ports.of(colour),
        # What NGINX will send: many applications refuse a Host that they do not know.
        host_header=pipeline.nginx.host_header,
        health=pipeline.service.health,
    )


def _take_back(pipeline: Pipeline, colour: Colour) -> tuple[Step, ...]:
    return (RemoveStarted(container_name(pipeline, colour), colour),)


def take_images_back(pipeline: Pipeline, release: Release, servers: Mapping[str, ServerState]) -> tuple[Phase, ...]:
    """A phase of its own: that the containers are gone everywhere is more urgent than the room on a disk."""
    steps = {str(s): refused_image(servers[str(s)], release) for s in pipeline.servers}
    steps = {name: each for name, each in steps.items() if each}
    return (Phase("remove its image", dict(steps)),) if steps else ()
