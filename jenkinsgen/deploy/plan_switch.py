"""What switch-nginx will do: one switch, proven, or taken back."""

from __future__ import annotations

from typing import TYPE_CHECKING

from jenkinsgen.deploy.plan_build import check_nginx_ready, setup_command
from jenkinsgen.deploy.steps import NGINX, InstallSite, Phase, Plan, ProveLive, RemoveSite, SetFlag, Step
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


def plan_switch(
    pipeline: Pipeline,
    release: Release,
    world: World,
) -> Plan:
    """Move all traffic to the release.

    Raises StateError when the release does not run on every server, or NGINX cannot be changed.
    """
    _check_running(pipeline, release, world.servers)
    check_nginx_ready(pipeline, world.nginx)
    prove = ProveLive(release.colour, upstreams_of(pipeline)[release.colour])
    if pipeline.nginx.mode == "reload":
        return _with_reload(pipeline, release.colour, world, prove)
    return _with_flag(pipeline, release.colour, world.nginx, prove)


def _check_running(pipeline: Pipeline, release: Release, servers: Mapping[str, ServerState]) -> None:
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
    site = wanted_site(pipeline, nginx)
    install = nginx.site_text != site.text and nginx.root != "no"
    if not install and nginx.upstreams is not None and nginx.upstreams[colour] != upstreams_of(pipeline)[colour]:
        raise StateError(
            f"{pipeline.nginx.host}: the servers of {colour} in {site_path(pipeline)} are not those of the spec, "
            f"and {nginx.user} may not change that file (no sudo)",
            hint=f"an administrator runs: {setup_command(pipeline)}",
        )
    steps: list[Step] = []
    undo: list[Step] = []
    if nginx.live is not colour:
        steps.append(SetFlag(colour))
        if nginx.live is not None:
            undo.append(SetFlag(nginx.live))
    if install:
        before = nginx.live or colour
        steps.insert(0, InstallSite(site_path(pipeline), site.text, site.digest, before, pipeline.cleanup.drain))
        undo.append(_put_back(pipeline, nginx, before))
    note = "" if install or nginx.site_text == site.text else _outdated(pipeline, nginx)
    return Plan((Phase("switch", {NGINX: (*steps, prove)}),), _undo(undo), note)


def _outdated(pipeline: Pipeline, nginx: NginxState) -> str:
    return (
        f"warning: {site_path(pipeline)} is not what the spec would make it, and {nginx.user} may not change it; "
        f"an administrator runs: {setup_command(pipeline)}"
    )


def _put_back(pipeline: Pipeline, nginx: NginxState, colour: Colour) -> InstallSite | RemoveSite:
    path = site_path(pipeline)
    if nginx.site_text is None:
        return RemoveSite(path)
    digest = nginx.serving.digest if nginx.serving else None
    # Nobody waits for old workers while something is taken back: Jenkins gives a stage 20 s after SIGTERM.
    return InstallSite(path, nginx.site_text, digest, colour, 0.0)


def _with_reload(pipeline: Pipeline, colour: Colour, world: World, prove: ProveLive) -> Plan:
    if world.live is colour:
        return Plan((Phase("switch", {NGINX: (prove,)}),))
    install = InstallSite(site_path(pipeline), world.prepared[colour], None, colour, pipeline.cleanup.drain)
    back = _put_back(pipeline, world.nginx, colour.other)
    return Plan((Phase("switch", {NGINX: (install, prove)}),), _undo([back]))


def _undo(steps: list[Step]) -> tuple[Phase, ...]:
    return (Phase("switch back", {NGINX: tuple(steps)}),) if steps else ()
