"""The world as it will be when a plan has been done: what the next stage would find."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from jenkinsgen.deploy import steps
from jenkinsgen.deploy.nginx_hosts import states_of
from jenkinsgen.deploy.observed import SWARM_SERVICE, Container, ServerState, StoredImage
from jenkinsgen.deploy.state.journal import became_live
from jenkinsgen.deploy.swarm import steps as swarm_steps
from jenkinsgen.nginx.site import Serving

if TYPE_CHECKING:
    from collections.abc import Mapping

    from jenkinsgen.deploy.release import Release
    from jenkinsgen.deploy.steps import Plan, Step
    from jenkinsgen.deploy.world import World
    from jenkinsgen.nginx.connections import Endpoint
    from jenkinsgen.nginx.state import NginxState
    from jenkinsgen.spec.colour import Colour


def foresee(
    world: World, plan: Plan, release: Release, endpoints: Mapping[Colour, tuple[Endpoint, ...]], now: int
) -> World:
    """`world` after every step of `plan`, all of them done well.

    `endpoints` are those of both colours, as the NGINX host resolves them; `now` is that host's clock.
    """
    for phase in plan.phases:
        for host, each in phase.steps.items():
            for step in each:
                world = _after(world, host, step, release, now)
    return replace(world, idle=endpoints[world.live.other] if world.live else ())


def _after(world: World, host: str, step: Step, release: Release, now: int) -> World:
    if host in world.servers:
        server = _server_after(world.servers[host], step, release)
        return replace(world, servers={**world.servers, host: server})
    match step:
        case swarm_steps.CreateService():
            task = replace(step.task, labels={**step.task.labels, SWARM_SERVICE: step.task.name})
            return _everywhere(world, task, release)
        case swarm_steps.RemoveService():
            return _everywhere(world, step, release)
        case steps.InstallSite():
            return replace(world, nginx=_installed(world.nginx, host, step))
        case steps.SetFlag():
            others = {name: _live(each, step.colour) for name, each in world.nginx.others.items()}
            # A canary ends with the flag (nginx/state_folder.sh).
            return replace(world, nginx=replace(_live(world.nginx, step.colour), others=others), gate=None)
        case steps.TakeOut():
            return replace(world, out=step.batch)
        case steps.PutBack():
            return replace(world, out=0)
        case steps.SetCanary():
            return replace(world, gate=step.gate)
        case steps.ProveLive():
            # What is proven is written down.
            return replace(world, journal=became_live(world.journal, release, now))
    # The agent's images, a drain: nothing that a later stage looks at.
    return world


def _installed(nginx: NginxState, host: str, step: steps.InstallSite) -> NginxState:
    serving = Serving(step.colour, step.digest) if step.digest else None
    after = _live(replace(states_of(nginx)[host], site_text=step.text, serving=serving), step.colour)
    return after if host == steps.NGINX else replace(nginx, others={**nginx.others, host: after})


def _live(nginx: NginxState, colour: Colour) -> NginxState:
    serving = replace(nginx.serving, colour=colour) if nginx.serving else None
    # Whoever has just put a flag or a site there may write them.
    return replace(nginx, live=colour, serving=serving, flags="writable")


def _everywhere(world: World, step: Step, release: Release) -> World:
    return replace(world, servers={name: _server_after(each, step, release) for name, each in world.servers.items()})


def _server_after(server: ServerState, step: Step, release: Release) -> ServerState:
    match step:
        case steps.PullImage():
            there = any(image.version == release.version for image in server.images)
            pulled = () if there else (StoredImage(step.reference, release.version),)
            return replace(server, images=(*pulled, *server.images))
        case steps.RemoveImage():
            return replace(server, images=tuple(image for image in server.images if image.id != step.id))
        case steps.RemoveContainer() | steps.RemoveOut():
            left = tuple(each for each in server.containers if step.id not in (each.id, each.name))
            return replace(server, containers=left)
        case swarm_steps.RemoveService():
            left = tuple(each for each in server.containers if each.labels.get(SWARM_SERVICE) != step.id)
            return replace(server, containers=left)
        case steps.StartContainer():
            started = Container(step.name, step.name, step.labels, True, (step.host_port,), step.image)
            return replace(server, containers=(*server.containers, started))
    # A look at its health changes nothing.
    return server
