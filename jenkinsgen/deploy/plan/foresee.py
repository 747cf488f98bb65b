"""The world as it will be when a plan has been done: what the next stage would find."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from typing_extensions import assert_never

from jenkinsgen.deploy import steps
from jenkinsgen.deploy.nginx_hosts import states_of
from jenkinsgen.deploy.observed import Container, ServerState, StoredImage
from jenkinsgen.deploy.state.journal import became_live
from jenkinsgen.deploy.steps import swarm as swarm_steps
from jenkinsgen.deploy.steps.swarm import SWARM_SERVICE
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
                world = after(world, host, step, release, now)
    return replace(world, idle=endpoints[world.live.other] if world.live else ())


def after(world: World, host: str, step: Step, release: Release, now: int) -> World:
    """Every step has a case, also those that take something back: without one, mypy refuses the file."""
    match step:
        case steps.PullImage() | steps.RemoveImage() | steps.StartContainer():
            return _on_server(world, host, step, release)
        case steps.RemoveContainer() | steps.RemoveOut() | steps.RemoveStarted():
            return _on_server(world, host, step, release)
        case swarm_steps.CreateService():
            task = replace(step.task, labels={**step.task.labels, SWARM_SERVICE: step.task.name})
            return _everywhere(world, task, release)
        case swarm_steps.RemoveService() | swarm_steps.RemoveStartedService():
            return _everywhere(world, step, release)
        case steps.InstallSite() | steps.RemoveSite() | steps.SetFlag():
            return _on_nginx(world, host, step)
        case steps.TakeOut() | steps.PutBack() | steps.SetCanary() | steps.EndCanary():
            return _on_nginx(world, host, step)
        case steps.ProveLive():
            # A proven release is written down.
            return replace(world, journal=became_live(world.journal, release, now))
        case steps.BuildImage() | steps.TagImage() | steps.PushImage() | steps.RemoveTag() | swarm_steps.FindImage():
            # No stage looks at the agent's images, or at the registry's.
            return world
        case swarm_steps.LabelNodes() | swarm_steps.AwaitTask() | steps.AwaitHealthy() | steps.ProveVacant():
            return world
        case steps.ProveReachable() | steps.ProveCanary() | steps.Drain():
            return world
        case _:
            assert_never(step)


def _on_nginx(world: World, host: str, step: steps.SiteStep | steps.TrafficStep) -> World:
    match step:
        case steps.InstallSite() | steps.RemoveSite():
            return replace(world, nginx=_with_site(world.nginx, host, step))
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
        case steps.EndCanary():
            return replace(world, gate=None)
        case _:
            assert_never(step)


def _with_site(nginx: NginxState, host: str, step: steps.InstallSite | steps.RemoveSite) -> NginxState:
    before = states_of(nginx)[host]
    if isinstance(step, steps.RemoveSite):
        after = replace(before, site_text=None, serving=None, live=None)
    else:
        serving = Serving(step.colour, step.digest) if step.digest else None
        after = _live(replace(before, site_text=step.text, serving=serving), step.colour)
    return after if host == steps.NGINX else replace(nginx, others={**nginx.others, host: after})


def _live(nginx: NginxState, colour: Colour) -> NginxState:
    serving = replace(nginx.serving, colour=colour) if nginx.serving else None
    # The user that has just put a flag or a site there may write them.
    return replace(nginx, live=colour, serving=serving, flags="writable")


_ServerStep = steps.EngineStep | steps.RemoveImage | swarm_steps.RemoveService | swarm_steps.RemoveStartedService


def _everywhere(world: World, step: _ServerStep, release: Release) -> World:
    return replace(world, servers={name: _server_after(each, step, release) for name, each in world.servers.items()})


def _on_server(world: World, host: str, step: _ServerStep, release: Release) -> World:
    if host not in world.servers:
        # An image that the agent removes.
        return world
    return replace(world, servers={**world.servers, host: _server_after(world.servers[host], step, release)})


def _server_after(server: ServerState, step: _ServerStep, release: Release) -> ServerState:
    match step:
        case steps.PullImage():
            there = any(image.version == release.version for image in server.images)
            pulled = () if there else (StoredImage(step.reference, release.version),)
            return replace(server, images=(*pulled, *server.images))
        case steps.RemoveImage():
            return replace(server, images=tuple(image for image in server.images if image.id != step.id))
        case steps.StartContainer():
            started = Container(step.name, step.name, step.labels, True, (step.host_port,), step.image)
            return replace(server, containers=(*server.containers, started))
        case steps.RemoveContainer() | steps.RemoveOut():
            left = tuple(each for each in server.containers if step.id not in (each.id, each.name))
        case steps.RemoveStarted():
            left = tuple(each for each in server.containers if each.name != step.name)
        case swarm_steps.RemoveService():
            left = tuple(each for each in server.containers if each.labels.get(SWARM_SERVICE) != step.id)
        case swarm_steps.RemoveStartedService():
            left = tuple(each for each in server.containers if each.labels.get(SWARM_SERVICE) != step.name)
        case _:
            assert_never(step)
    return replace(server, containers=left)
