"""One screen about a deployment. Pure: what was gathered goes in, lines or data for programs come out."""

from __future__ import annotations

from dataclasses import asdict, dataclass, replace
from typing import TYPE_CHECKING, Any

from jenkinsgen.deploy.canary import SeenCanary, canary_data
from jenkinsgen.deploy.drift import Difference, drift, site_differs
from jenkinsgen.deploy.health import Ended
from jenkinsgen.deploy.holding import Holding, holding_data
from jenkinsgen.deploy.observed import DIGEST
from jenkinsgen.deploy.plan_deploy import runs_everywhere
from jenkinsgen.deploy.screen import INDENT, columns, folding, lasting, moment, short_digest
from jenkinsgen.nginx.rolling import batch_that_is_out
from jenkinsgen.nginx.site import site_path
from jenkinsgen.spec.colour import Colour

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from jenkinsgen.deploy.health import Answer
    from jenkinsgen.deploy.journal import Journal
    from jenkinsgen.deploy.observed import Container, Inspected, ServerState
    from jenkinsgen.errors import JenkinsgenError
    from jenkinsgen.nginx.canary import Gate
    from jenkinsgen.nginx.state import NginxState
    from jenkinsgen.spec.pipeline import Pipeline

# So many older releases are on the screen; --json has all.
SHOWN_RELEASES = 4
_SHOWN_IMAGES = 5


@dataclass(frozen=True, slots=True)
class Seen:
    """All that was gathered; what could not be looked at has its error instead."""

    nginx: NginxState | JenkinsgenError
    servers: Mapping[str, ServerState | JenkinsgenError]
    inspected: Mapping[str, Inspected]
    """By the id of the container."""
    health: Mapping[str, Answer | JenkinsgenError]
    """One look at each running container of ours, by its id."""
    now: int | None
    """The clock of the NGINX host; None when nothing was ever deployed there, or it cannot be asked."""
    lease: Holding | None
    journal: Journal
    damage: str
    """Why the journal cannot be read."""
    folder: JenkinsgenError | None
    """Why the state folder cannot be read."""
    gate: Gate | None = None
    """The canary as it lies there."""
    batch_out: int = 0
    """The batch of servers that is out of the traffic; 0 for none."""

    @property
    def state(self) -> NginxState | None:
        """What NGINX was found to be, if it was."""
        return None if isinstance(self.nginx, Exception) else self.nginx

    @property
    def canary(self) -> SeenCanary | None:
        """The canary that has clients."""
        if self.gate is None or self.state is None or self.state.live is not self.gate.live:
            return None
        return SeenCanary(self.gate, self.journal.canary, self.now or 0)

    @property
    def out(self) -> tuple[str, ...]:
        """Where NGINX sends nothing, because a roll-out replaces what is there."""
        return batch_that_is_out(self.state, self.batch_out) if self.state else ()

    @property
    def answering(self) -> dict[str, ServerState]:
        """The servers that could be looked at."""
        return {name: each for name, each in self.servers.items() if not isinstance(each, Exception)}

    @property
    def trouble(self) -> JenkinsgenError | None:
        """The first thing that could not be looked at."""
        for each in (self.folder, self.nginx, *self.servers.values()):
            if isinstance(each, Exception):
                return each
        return None


@dataclass(frozen=True, slots=True)
class Row:
    """A colour on a server."""

    server: str
    colour: Colour
    live: bool
    state: str
    version: str
    digest: str
    since: int | None
    """Seconds since 1970, by the clock of the server."""
    restarts: int
    health: str


@dataclass(frozen=True, slots=True)
class OlderRelease:
    """A release that one can go back to."""

    version: str
    colour: Colour
    since: int
    build: str
    warm: bool
    """It still runs on all servers: going back is one file. Otherwise it is started anew from its image."""
    taken_back: str
    """Why somebody went back from it: only `--to` goes to it again. Empty when nobody did."""


@dataclass(frozen=True, slots=True)
class Status:
    """What is to be shown."""

    service: str
    nginx_host: str
    site: str
    site_path: str
    seen: Seen
    rows: tuple[Row, ...]
    older: tuple[OlderRelease, ...]
    drift: tuple[Difference, ...]


def status_of(pipeline: Pipeline, seen: Seen) -> Status:
    """Make sense of what was gathered."""
    return Status(
        service=pipeline.service.name,
        nginx_host=str(pipeline.nginx.host.name),
        site=_site(pipeline, seen.state),
        site_path=site_path(pipeline),
        seen=seen,
        rows=tuple(_rows(pipeline, seen)),
        older=tuple(_older(pipeline, seen)),
        drift=drift(pipeline, seen.state, seen.answering, seen.inspected, seen.journal),
    )


