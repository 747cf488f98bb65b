"""Up, down, and what is there."""

from __future__ import annotations

import fcntl
import os
import secrets
import shutil
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from typing import TYPE_CHECKING

from jenkinsgen.errors import CommandFailed, StateError
from jenkinsgen.parallel import in_parallel
from jenkinsgen.sandbox import engine, files, health, hosts, image, jenkins_host, jenkins_image, network, shop, swarm
from jenkinsgen.sandbox.docker_cli import lines
from jenkinsgen.sandbox.model import Host, Sandbox, from_json, lay_out
from jenkinsgen.sandbox.place import Place, here
from jenkinsgen.sandbox.world import World

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from jenkinsgen.report import Report

DEFAULT_SERVERS = 2
DOWN_HINT = "`jenkinsgen sandbox down` removes it"


@dataclass(frozen=True)
class HostStatus:
    """The state of one host. `engine` is a version, or None where none answers or none belongs."""

    name: str
    role: str
    address: str
    state: str
    engine: str | None
    ssh: str


def up(
    servers: int | None,
    report: Report,
    *,
    release: str | None = None,
    app_engine: str | None = None,
    jenkins: bool = False,
    as_swarm: bool = False,
) -> Sandbox:
    """Bring the sandbox up with so many app servers, or as it was (new: 2), and return when all of it works.

    `release` is Debian's on every host, `app_engine` what runs the containers of the app servers, in the words of
    `World`; None is as it was (new: bookworm, docker). What already runs stays as it is. With `jenkins`, a Jenkins
    server too: where its image cannot be had, ToolMissing is raised before anything is made or stopped. `as_swarm`
    makes the app servers the nodes of one swarm.

    Raises StateError when the sandbox that is there is another one,
    ToolMissing when this machine cannot have a Docker engine, HostError when a host does not become ready.
    """
    place = here()
    with _alone(place, report):
        engine.ensure(place.engine_folder, report)
        jenkins_name = jenkins_image.ensure(report) if jenkins else None
        sandbox = load()
        was = sandbox.world if sandbox else World()
        world = World(release or was.release, app_engine or was.engine)
        if sandbox is not None:
            _check_fits(sandbox, servers, world)
        if as_swarm and world.engine != "docker":
            raise StateError(f"{world}: {world.engine} has no swarm", hint="leave --swarm or --engine out")
        image_name = image.ensure(report, world)
        if sandbox is not None and sandbox.image != image_name:
            raise StateError("the sandbox that is there was made by another version of jenkinsgen", hint=DOWN_HINT)
        if sandbox is None or not _resume(place, sandbox, report):
            count = len(sandbox.servers) if sandbox else servers or DEFAULT_SERVERS
            sandbox = _create(place, count, world, image_name, report)
        with report.timed("every host answers"):
            health.await_ready(place, sandbox)
        if not place.record.exists():
            files.put(place.record, sandbox.to_json(), files.PRIVATE)
        if as_swarm:
            with report.timed("the app servers are one swarm"):
                swarm.join(place, sandbox)
        if jenkins_name is not None:
            with report.timed("Jenkins answers"):
                jenkins_host.start(place, sandbox, jenkins_name)
        return sandbox


def down(report: Report, *, everything: bool = False) -> None:
    """Remove the sandbox. With `everything`, also the cached image, and the engine if it is ours.

    Where nothing is up there is nothing to do. An image or engine that something else uses is kept.
    """
    place = here()
    with _alone(place, report):
        if not engine.answers() and (place.folder.exists() or (everything and place.engine_folder.exists())):
            # After a reboot what is to be removed is still there, but needs an engine to be seen.
            engine.ensure(place.engine_folder, report)
        if engine.answers():
            _remove(place, report)
        if everything:
            _remove_cached(place, report)


def load() -> Sandbox | None:
    """The sandbox that `up` made, whether or not it still runs; None when there is none."""
    record = here().record
    if not record.exists():
        return None
    try:
        return from_json(record.read_text())
    except (ValueError, KeyError, TypeError) as error:
        raise StateError(f"{record} was written by another version of jenkinsgen", hint=DOWN_HINT) from error


