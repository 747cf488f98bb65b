"""The connections of one stage: opened once, in parallel, shared by all that the stage does."""

from __future__ import annotations

from contextlib import contextmanager
from dataclasses import dataclass
from typing import TYPE_CHECKING

from jenkinsgen import timings
from jenkinsgen.deploy.observed import ServerState
from jenkinsgen.deploy.steps import NGINX
from jenkinsgen.deploy.world import World
from jenkinsgen.edge.docker_connect import remote_engine
from jenkinsgen.edge.nginx_host import NginxHost
from jenkinsgen.edge.ssh import Login, SshHost, connect
from jenkinsgen.edge.state_folder import StateFolder
from jenkinsgen.nginx.site import idle_upstreams
from jenkinsgen.parallel import in_parallel
from jenkinsgen.spec.colour import Colour

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from jenkinsgen.deploy.journal import Journal
    from jenkinsgen.edge.docker_engine import Engine
    from jenkinsgen.spec.pipeline import Pipeline


@dataclass(frozen=True, slots=True)
class Session:
    """NGINX and, where a stage needs them, the servers."""

    pipeline: Pipeline
    nginx: NginxHost
    nginx_ssh: SshHost
    state: StateFolder
    engines: Mapping[str, Engine]

    def observe_servers(self) -> dict[str, ServerState]:
        """What runs and lies on every server. Raises JenkinsgenError."""
        identity = self.pipeline.identity

        def observe(name: str) -> ServerState:
            engine = self.engines[name]
            with timings.span("observe", name):
                return ServerState(name, engine.containers(), engine.images(identity))

        return in_parallel(observe, {name: name for name in self.engines})

    def observe(self, journal: Journal) -> World:
        """All that a stage has to know before it decides. Raises JenkinsgenError."""
        with timings.span("observe", NGINX):
            nginx = self.nginx.observe()
        idle = idle_upstreams(self.pipeline, nginx.upstreams, nginx.live)
        reload = self.pipeline.nginx.mode == "reload" and not nginx.missing
        return World(
            nginx=nginx,
            servers=self.observe_servers(),
            idle=self.nginx.remotes(idle),
            prepared={colour: self.nginx.prepared(colour) for colour in Colour} if reload else {},
            journal=journal,
        )


@contextmanager
def open_session(pipeline: Pipeline, login: Login, *, with_servers: bool) -> Iterator[Session]:
    """Connect to NGINX and the servers at the same time. Raises HostError with every host that failed."""
    addresses = {NGINX: pipeline.nginx.host}
    if with_servers:
        addresses.update((str(server), server.ssh) for server in pipeline.servers)
    opened: list[SshHost] = []

    def open_one(name: str) -> SshHost:
        with timings.span("connect", name):
            host = connect(addresses[name], login)
        opened.append(host)
        return host

    def open_engine(name: str) -> Engine:
        with timings.span("open the engine", name):
            return remote_engine(hosts[name])

    try:
        hosts = in_parallel(open_one, {name: name for name in addresses})
        nginx = hosts.pop(NGINX)
        engines = in_parallel(open_engine, {name: name for name in hosts})
        yield Session(pipeline, NginxHost(nginx, pipeline), nginx, StateFolder(nginx, pipeline), engines)
    finally:
        for host in opened:
            host.close()
