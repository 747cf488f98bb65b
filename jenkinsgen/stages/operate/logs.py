"""logs: what the containers of a colour wrote, on every server, and what they go on to write."""

from __future__ import annotations

from contextlib import ExitStack
from typing import TYPE_CHECKING

from jenkinsgen.deploy.container import container_name
from jenkinsgen.deploy.log_line import STREAMS, LogLine, Splitter, last_of_each
from jenkinsgen.edge import workspace
from jenkinsgen.edge.docker import containers as docker_containers
from jenkinsgen.errors import StateError
from jenkinsgen.parallel import in_parallel
from jenkinsgen.stages.context.reachable import Reachable, container_of, live_colour, open_nginx, open_reachable
from jenkinsgen.stages.operate.log_follower import Past, Wanted, follow_all, source_of

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from jenkinsgen.deploy.log_line import Stream
    from jenkinsgen.deploy.observed import Container
    from jenkinsgen.edge.docker.engine import Engine
    from jenkinsgen.report import Report
    from jenkinsgen.spec.colour import Colour
    from jenkinsgen.spec.pipeline import Pipeline
    from jenkinsgen.spec.service import Server


def logs(
    pipeline: Pipeline,
    report: Report,
    show: Callable[[LogLine], None],
    *,
    servers: Sequence[Server],
    colour: Colour | None,
    tail: int,
    follow: bool,
) -> None:
    """Show the last `tail` lines of each server, in the order of their times; with `follow` go on until interrupted.

    Without a colour it shows the live one; with `follow` it goes over to the other one after a switch.
    Raises JenkinsgenError; for a server that cannot be reached, when all others were shown.
    """
    login = workspace.login(pipeline, report)
    with ExitStack() as stack:
        nginx = None
        if colour is None:
            nginx = stack.enter_context(open_nginx(pipeline, login))
            colour = live_colour(nginx, pipeline)
        reachable = stack.enter_context(open_reachable(login, servers, report))
        wanted = Wanted(pipeline, colour, nginx)
        pasts = _pasts(pipeline, reachable, wanted.colour, tail)
        for line in last_of_each((line for past in pasts.values() for line in past.lines), tail):
            show(line)
        if follow:
            follow_all(pipeline, reachable.engines, wanted, pasts, report=report, show=show)
        reachable.complain()


def _pasts(pipeline: Pipeline, reachable: Reachable, colour: Colour, tail: int) -> dict[str, Past]:
    def read(server: str) -> Past | None:
        engine = reachable.engines[server]
        container = container_of(engine, pipeline, colour)
        return _past(server, engine, container, colour, tail) if container is not None else None

    found = in_parallel(read, {server: server for server in reachable.engines})
    pasts = {server: past for server, past in found.items() if past is not None}
    if not pasts:
        raise StateError(
            f"{container_name(pipeline, colour)} is on none of {', '.join(reachable.engines)}",
            hint=f"look at the other colour with --colour {colour.other}",
        )
    return pasts


def _past(server: str, engine: Engine, container: Container, colour: Colour, tail: int) -> Past:
    lines: list[LogLine] = []
    last: dict[Stream, str] = {}
    for stream in STREAMS:
        splitter = Splitter(source_of(server, container, colour, stream))
        # One line at least, to know from when on to follow.
        raw = docker_containers.read_log(engine, container.id, stream, max(tail, 1))
        lines += [*splitter.feed(raw), *splitter.end()]
        last[stream] = splitter.last
    return Past(container, lines, last)
