"""The site file (mode flag): what it should be, what changes it, and whose it has to be."""

from __future__ import annotations

from dataclasses import dataclass
from hashlib import sha256
from typing import TYPE_CHECKING

from jenkinsgen.deploy.nginx_hosts import nginx_hosts, states_of
from jenkinsgen.deploy.steps import NGINX, InstallSite, Phase, RemoveSite, Step
from jenkinsgen.errors import StateError
from jenkinsgen.nginx.layout import read_servers
from jenkinsgen.nginx.mark import edits
from jenkinsgen.nginx.place import obstacles, obstacles_to_prepared, predecessors
from jenkinsgen.nginx.rolling import batch_size_in
from jenkinsgen.nginx.site import render_site, site_path, upstreams_of, wanted_upstreams

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from jenkinsgen.nginx.place import Obstacle
    from jenkinsgen.nginx.site import Site
    from jenkinsgen.nginx.state import NginxState
    from jenkinsgen.spec.colour import Colour
    from jenkinsgen.spec.pipeline import Pipeline
    from jenkinsgen.spec.values import HostAddress

_SHOWN_LINES, _SHOWN_COLUMNS = 40, 160


def setup_command(host: HostAddress, *options: str) -> str:
    """The command for an administrator, where the deploying user has no sudo on the NGINX host."""
    return f"jenkinsgen nginx setup {' '.join(['SPEC', *options])} | ssh root@{host.name} sh"


def wanted_site(pipeline: Pipeline, nginx: NginxState) -> Site:
    """The site file that the next switch wants to find."""
    return render_site(pipeline, wanted_upstreams(pipeline, nginx.upstreams, nginx.live))


def check_place(pipeline: Pipeline, host: HostAddress, nginx: NginxState) -> None:
    """The place of the site file is ours to write, and what is written there will be served. Raises StateError."""
    path, service = site_path(pipeline), pipeline.service.name
    if pipeline.nginx.mode == "flag" and nginx.site_text is not None and nginx.owner != service:
        whose = f"that of the service {nginx.owner}" if nginx.owner else "not one that jenkinsgen wrote"
        raise StateError(
            f"{host}: {path} is there, and is {whose}; it stays as it is",
            hint="name another place in the spec (nginx.site); or, if nobody needs that file, move it away",
        )
    for obstacle in obstacles_to(pipeline, nginx):
        raise StateError(f"{host}: {obstacle.what}", hint=obstacle.remedy)


def obstacles_to(pipeline: Pipeline, nginx: NginxState) -> Iterator[Obstacle]:
    """Why NGINX would not serve by the site file that the first switch puts there, or take a name away by it."""
    if nginx.site_text is not None or nginx.layout is None:
        return
    path = site_path(pipeline)
    if pipeline.nginx.mode == "reload":
        for text in nginx.prepared:
            yield from obstacles_to_prepared(nginx.layout, path, read_servers(text, path))
        return
    servers = read_servers(wanted_site(pipeline, nginx).text, path)
    yield from obstacles(nginx.layout, path, servers, endpoints_of(pipeline), nginx.address)


def endpoints_of(pipeline: Pipeline) -> list[str]:
    """The `address:port` of both colours, on every server."""
    return [each for servers in upstreams_of(pipeline).values() for each in servers]


def taken_over(pipeline: Pipeline, nginx: NginxState) -> tuple[str, ...]:
    """The place of the name until now, with nothing but the servers of this service behind it."""
    if nginx.site_text is not None or nginx.layout is None:
        return ()
    path = site_path(pipeline)
    servers = read_servers(wanted_site(pipeline, nginx).text, path)
    return predecessors(nginx.layout, path, servers, endpoints_of(pipeline))


def check_unedited(pipeline: Pipeline, nginx: NginxState) -> None:
    """Raises StateError when the site file was edited on a host, with the edit.

    Only a build asks: a rollback needs nothing but the flag.
    """
    hosts = nginx_hosts(pipeline)
    for name, each in states_of(nginx).items():
        if pipeline.nginx.mode == "flag" and each.edited:
            raise _edited(pipeline, hosts[name], each, "a deployment may have to write it anew")


def _edited(pipeline: Pipeline, host: HostAddress, nginx: NginxState, why: str) -> StateError:
    return StateError(
        f"{host}: {site_path(pipeline)} was edited by hand, and {why}; against what the spec would make it:\n"
        + "\n".join(f"  {line}" for line in _shown(edits_of(pipeline, nginx))),
        hint="undo that edit; or put into the spec what it is for (nginx.certificate, nginx.proxy), then let the file "
        f"be written anew, which keeps the edited one beside it: {setup_command(host, '--take-back')}. Until then "
        "rollback and canary abort go on as before: they need the flag alone (docs/nginx.md)",
    )


