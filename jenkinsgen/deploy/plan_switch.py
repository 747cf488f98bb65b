"""What switch-nginx will do: one switch, proven, or taken back."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from jenkinsgen.deploy.nginx_hosts import apart, nginx_hosts, states_of
from jenkinsgen.deploy.plan_build import check_nginx_ready, in_lines, setup_command
from jenkinsgen.deploy.steps import (
    NGINX,
    InstallSite,
    Phase,
    Plan,
    ProveLive,
    ProveReachable,
    RemoveSite,
    SetFlag,
    Step,
)
from jenkinsgen.errors import StateError
from jenkinsgen.nginx.site import render_site, site_path, upstreams_of, wanted_upstreams

if TYPE_CHECKING:
    from collections.abc import Mapping

    from jenkinsgen.deploy.observed import ServerState
    from jenkinsgen.deploy.release import Release
    from jenkinsgen.deploy.world import World
    from jenkinsgen.nginx.site import Site
    from jenkinsgen.nginx.state import NginxState
    from jenkinsgen.spec.colour import Colour
    from jenkinsgen.spec.pipeline import Pipeline
    from jenkinsgen.spec.values import HostAddress


def plan_switch(
    pipeline: Pipeline,
    release: Release,
    world: World,
    *,
    back: bool = False,
) -> Plan:
    """Move all traffic to the release; `back` when that is the way back, which no doubt about a proof may stop.

    Raises StateError when the release does not run on every server, or NGINX cannot be changed; Unproven when it could
    not be proven.
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


def wanted_site(pipeline: Pipeline, nginx: NginxState) -> Site:
    """The site file that the next switch wants to find (mode flag)."""
    return render_site(pipeline, wanted_upstreams(pipeline, nginx.upstreams, nginx.live))


def _with_flag(pipeline: Pipeline, colour: Colour, nginx: NginxState, prove: ProveLive) -> Plan:
    """The site file first when it has to change, which reloads NGINX once but moves no traffic."""
    strayed = bool(apart(nginx))
    change = site_change(pipeline, colour, nginx, before=colour if strayed else None)
    flag: list[Step] = []
    back: list[Step] = []
    if nginx.live is not colour or strayed:
        flag.append(SetFlag(colour))
        # Where hosts serve two colours there is no one colour to go back to, and that of the first may be dead.
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


@dataclass(frozen=True, slots=True)
class SiteChange:
    """What makes the site file that of the spec on every NGINX host, and what puts the old one back; empty where all
    have it.
    """

    install: tuple[Phase, ...] = ()
    put_back: tuple[Phase, ...] = ()
    note: str = ""


def site_change(pipeline: Pipeline, colour: Colour, nginx: NginxState, *, before: Colour | None = None) -> SiteChange:
    """Before clients get `colour` (mode flag); meanwhile they get `before`, the live one if that is not said.

    Raises StateError when NGINX would not reach its servers.
    """
    site = wanted_site(pipeline, nginx)
    before = before or nginx.live or colour
    install: dict[str, tuple[Step, ...]] = {}
    put_back: dict[str, tuple[Step, ...]] = {}
    notes: list[str] = []
    hosts = nginx_hosts(pipeline)
    for name, each in states_of(nginx).items():
        if each.site_text == site.text:
            continue
        if each.root == "no":
            notes.append(_outdated(pipeline, hosts[name], each, colour))
            continue
        install[name] = (InstallSite(site_path(pipeline), site.text, site.digest, before, pipeline.cleanup.drain),)
        put_back[name] = (_put_back(pipeline, each, before),)
    if not install:
        return SiteChange(note="\n".join(notes))
    return SiteChange(
        _in_order("site file", install, nginx),
        _in_order("put the site file back", put_back, nginx)[::-1],
        "\n".join(notes),
    )


def _in_order(title: str, steps: dict[str, tuple[Step, ...]], nginx: NginxState) -> tuple[Phase, ...]:
    """On all hosts at the same time; but the very first file comes to the first host before the others, and goes last.

    Whenever such a build is killed, no other host serves a colour of which the first one knows nothing.
    """
    if nginx.live is not None or NGINX not in steps or len(steps) == 1:
        return (Phase(title, steps),)
    others = {name: each for name, each in steps.items() if name != NGINX}
    return Phase(title, {NGINX: steps[NGINX]}), Phase(f"{title} on the others", others)


def _outdated(pipeline: Pipeline, host: HostAddress, nginx: NginxState, colour: Colour) -> str:
    """A warning that the file stays as it is. Raises StateError when NGINX would not reach the colour by it."""
    if nginx.upstreams is not None and nginx.upstreams[colour] != upstreams_of(pipeline)[colour]:
        raise StateError(
            f"{host}: the servers of {colour} in {site_path(pipeline)} are not those of the spec, "
            f"and {nginx.user} may not change that file (no sudo)",
            hint=f"an administrator runs: {setup_command(host)}",
        )
    return (
        f"warning: {host}: {site_path(pipeline)} is not what the spec would make it, and {nginx.user} may not change "
        f"it; an administrator runs: {setup_command(host)}"
    )


def _put_back(pipeline: Pipeline, nginx: NginxState, colour: Colour) -> InstallSite | RemoveSite:
    path = site_path(pipeline)
    if nginx.site_text is None:
        return RemoveSite(path)
    digest = nginx.serving.digest if nginx.serving else None
    # Nobody waits for old workers while something is taken back: Jenkins gives a stage 20 s after SIGTERM.
    return InstallSite(path, nginx.site_text, digest, colour, 0.0)


def _with_reload(pipeline: Pipeline, colour: Colour, world: World, *, lenient: bool) -> Plan:
    """Nothing that NGINX answers tells the two prepared files apart, so most of the proof is had before the reload."""
    upstreams = upstreams_of(pipeline)[colour]
    prove = ProveLive(colour, upstreams, lenient)
    reach = reach_phase(pipeline, colour, upstreams, lenient=lenient)
    note = "warning: not proven:\n" + in_lines(world.nginx.doubts) if world.nginx.doubts else ""
    if world.live is colour:
        return Plan((reach, Phase("switch", {NGINX: (prove,)})), note=note)
    install = InstallSite(site_path(pipeline), world.prepared[colour], None, colour, pipeline.cleanup.drain)
    back = _put_back(pipeline, world.nginx, colour.other)
    return Plan((reach, Phase("switch", {NGINX: (install, prove)})), _undo([back]), note)


def _undo(steps: list[Step]) -> tuple[Phase, ...]:
    return (Phase("switch back", {NGINX: tuple(steps)}),) if steps else ()
