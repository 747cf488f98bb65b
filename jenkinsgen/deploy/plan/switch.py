"""The plan of switch-nginx: one switch, proven, or taken back."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from jenkinsgen.deploy.nginx_hosts import apart, nginx_hosts
from jenkinsgen.deploy.plan.build import check_nginx_ready, in_lines
from jenkinsgen.deploy.plan.site import checksum, put_site_back, site_change
from jenkinsgen.deploy.steps import NGINX, InstallSite, Phase, Plan, ProveLive, ProveReachable, SetFlag, Step
from jenkinsgen.errors import StateError
from jenkinsgen.nginx.site import site_path, upstreams_of

if TYPE_CHECKING:
    from collections.abc import Mapping

    from jenkinsgen.deploy.observed import ServerState
    from jenkinsgen.deploy.release import Release
    from jenkinsgen.deploy.world import World
    from jenkinsgen.nginx.state import NginxState
    from jenkinsgen.spec.colour import Colour
    from jenkinsgen.spec.pipeline import Pipeline


def plan_switch(
    pipeline: Pipeline,
    release: Release,
    world: World,
    *,
    back: bool = False,
) -> Plan:
    """Move all traffic to the release; `back` is a rollback, which no doubt about a proof may stop.

    Raises StateError when the release does not run on every server, or NGINX cannot be changed; Unproven when the
    switch could not be proven.
    """
    check_running(pipeline, release, world.servers)
    check_nginx_ready(pipeline, replace(world.nginx, doubts=()) if back else world.nginx)
    if pipeline.nginx.mode == "reload":
        return _with_reload(pipeline, release.colour, world, lenient=back or pipeline.nginx.unproven == "accept")
    prove = ProveLive(release.colour, upstreams_of(pipeline)[release.colour])
    return _with_flag(pipeline, release.colour, world.nginx, prove)


def check_running(pipeline: Pipeline, release: Release, servers: Mapping[str, ServerState]) -> None:
    """The release runs on every server. Raises StateError."""
    for server in pipeline.servers:
        found = list(servers[str(server)].of(pipeline.identity, release.colour))
        if not any(container.running and container.version == release.version for container in found):
            there = ", ".join(f"{c.version} ({'running' if c.running else 'stopped'})" for c in found) or "nothing"
            raise StateError(
                f"{server}: {release.version} does not run as {release.colour}; found {there}",
                hint="run the stage deploy-colour of this build first",
            )


def _with_flag(pipeline: Pipeline, colour: Colour, nginx: NginxState, prove: ProveLive) -> Plan:
    """The site file first when it has to change, which reloads NGINX once but moves no traffic."""
    strayed = bool(apart(nginx))
    change = site_change(pipeline, colour, nginx, before=colour if strayed else None)
    flag: list[Step] = []
    back: list[Step] = []
    if nginx.live is not colour or strayed:
        flag.append(SetFlag(colour))
        # When hosts serve two colours, there is no one colour to go back to, and that of the first may be dead.
        if nginx.live is not None and not strayed:
            back.append(SetFlag(nginx.live))
    # A colour that NGINX cannot reach never gets a request: the proof through NGINX comes when it has them all.
    reach = (reach_phase(pipeline, colour, upstreams_of(pipeline)[colour], lenient=True),) if flag else ()
    switch = Phase("switch", {NGINX: (*flag, prove)})
    return Plan((*reach, *change.install, switch), (*_undo(back), *change.put_back), change.note)


def reach_phase(pipeline: Pipeline, colour: Colour, upstreams: tuple[str, ...], *, lenient: bool) -> Phase:
    """Every NGINX host asks these servers, before they get requests."""
    step = ProveReachable(colour, upstreams, lenient)
    return Phase("reach", dict.fromkeys(nginx_hosts(pipeline), (step,)), changes=False)


def _with_reload(pipeline: Pipeline, colour: Colour, world: World, *, lenient: bool) -> Plan:
    """Nothing that NGINX answers tells the two prepared files apart, so most of the proof is had before the reload."""
    upstreams = upstreams_of(pipeline)[colour]
    prove = ProveLive(colour, upstreams, lenient)
    reach = reach_phase(pipeline, colour, upstreams, lenient=lenient)
    note = "warning: not proven:\n" + in_lines(world.nginx.doubts) if world.nginx.doubts else ""
    if world.live is colour:
        return Plan((reach, Phase("switch", {NGINX: (prove,)})), note=note)
    text, seen = world.prepared[colour], checksum(world.nginx.site_text)
    install = InstallSite(site_path(pipeline), text, None, colour, pipeline.cleanup.drain, seen=seen)
    back = put_site_back(pipeline, world.nginx, colour.other, text)
    return Plan((reach, Phase("switch", {NGINX: (install, prove)})), _undo([back]), note)


def _undo(steps: list[Step]) -> tuple[Phase, ...]:
    return (Phase("switch back", {NGINX: tuple(steps)}),) if steps else ()