def _site(pipeline: Pipeline, nginx: NginxState | None) -> str:
    if nginx is None:
        return "unknown"
    if nginx.site_text is None:
        return "not there"
    if pipeline.nginx.mode == "reload":
        return "the team's own"
    return "not what the spec would make it" if site_differs(pipeline, nginx) else "as the spec would make it"


def _rows(pipeline: Pipeline, seen: Seen) -> Iterator[Row]:
    live = seen.state.live if seen.state else None
    for name, server in seen.answering.items():
        for colour in Colour:
            for container in server.of(pipeline.identity, colour):
                yield _row(name, colour, container, seen, live=colour is live)


def _row(name: str, colour: Colour, container: Container, seen: Seen, *, live: bool) -> Row:
    details = seen.inspected.get(container.id)
    return Row(
        server=name,
        colour=colour,
        live=live,
        state=_state(details) if details else "gone meanwhile",
        version=container.version or "unknown",
        digest=container.labels.get(DIGEST, ""),
        since=(details.since or None) if details else None,
        restarts=details.restarts if details else 0,
        health=_health(seen.health.get(container.id)),
    )


def _state(details: Inspected) -> str:
    if details.state != "exited":
        return details.state
    return str(Ended(details.exit_code, details.out_of_memory))


def _health(look: Answer | JenkinsgenError | None) -> str:
    if look is None:
        return ""
    if isinstance(look, Exception):
        return f"not looked at: {look.message}"
    # Not its body: what an application answers may be long, and is its own.
    return "healthy" if look.healthy else f"status {look.status}" if look.status else str(look)


def _older(pipeline: Pipeline, seen: Seen) -> Iterator[OlderRelease]:
    live, servers = seen.state.live if seen.state else None, seen.answering
    all_answer = all(str(server) in servers for server in pipeline.servers)
    for entry in seen.journal.entries:
        release = entry.release
        if release.version == seen.journal.live:
            continue
        # Whatever it was built for, it is warm where the traffic is not.
        idle = replace(release, colour=live.other) if live else release
        warm = live is not None and all_answer and runs_everywhere(servers, pipeline, idle)
        yield OlderRelease(release.version, release.colour, entry.since, release.build_url, warm, entry.taken_back)


def status_lines(status: Status) -> list[str]:
    """The screen, no line of it longer than 120 columns."""
    seen = status.seen
    clock = f", {moment(seen.now)} UTC" if seen.now is not None else ""
    lines = [f"{status.service} behind {status.nginx_host}{clock}", *_about_nginx(status), *_about_state(status)]
    lines = [*lines, "", *_table(status), "", *_about_drift(status), *_about_trouble(status)]
    return [part for line in lines for part in folding(line, INDENT)]


def _about_nginx(status: Status) -> Iterator[str]:
    nginx = status.seen.nginx
    if isinstance(nginx, Exception):
        yield f"  traffic    unknown: {nginx.message}"
        return
    yield f"  traffic    goes to {nginx.live or 'no colour of this service yet'}; NGINX {nginx.version}"
    yield f"  site file  {status.site_path}: {status.site}"


def _about_state(status: Status) -> Iterator[str]:
    seen = status.seen
    if seen.folder is not None:
        yield f"  lease      unknown: {seen.folder.message}"
        return
    if seen.now is None:
        yield "  journal    nothing was ever deployed"
        return
    yield f"  lease      {seen.lease.line if seen.lease else 'nobody holds it'}"
    if seen.lease and seen.lease.free_because:
        yield f"  free       yes: {seen.lease.free_because}"
    if seen.out:
        yield f"  out        {', '.join(seen.out)}: no traffic until a roll-out or a rollback comes to its end"
    if seen.canary:
        yield f"  canary     {seen.canary.line}"
    if seen.damage:
        yield f"  journal    damaged ({seen.damage}); the next build begins it anew"
        return
    yield from _about_releases(status, seen.now)


def _about_releases(status: Status, now: int) -> Iterator[str]:
    journal = status.seen.journal
    live = journal.entry(journal.live)
    if live is None:
        yield "  live       no release yet"
    else:
        age = lasting(now - live.since)
        yield f"  live       {live.release.version} since {moment(live.since)} ({age}), {live.release.build_url}"
    under_way = journal.under_way
    if under_way is not None:
        version = under_way.version or "no release yet"
        yield (
            f"  {_whose(status)}  {under_way.stage} of {version} since {moment(under_way.began)} "
            f"({lasting(now - under_way.began)}), {under_way.build}"
        )
    yield from _releases("back to   ", [each for each in status.older if not each.taken_back])
    yield from _releases("taken back", [each for each in status.older if each.taken_back])


