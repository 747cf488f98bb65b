"""The connections of one stage: opened once, at the same time, shared by all that the stage does."""

from __future__ import annotations

from contextlib import closing, contextmanager
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from jenkinsgen import timings
from jenkinsgen.deploy.nginx_hosts import nginx_hosts, states_of
from jenkinsgen.deploy.steps import NGINX
from jenkinsgen.deploy.strangers import doors_of
from jenkinsgen.deploy.world import World
from jenkinsgen.edge.nginx.access_log import AccessLog
from jenkinsgen.edge.nginx.access_logs import AccessLogs
from jenkinsgen.edge.nginx.host import NginxHost
from jenkinsgen.edge.nginx.hosts import NginxHosts
from jenkinsgen.edge.ssh.host import Login, SshHost, connect
from jenkinsgen.edge.state.folder import StateFolder
from jenkinsgen.edge.state.folders import StateFolders
from jenkinsgen.nginx.site import idle_upstreams
from jenkinsgen.parallel import Calls, in_parallel
from jenkinsgen.spec.colour import Colour
from jenkinsgen.stages.context.engines import engine_addresses, open_engine, server_engines, the_swarm

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from jenkinsgen.deploy.observed import ServerState
    from jenkinsgen.deploy.state.journal import Journal
    from jenkinsgen.deploy.strangers import Leading
    from jenkinsgen.edge.server_engine import ServerEngine
    from jenkinsgen.edge.swarm.manager import Swarm
    from jenkinsgen.nginx.state import NginxState
    from jenkinsgen.spec.pipeline import Pipeline
    from jenkinsgen.spec.values import HostAddress
    from jenkinsgen.stages.context.engines import Opened


@dataclass(frozen=True, slots=True)
class Session:
    """NGINX and, where a stage needs them, the servers."""

    pipeline: Pipeline
    nginx: NginxHosts
    front: Mapping[str, SshHost]
    """The NGINX hosts themselves, the one that leads first."""
    state: StateFolders
    opened: Calls[str, Opened]

    @property
    def nginx_ssh(self) -> SshHost:
        """The NGINX host that leads."""
        return self.front[NGINX]

    def access_log(self, path: str) -> AccessLogs:
        """What NGINX writes down at `path`, on all of its hosts."""
        return AccessLogs({name: AccessLog(host, path) for name, host in self.front.items()}, path)

    @property
    def engines(self) -> Mapping[str, ServerEngine]:
        """By the name of the server, when all are connected. Raises HostError with every one that failed."""
        return server_engines(self.pipeline, self.opened.results())

    @property
    def swarm(self) -> Swarm:
        """What the servers belong to, with `engine: swarm`. Raises HostError."""
        return the_swarm(self.opened.results())

    def observe_servers(self) -> dict[str, ServerState]:
        """What runs and lies on every server. Raises JenkinsgenError."""
        identity = self.pipeline.identity
        engines = self.engines

        def observe(name: str) -> ServerState:
            with timings.span("observe", name):
                return engines[name].state(name, identity)

        return in_parallel(observe, {name: name for name in engines})

    def _leading(self, servers: Mapping[str, ServerState]) -> Mapping[str, Leading]:
        """Asked only where a container that is not ours stands in the way: it may be what serves."""
        pipeline = self.pipeline
        doors = [door for each in pipeline.servers for door in doors_of(each, servers[str(each)], pipeline)]
        return self.nginx.leading(doors) if doors else {}

    def observe_nginx(self) -> NginxState:
        """What NGINX serves, and in mode reload whether a switch can be proven. Raises JenkinsgenError."""
        with timings.span("observe", NGINX):
            nginx = self.nginx.observe()
            if self.pipeline.nginx.mode == "reload" and not nginx.missing and nginx.root != "no":
                nginx = replace(nginx, doubts=self.nginx.doubts(nginx.live))
            return nginx

    def observe(self, journal: Journal) -> World:
        """All that a stage has to know before it decides. Raises JenkinsgenError."""
        nginx = self.observe_nginx()
        states = states_of(nginx).values()
        idle = {each for state in states for each in idle_upstreams(self.pipeline, state.upstreams, nginx.live)}
        reload = self.pipeline.nginx.mode == "reload" and not nginx.missing
        servers = self.observe_servers()
        return World(
            nginx=nginx,
            servers=servers,
            leading=self._leading(servers),
            idle=self.nginx.known_remotes(sorted(idle)),
            prepared={colour: self.nginx.prepared(colour) for colour in Colour} if reload else {},
            journal=journal,
        )


@contextmanager
def open_session(pipeline: Pipeline, login: Login, *, with_servers: bool) -> Iterator[Session]:
    """Connect to NGINX and the servers at the same time, and go on as soon as NGINX is there.

    A stage takes the lease while the servers are still being connected, and has it when it learns that one of them
    cannot be reached: so it gives it back, and the next build need not wait. Raises HostError for NGINX alone.
    """
    connections = _Connections(login)

    addresses = engine_addresses(pipeline) if with_servers else {}

    def open_one(name: str) -> Opened:
        return open_engine(pipeline, name, connections.open(addresses[name], name))

    opened = Calls(open_one, {name: name for name in addresses})
    try:
        # In threads of their own, so that a signal need not wait for a name server.
        addresses_of_nginx = nginx_hosts(pipeline)
        front = in_parallel(
            lambda name: connections.open(addresses_of_nginx[name], name), {name: name for name in addresses_of_nginx}
        )
        nginx = NginxHosts({name: NginxHost(host, pipeline) for name, host in front.items()})
        state = StateFolders([StateFolder(host, pipeline) for host in front.values()])
        yield Session(pipeline, nginx, front, state, opened)
    finally:
        opened.stop()
        connections.close()


@contextmanager
def open_state(pipeline: Pipeline, login: Login) -> Iterator[StateFolder]:
    """Lease, journal and history alone: those need one NGINX host, whatever became of the others. Raises HostError."""
    with closing(connect(pipeline.nginx.host, login)) as host:
        yield StateFolder(host, pipeline)


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
            # Nobody waited for this one.
            host.close()
        return host

    def close(self) -> None:
        self._closed = True
        for host in list(self._opened):
            host.close()
