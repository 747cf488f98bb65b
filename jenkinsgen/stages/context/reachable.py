"""The engines of those servers that can be reached: one that is down hides nothing of the others."""

from __future__ import annotations

from contextlib import closing, contextmanager
from dataclasses import dataclass
from typing import TYPE_CHECKING

from jenkinsgen.deploy.container import container_name
from jenkinsgen.edge.docker.connect import remote_engine
from jenkinsgen.edge.nginx.host import NginxHost
from jenkinsgen.edge.ssh.host import SshHost, connect
from jenkinsgen.errors import HostError, JenkinsgenError, StateError
from jenkinsgen.parallel import in_parallel

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

    from jenkinsgen.deploy.observed import Container
    from jenkinsgen.edge.docker.engine import Engine
    from jenkinsgen.edge.ssh.host import Login
    from jenkinsgen.report import Report
    from jenkinsgen.spec.colour import Colour
    from jenkinsgen.spec.pipeline import Pipeline
    from jenkinsgen.spec.service import Server


@dataclass(frozen=True, slots=True)
class Reachable:
    """Server -> its engine; server -> why it has none."""

    engines: Mapping[str, Engine]
    errors: Mapping[str, JenkinsgenError]

    def complain(self) -> None:
        """Say at the end which servers were left out. Raises HostError."""
        errors = list(self.errors.values())
        if errors:
            raise HostError("\n".join(error.message for error in errors), hint=errors[0].hint)


@contextmanager
def open_reachable(login: Login, servers: Sequence[Server], report: Report) -> Iterator[Reachable]:
    """Connect to each server, and report at once which failed. Raises HostError when none can be reached."""
    opened: list[SshHost] = []

    def open_one(server: Server) -> Engine | JenkinsgenError:
        try:
            host = connect(server.ssh, login)
            opened.append(host)
            return remote_engine(host)
        except JenkinsgenError as error:
            return error

    try:
        found = in_parallel(open_one, {str(server): server for server in servers})
        errors = {name: each for name, each in found.items() if isinstance(each, JenkinsgenError)}
        engines = {name: each for name, each in found.items() if not isinstance(each, JenkinsgenError)}
        reachable = Reachable(engines, errors)
        if not engines:
            reachable.complain()
        for name, error in errors.items():
            report.line(f"left out: {error.message}", host=name)
        yield reachable
    finally:
        for host in opened:
            host.close()


@contextmanager
def open_nginx(pipeline: Pipeline, login: Login) -> Iterator[NginxHost]:
    """Raises HostError."""
    with closing(connect(pipeline.nginx.host, login)) as host:
        yield NginxHost(host, pipeline)


def live_colour(nginx: NginxHost, pipeline: Pipeline) -> Colour:
    """Raises StateError when nothing is live, NginxError when it cannot be told."""
    live = nginx.observe().live
    if live is None:
        raise StateError(
            f"{pipeline.nginx.host}: no colour of {pipeline.service.name} is live yet",
            hint="deploy a release first; or look into one that has no traffic yet: --colour green",
        )
    return live


def container_of(engine: Engine, pipeline: Pipeline, colour: Colour) -> Container | None:
    """The colour's container on a server, rather one that runs than one that ended. Raises HostError."""
    found = [each for each in engine.containers() if each.belongs_to(pipeline.identity, colour)]
    return max(found, key=lambda container: container.running, default=None)


def required_container(name: str, engine: Engine, pipeline: Pipeline, colour: Colour) -> Container:
    """The colour's container on a server, which has to run. Raises HostError."""
    container = container_of(engine, pipeline, colour)
    if container is None or not container.running:
        raise HostError(
            f"{name}: {container_name(pipeline, colour)} does not run there",
            hint=f"look at the other colour with --colour {colour.other}",
        )
    return container
