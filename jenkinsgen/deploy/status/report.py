"""How a deployment stands: what was gathered, set beside the spec and the journal. Pure."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING

from jenkinsgen.deploy.drift import Difference, drift, edited_by_hand, hosts_with_another_site
from jenkinsgen.deploy.health import Ended
from jenkinsgen.deploy.observed import DIGEST
from jenkinsgen.deploy.plan.deploy import runs_everywhere
from jenkinsgen.deploy.steps import NGINX
from jenkinsgen.deploy.strategies.canary.owner import SeenCanary
from jenkinsgen.nginx.rolling import batch_that_is_out
from jenkinsgen.nginx.site import site_path
from jenkinsgen.spec.colour import Colour

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from jenkinsgen.deploy.health import Answer
    from jenkinsgen.deploy.observed import Container, Inspected, ServerState
    from jenkinsgen.deploy.state.holding import Holding
    from jenkinsgen.deploy.state.journal import Journal
    from jenkinsgen.errors import JenkinsgenError
    from jenkinsgen.nginx.canary import Gate
    from jenkinsgen.nginx.state import NginxState
    from jenkinsgen.spec.pipeline import Pipeline


@dataclass(frozen=True, slots=True)
class Seen:
    """All that was gathered; what could not be looked at has its error instead."""

    nginx: NginxState | JenkinsgenError
    servers: Mapping[str, ServerState | JenkinsgenError]
    inspected: Mapping[str, Inspected]
    """The containers as their engines describe them, by id."""
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
    not_seen: Mapping[str, JenkinsgenError] = field(default_factory=dict)
    """The errors of those of `nginx.others` that could not be looked at, by name."""

    @property
    def state(self) -> NginxState | None:
        """The state of NGINX, if it could be looked at."""
        return None if isinstance(self.nginx, Exception) else self.nginx

    @property
    def canary(self) -> SeenCanary | None:
        """The canary that has clients."""
        if self.gate is None or self.state is None or self.state.live is not self.gate.live:
            return None
        return SeenCanary(self.gate, self.journal.canary, self.now or 0)

    @property
    def out(self) -> tuple[str, ...]:
        """The upstreams to which NGINX sends nothing, because a roll-out replaces what is there."""
        return batch_that_is_out(self.state, self.batch_out) if self.state else ()

    @property
    def answering(self) -> dict[str, ServerState]:
        """The servers that could be looked at."""
        return {name: each for name, each in self.servers.items() if not isinstance(each, Exception)}

    @property
    def trouble(self) -> JenkinsgenError | None:
        """The first thing that could not be looked at."""
        for each in (self.folder, self.nginx, *self.not_seen.values(), *self.servers.values()):
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
    """Why it was rolled back: only `--to` goes to it again. Empty when it was not."""


@dataclass(frozen=True, slots=True)
class Status:
    """The content of `status`."""

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
    edited = edited_by_hand(pipeline, nginx)
    if edited:
        return f"{edited}; no build begins until that is settled (jenkinsgen plan shows it)"
    differs = NGINX in hosts_with_another_site(pipeline, nginx)
    return "not what the spec would make it" if differs else "as the spec would make it"


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
    # The body is left out: an application's answer may be long, and is its own.
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
