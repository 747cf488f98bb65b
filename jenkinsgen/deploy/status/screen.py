"""A status on one screen, and as data for programs."""

from __future__ import annotations

from dataclasses import asdict
from typing import TYPE_CHECKING, Any

from jenkinsgen.deploy.screen import INDENT, columns, folding, lasting, moment, short_digest
from jenkinsgen.deploy.state.holding import holding_data
from jenkinsgen.deploy.strategies.canary.owner import canary_data

if TYPE_CHECKING:
    from collections.abc import Iterator

    from jenkinsgen.deploy.status.report import OlderRelease, Row, Status
    from jenkinsgen.nginx.state import NginxState

# So many older releases are on the screen; --json has all.
SHOWN_RELEASES = 4
_SHOWN_IMAGES = 5


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
    else:
        yield f"  traffic    {_traffic(nginx)}"
        for name, each in nginx.others.items():
            yield f"  {name}: {_traffic(each)}"
    for error in status.seen.not_seen.values():
        yield f"  unknown    {error.message}"
    if not isinstance(nginx, Exception):
        yield f"  site file  {status.site_path}: {status.site}"


def _traffic(nginx: NginxState) -> str:
    return f"goes to {nginx.live or 'no colour of this service yet'}; NGINX {nginx.version}"


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
    missing = [*nginx, *seen.not_seen, *(name for name in seen.servers if name not in seen.answering)]
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
            "others": {name: each.live for name, each in nginx.others.items()} if nginx else {},
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