def edits_of(pipeline: Pipeline, nginx: NginxState) -> list[str]:
    """The lines of the installed file that the spec would not make (+), and those that it lacks (-)."""
    return edits(wanted_site(pipeline, nginx).text, nginx.site_text or "")


def _shown(lines: Sequence[str]) -> list[str]:
    """A file may be long, and a line may hold what a terminal takes for a command."""
    plain = ["".join(each if each.isprintable() else "?" for each in line)[:_SHOWN_COLUMNS] for line in lines]
    more = len(plain) - _SHOWN_LINES
    return [*plain[:_SHOWN_LINES], *([f"and {more} lines more"] if more > 0 else [])]


@dataclass(frozen=True, slots=True)
class SiteChange:
    """The phases that install the spec's site file on every NGINX host, and those that put the old one back; empty
    where all hosts have it.
    """

    install: tuple[Phase, ...] = ()
    put_back: tuple[Phase, ...] = ()
    note: str = ""


def site_change(pipeline: Pipeline, colour: Colour, nginx: NginxState, *, before: Colour | None = None) -> SiteChange:
    """The change before clients get `colour` (mode flag); meanwhile they get `before`, by default the live one.

    A file that may not be changed, or that was edited, stays as it is. Raises StateError when NGINX would not reach
    the servers of `colour` by it.
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
        if each.edited:
            notes.append(_kept(pipeline, hosts[name], each, colour))
            continue
        if each.root == "no":
            notes.append(_outdated(pipeline, hosts[name], each, colour))
            continue
        until_now = taken_over(pipeline, each)
        if until_now:
            notes.append(
                f"{hosts[name]}: {', '.join(until_now)} had this name, with the same servers behind it; NGINX ignores "
                "that from now on, so it can go once this release is live; what else its file has stays"
            )
        install[name] = (_install(pipeline, site, each, before, takes_over=bool(until_now)),)
        put_back[name] = (put_site_back(pipeline, each, before, site.text),)
    if not install:
        return SiteChange(note="\n".join(notes))
    return SiteChange(
        _in_order("site file", install, nginx),
        _in_order("put the site file back", put_back, nginx)[::-1],
        "\n".join(notes),
    )


def _install(pipeline: Pipeline, site: Site, nginx: NginxState, before: Colour, *, takes_over: bool) -> InstallSite:
    seen, path = checksum(nginx.site_text), site_path(pipeline)
    return InstallSite(path, site.text, site.digest, before, pipeline.cleanup.drain, seen=seen, takes_over=takes_over)


def checksum(text: str | None) -> str:
    """The checksum of a file as it was seen; `-` for none."""
    return "-" if text is None else sha256(text.encode()).hexdigest()


def _in_order(title: str, steps: dict[str, tuple[Step, ...]], nginx: NginxState) -> tuple[Phase, ...]:
    """The phases for all hosts at one time; but the first host gets the very first file before the others, and loses
    it last.

    So no other host serves a colour that the first one does not know, whenever such a build is killed.
    """
    if nginx.live is not None or NGINX not in steps or len(steps) == 1:
        return (Phase(title, steps),)
    others = {name: each for name, each in steps.items() if name != NGINX}
    return Phase(title, {NGINX: steps[NGINX]}), Phase(f"{title} on the others", others)


def _kept(pipeline: Pipeline, host: HostAddress, nginx: NginxState, colour: Colour) -> str:
    """A warning that an edited file stays. Raises StateError when it does not do."""
    if not serves(pipeline, nginx, colour):
        raise _edited(pipeline, host, nginx, f"it does not have the servers that the spec has for {colour}")
    return f"warning: {host}: {site_path(pipeline)} was edited by hand, and stays as it is; the flag alone is changed"


def serves(pipeline: Pipeline, nginx: NginxState, colour: Colour) -> bool:
    """Does the installed file have what `colour` needs: its servers, in the batches of the spec?"""
    batches = batch_size_in(wanted_site(pipeline, nginx).text)
    there = nginx.upstreams is not None and nginx.upstreams[colour] == upstreams_of(pipeline)[colour]
    return there and batches in (None, batch_size_in(nginx.site_text or ""))


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


def put_site_back(pipeline: Pipeline, nginx: NginxState, colour: Colour, written: str) -> InstallSite | RemoveSite:
    """The step that undoes the installation of `written`: the file that was found comes back."""
    path = site_path(pipeline)
    if nginx.site_text is None:
        return RemoveSite(path, checksum(written))
    digest = nginx.serving.digest if nginx.serving else None
    # Taking back does not wait for old workers: Jenkins gives a stage 20 s after SIGTERM.
    return InstallSite(path, nginx.site_text, digest, colour, 0.0, seen=checksum(written))