def _releases(label: str, releases: list[OlderRelease]) -> Iterator[str]:
    shown = [f"{each.version}{' (warm)' if each.warm else ''}" for each in releases[:SHOWN_RELEASES]]
    more = len(releases) - len(shown)
    if shown:
        yield f"  {label} {', '.join(shown)}{f' and {more} older' if more else ''}"


def _whose(status: Status) -> str:
    """Is what the journal has as under way still being done?"""
    lease, under_way = status.seen.lease, status.seen.journal.under_way
    alive = lease is not None and lease.free_because is None and under_way is not None
    return "under way" if alive and lease and under_way and lease.holder.build == under_way.build else "left over"


def _table(status: Status) -> Iterator[str]:
    head = ("SERVER", "COLOUR", "STATE", "VERSION", "DIGEST", "SINCE (UTC)", "HEALTH")
    cells = {name: [_cells(row) for row in status.rows if row.server == name] for name in status.seen.servers}
    found = [cell for each in cells.values() for cell in each]
    lines = iter(columns([head, *found]) if found else [])
    if found:
        yield next(lines)
    for name, server in status.seen.servers.items():
        if isinstance(server, Exception):
            yield f"{name}  {server.message.rpartition(f'{name}: ')[2]}"
            continue
        yield from (next(lines) for _ in cells[name])
        if not cells[name]:
            yield f"{name}  no container of this service"
        if server.images:
            shown = [image.version for image in server.images[:_SHOWN_IMAGES]]
            more = len(server.images) - len(shown)
            yield f"{name}  images: {', '.join(shown)}{f' and {more} older' if more else ''}"


def _cells(row: Row) -> tuple[str, ...]:
    restarts = f", restarted {row.restarts} times" if row.restarts else ""
    return (
        row.server,
        f"{row.colour}{' *' if row.live else ''}",
        row.state + restarts,
        row.version,
        short_digest(row.digest),
        moment(row.since) if row.since else "",
        row.health,
    )


def _about_drift(status: Status) -> Iterator[str]:
    if status.seen.state is None or status.seen.state.live is None:
        yield "drift: nothing is known to be live that could be compared with the spec"
        return
    if not status.drift:
        yield "no drift: what could be looked at is as the spec says"
        return
    yield f"drift from the spec: {len(status.drift)}"
    yield from (f"  {difference}" for difference in status.drift)


def _about_trouble(status: Status) -> Iterator[str]:
    seen = status.seen
    if seen.trouble is None:
        return
    nginx = [status.nginx_host] if seen.folder or seen.state is None else []
    missing = [*nginx, *(name for name in seen.servers if name not in seen.answering)]
    yield f"could not be looked at: {', '.join(missing)}"
    if seen.trouble.hint:
        yield f"hint: {seen.trouble.hint}"


def status_data(status: Status) -> dict[str, Any]:
    """For programs; docs/status.md has the keys. Variables are named, their values never told."""
    seen = status.seen
    nginx, journal = seen.state, seen.journal
    live = journal.entry(journal.live)
    return {
        "service": status.service,
        "now": seen.now,
        "nginx": {
            "host": status.nginx_host,
            "error": _error(seen.nginx),
            "live": nginx.live if nginx else None,
            "version": nginx.version if nginx else None,
            "site_path": status.site_path,
            "site": status.site,
        },
        "out": list(seen.out),
        "canary": canary_data(seen.canary),
        "servers": [
            {
                "server": name,
                "error": _error(server),
                "containers": [
                    {key: value for key, value in asdict(row).items() if key != "server"}
                    for row in status.rows
                    if row.server == name
                ],
                "images": [] if isinstance(server, Exception) else [image.version for image in server.images],
            }
            for name, server in seen.servers.items()
        ],
        "state_error": _error(seen.folder),
        "lease": holding_data(seen.lease),
        "journal": {
            "damaged": bool(seen.damage),
            "live": {"version": live.release.version, "since": live.since, "build": live.release.build_url}
            if live
            else None,
            "under_way": asdict(journal.under_way) if journal.under_way else None,
            "older": [asdict(release) for release in status.older],
        },
        "drift": [asdict(difference) for difference in status.drift],
    }


def _error(found: object) -> str | None:
    return getattr(found, "message", str(found)) if isinstance(found, Exception) else None