def status(sandbox: Sandbox) -> list[HostStatus]:
    """Look at every host of the sandbox now; Jenkins is among them where `up` was asked for it."""
    place = here()
    reachable = engine.answers()
    states = hosts.states(place) if reachable else {}

    def look(host: Host) -> HostStatus:
        state = states.get(place.container(host.name), "gone" if reachable else "unknown")
        version = None
        if host.role == "app" and state == "running":
            with suppress(CommandFailed):
                version = health.engine_version(place, host)
        ssh = f"ssh -F {sandbox.ssh_config} {host.name}"
        return HostStatus(host.name, host.role, host.address, state, version, ssh)

    found = list(in_parallel(look, hosts.by_name(sandbox.hosts)).values())
    if jenkins_host.settings_file(place).exists():
        server = jenkins_host.host(sandbox)
        state = states.get(place.container(server.name), "gone" if reachable else "unknown")
        found.append(HostStatus(server.name, server.role, jenkins_host.url(sandbox), state, None, ""))
    return found


def jenkins_settings() -> Path | None:
    """The file with url, user, token and password of the sandbox's Jenkins; None where there is none."""
    path = jenkins_host.settings_file(here())
    return path if path.exists() else None


def _check_fits(sandbox: Sandbox, servers: int | None, world: World) -> None:
    if servers is not None and servers != len(sandbox.servers):
        raise StateError(
            f"the sandbox that is there has {len(sandbox.servers)} app servers, not {servers}", hint=DOWN_HINT
        )
    if world != sandbox.world:
        raise StateError(f"the sandbox that is there is {sandbox.world}, not {world}", hint=DOWN_HINT)


def _resume(place: Place, sandbox: Sandbox, report: Report) -> bool:
    """Start what is stopped; False when a container is gone, so that the sandbox must be made anew."""
    states = hosts.states(place)
    names = [place.container(host.name) for host in sandbox.hosts]
    if gone := [name for name in names if name not in states]:
        report.line(f"{', '.join(gone)} gone: the sandbox is made anew")
        return False
    if asleep := {name: states[name] for name in names if states[name] != "running"}:
        with report.timed(f"started {', '.join(asleep)}"):
            hosts.wake(asleep)
    return True


def _create(place: Place, servers: int, world: World, image_name: str, report: Report) -> Sandbox:
    _remove(place, report)  # what an interrupted `up` left
    place.folder.mkdir(mode=0o700, parents=True)
    subnet = network.choose(network.taken())
    sandbox = lay_out(
        prefix=place.prefix,
        folder=place.folder,
        world=world,
        image=image_name,
        subnet=subnet,
        servers=servers,
        password=secrets.token_urlsafe(16),
    )
    report.title(f"start {servers} app servers, NGINX and a registry of {world} in {subnet}")
    files.write(sandbox, place.folder)
    shop.make_repository(sandbox)
    with report.timed("containers started"):
        hosts.create(place, sandbox)
    hosts.trust_registry(place, sandbox)
    return sandbox


def _remove(place: Place, report: Report) -> None:
    """Remove all of this place that is there: complete, half-finished or without its folder."""
    if not place.folder.exists() and not hosts.exist(place):
        return
    with report.timed("old containers, network and files removed"):
        hosts.remove(place)
        for name in image.names()[:1]:
            hosts.clean_machine(place, name)
        if place.folder.exists():
            shutil.rmtree(place.folder)


def _remove_cached(place: Place, report: Report) -> None:
    """Remove the image and our engine, unless something else needs them."""
    if engine.answers():
        if others := hosts.names_of_all_places():
            report.line(f"image and engine stay: another sandbox uses them ({', '.join(others)})")
            return
        image.remove(also=jenkins_image.REPOSITORY)
        report.line("base image removed")
    if engine.is_ours(place.engine_folder) and (running := lines("ps", "--format", "{{.Names}}")):
        report.line(f"the engine stays: it runs {', '.join(running)}")
    elif place.engine_folder.exists():
        with report.timed("Docker engine stopped and its data removed"):
            engine.stop(place.engine_folder)


@contextmanager
def _alone(place: Place, report: Report) -> Iterator[None]:
    """Only one `up` or `down` at a time on this machine; the kernel ends the lock with the process."""
    place.root.mkdir(mode=0o700, parents=True, exist_ok=True)
    folder = os.open(place.root, os.O_RDONLY)
    try:
        try:
            fcntl.flock(folder, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            report.line("waiting for another `jenkinsgen sandbox` to end")
            fcntl.flock(folder, fcntl.LOCK_EX)
        yield
    finally:
        os.close(folder)
