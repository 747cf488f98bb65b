"""exec: one command in the container of a colour, on one server or on each in turn."""

from __future__ import annotations

from contextlib import ExitStack
from dataclasses import dataclass
from typing import TYPE_CHECKING

from jenkinsgen.edge import workspace
from jenkinsgen.edge.docker import containers as docker_containers
from jenkinsgen.errors import HostError, JenkinsgenError
from jenkinsgen.stages.context.reachable import live_colour, open_nginx, open_reachable, required_container

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence

    from jenkinsgen.deploy.log_line import Stream
    from jenkinsgen.report import Report
    from jenkinsgen.spec.colour import Colour
    from jenkinsgen.spec.pipeline import Pipeline
    from jenkinsgen.spec.service import Server


@dataclass(frozen=True, slots=True)
class Executed:
    """How a command ended on one server."""

    server: str
    exit_code: int


def exec_command(
    pipeline: Pipeline,
    report: Report,
    argv: Sequence[str],
    writer: Callable[[], Callable[[Stream, bytes], None]],
    *,
    servers: Sequence[Server],
    colour: Colour | None,
) -> Iterator[Executed]:
    """Run it on each server, one after the other, whatever became of it on the ones before.

    `writer` is asked before each for what gets its output as it comes, which may raise JenkinsgenError.

    Raises JenkinsgenError when it could not be run on one of them: after the others.
    """
    login = workspace.login(pipeline, report)
    errors: list[JenkinsgenError] = []
    with ExitStack() as stack:
        if colour is None:
            colour = live_colour(stack.enter_context(open_nginx(pipeline, login)), pipeline)
        reachable = stack.enter_context(open_reachable(login, servers, report))
        for name, engine in reachable.engines.items():
            try:
                container = required_container(name, engine, pipeline, colour)
                report.title(f"{name}: {container.name}, {container.version or 'version unknown'}")
                exit_code = docker_containers.execute(engine, container.id, argv, writer())
            except JenkinsgenError as error:
                errors.append(error)
                report.line(f"not run: {error.message}")
                continue
            yield Executed(name, exit_code)
        if errors:
            raise HostError("\n".join(error.message for error in errors), hint=errors[0].hint)
        reachable.complain()
