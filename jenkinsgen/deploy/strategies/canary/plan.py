"""The plan of a canary's step, and the one that takes a canary back."""

from __future__ import annotations

from typing import TYPE_CHECKING

from jenkinsgen.deploy.engines.registry import engine_plan
from jenkinsgen.deploy.nginx_hosts import nginx_hosts, states_of
from jenkinsgen.deploy.observed import BUILD_URL
from jenkinsgen.deploy.plan.build import check_nginx_ready
from jenkinsgen.deploy.plan.site import setup_command, site_change
from jenkinsgen.deploy.plan.switch import check_running
from jenkinsgen.deploy.state.journal import release_of
from jenkinsgen.deploy.steps import (
    NGINX,
    Drain,
    EndCanary,
    Phase,
    Plan,
    ProveCanary,
    SetCanary,
)
from jenkinsgen.errors import StateError
from jenkinsgen.nginx.canary import Gate, percent_path
from jenkinsgen.nginx.site import site_path, upstreams_of

if TYPE_CHECKING:
    from jenkinsgen.deploy.observed import Container
    from jenkinsgen.deploy.release import Release
    from jenkinsgen.deploy.state.journal import Journal
    from jenkinsgen.deploy.world import World
    from jenkinsgen.spec.pipeline import Pipeline


def plan_canary(pipeline: Pipeline, release: Release, world: World, percent: int) -> Plan:
    """Give the release so many percent of the clients.

    Empty when nothing is live yet, or the release is: then there is no other release to share clients with. Raises
    StateError when the release does not run on every server, or NGINX cannot be changed.
    """
    live = world.live
    check_running(pipeline, release, world.servers)
    if live is None:
        return Plan(
            (), note="nothing is live yet, so there is nothing to compare with: the switch gives it all traffic"
        )
    if live is release.colour:
        return Plan((), note=f"{release.version} has all the traffic already")
    check_nginx_ready(pipeline, world.nginx)
    change = site_change(pipeline, release.colour, world.nginx)
    _check_site(pipeline, world, changed=frozenset(name for phase in change.install for name in phase.steps))
    prove = ProveCanary(release.colour, upstreams_of(pipeline)[release.colour])
    canary = Phase("canary", {NGINX: (prove, SetCanary(Gate(live, percent)))})
    undo = Phase("take the canary back", {NGINX: (EndCanary(),)})
    return Plan((*change.install, canary), (undo, *change.put_back), change.note)


def _check_site(pipeline: Pipeline, world: World, *, changed: frozenset[str]) -> None:
    """The site file of each host knows of canaries, or is among those that are `changed`. Raises StateError."""
    hosts = nginx_hosts(pipeline)
    for name, nginx in states_of(world.nginx).items():
        knows = f"location = {percent_path(pipeline)} {{" in (nginx.site_text or "")
        if not knows and name not in changed:
            why = "was edited by hand" if nginx.edited else f"may not be changed by {nginx.user} (no sudo)"
            options = ["--take-back"] if nginx.edited else []
            raise StateError(
                f"{hosts[name]}: {site_path(pipeline)} knows nothing of a canary, and stays as it is: it {why}",
                hint=f"an administrator runs: {setup_command(hosts[name], *options)} (docs/nginx.md)",
            )


def canary_release(pipeline: Pipeline, world: World) -> Release:
    """The release in the colour that is not live: the canary, or what could become one. Raises StateError."""
    live = world.live
    if live is None:
        raise StateError("NGINX serves no colour of this service, so nothing can be a canary", hint="deploy first")
    for server in pipeline.servers:
        for container in world.servers[str(server)].of(pipeline.identity, live.other):
            return release_of(container, pipeline, live.other)
    raise StateError(
        f"nothing runs as {live.other}, so there is no canary", hint="build-image and deploy-colour make one"
    )


def plan_removal(pipeline: Pipeline, world: World, build: str | None) -> Plan:
    """Remove a canary without clients, and what `build` started: first its connections, then its containers.

    `build` is None for a person, who means any build's canary. What was live once stays: a rollback needs it.
    """
    live = world.live
    if live is None:
        return Plan((), note="nothing is live, so there is no canary")
    leaving = {
        name: [each for each in server.of(pipeline.identity, live.other) if _leaves(each, world.journal, build)]
        for name, server in world.servers.items()
    }
    removals = engine_plan(pipeline).remove(leaving, live.other, lambda _: pipeline.cleanup.grace)
    if not removals:
        return Plan((), note=f"there is no canary to remove; {live} has all the traffic")
    drain = Drain(world.idle, live.other, pipeline.cleanup.drain)
    return Plan((Phase("drain", {NGINX: (drain,)}), Phase("remove", removals)))


def _leaves(container: Container, journal: Journal, build: str | None) -> bool:
    version, canary = container.version, journal.canary
    if version is None or journal.entry(version) is not None:
        return False
    if build is not None and container.labels.get(BUILD_URL) == build:
        return True
    return canary is not None and canary.release.version == version and build in (None, canary.build)
