"""The real outside of a stage: SSH, Docker, NGINX, Jenkins, the environment of the build."""

from __future__ import annotations

from contextlib import closing, contextmanager
from dataclasses import dataclass
from typing import TYPE_CHECKING

from jenkinsgen import timings
from jenkinsgen.clock import CLOCK
from jenkinsgen.deploy.nginx_hosts import nginx_hosts
from jenkinsgen.deploy.state.lease import process_died
from jenkinsgen.edge import agent, workspace
from jenkinsgen.edge.docker.connect import local_engine
from jenkinsgen.edge.jenkins.life import build_ended
from jenkinsgen.edge.nginx.host import NginxHost
from jenkinsgen.edge.nginx.hosts import NginxHosts
from jenkinsgen.edge.prometheus import ask_prometheus
from jenkinsgen.edge.ssh.host import Login, SshHost, connect
from jenkinsgen.edge.state.folder import StateFolder
from jenkinsgen.edge.state.folders import StateFolders
from jenkinsgen.parallel import Calls, in_parallel
from jenkinsgen.stages.context.engines import engine_addresses, open_engine, server_engines, the_manager
from jenkinsgen.stages.context.session import Session

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping
    from contextlib import AbstractContextManager

    from jenkinsgen.deploy.release import Build
    from jenkinsgen.deploy.state.lease import Holder
    from jenkinsgen.spec.colour import Colour
    from jenkinsgen.spec.guard import Prometheus
    from jenkinsgen.spec.pipeline import Pipeline
    from jenkinsgen.spec.values import HostAddress
    from jenkinsgen.stages.context.engines import Opened
    from jenkinsgen.stages.context.outside import AgentEngine, AnyServer, Outside, Workspace
    from jenkinsgen.stages.context.stage import Stage


class _Real:
    """The real `Outside`."""

    clock = CLOCK
    workspace: Workspace = workspace

    def connect(self, stage: Stage, *, with_servers: bool) -> AbstractContextManager[Session]:
        return open_session(stage, workspace.login(stage.pipeline, stage.report), with_servers=with_servers)

    def agent_engine(self) -> AgentEngine:
        return local_engine()

    def holder(self, stage: str, build: Build | None) -> Holder:
        return agent.holder(stage, build)

    def dead_because(self, holder: Holder | None) -> str | None:
        return dead_because(holder)

    def build_ended(self, build: str) -> str | None:
        return build_ended(build)

    def ask_prometheus(self, prometheus: Prometheus, colour: Colour) -> tuple[float, ...]:
        return ask_prometheus(prometheus, colour)


REAL: Outside = _Real()


def dead_because(holder: Holder | None) -> str | None:
    """Why a holder is known to be dead, by this agent's kernel or Jenkins; None when it is not."""
    if holder is None:
        return None
    here = agent.this_process()
    if here and holder.process and (why := process_died(holder, here, agent.runs(holder.process))):
        return why
    return build_ended(holder.build)


@contextmanager
def open_session(stage: Stage, login: Login, *, with_servers: bool) -> Iterator[Session]:
    """Connect to NGINX and the servers at the same time, and go on as soon as NGINX is there.

    A stage takes the lease while the servers are still being connected. If one of them cannot be reached, the stage
    gives the lease back, and the next build need not wait. Raises HostError for NGINX alone.
    """
    pipeline, connections = stage.pipeline, _Connections(login)

    addresses = engine_addresses(pipeline) if with_servers else {}

    def open_one(name: str) -> Opened:
        return open_engine(pipeline, name, connections.open(addresses[name], name))

    opened = Calls(open_one, {name: name for name in addresses})
    try:
        # Threads of their own, so that a signal need not wait for a name server.
        addresses_of_nginx = nginx_hosts(pipeline)
        front = in_parallel(
            lambda name: connections.open(addresses_of_nginx[name], name), {name: name for name in addresses_of_nginx}
        )
        nginx = NginxHosts({name: NginxHost(host, pipeline) for name, host in front.items()})
        state = StateFolders([StateFolder(host, pipeline) for host in front.values()])
        yield Session(stage, nginx, state, _Servers(pipeline, opened))
    finally:
        opened.stop()
        connections.close()


@contextmanager
def open_state(pipeline: Pipeline, login: Login) -> Iterator[StateFolder]:
    """Lease, journal and history alone: those need one NGINX host, whatever became of the others. Raises HostError."""
    with closing(connect(pipeline.nginx.host, login)) as host:
        yield StateFolder(host, pipeline)


@dataclass(frozen=True, slots=True)
class _Servers:
    """Connections that were begun; a caller that needs them waits for them."""

    pipeline: Pipeline
    opened: Calls[str, Opened]

    def engines(self) -> Mapping[str, AnyServer]:
        return server_engines(self.pipeline, self.opened.results())

    def manager(self) -> object:
        return the_manager(self.opened.results())


class _Connections:
    """All that were opened, to be closed together."""

    def __init__(self, login: Login) -> None:
        self._login = login
        self._opened: list[SshHost] = []
        self._closed = False

    def open(self, address: HostAddress, name: str) -> SshHost:
        with timings.span("connect", name):
            host = connect(address, self._login)
        self._opened.append(host)
        if self._closed:
            # The stage ended before this one was open.
            host.close()
        return host

    def close(self) -> None:
        self._closed = True
        for host in list(self._opened):
            host.close()
