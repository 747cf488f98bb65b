"""The connections of one stage: opened once, in parallel, shared by all that the stage does."""

from __future__ import annotations

from contextlib import contextmanager
from dataclasses import dataclass
from typing import TYPE_CHECKING

from jenkinsgen import timings
from jenkinsgen.deploy.steps import NGINX
from jenkinsgen.deploy.world import World
from jenkinsgen.edge.nginx_host import NginxHost
from jenkinsgen.edge.ssh import Login, SshHost, connect
from jenkinsgen.edge.state_folder import StateFolder
from jenkinsgen.nginx.site import idle_upstreams
from jenkinsgen.parallel import in_parallel
from jenkinsgen.spec.colour import Colour
from jenkinsgen.stages.engines import Engines, engine_addresses, open_engines

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from jenkinsgen.deploy.journal import Journal
    from jenkinsgen.deploy.observed import ServerState
    from jenkinsgen.edge.server_engine import ServerEngine
    from jenkinsgen.edge.swarm import Swarm
    from jenkinsgen.spec.pipeline import Pipeline


@dataclass(frozen=True, slots=True)
class Session:
    """NGINX and, where a stage needs them, the servers."""

    pipeline: Pipeline
    nginx: NginxHost
    nginx_ssh: SshHost
    state: StateFolder
    engines: Mapping[str, ServerEngine]
    """By the name of the server."""
    swarm: Swarm | None = None
    """What they belong to, with `engine: swarm`."""

    def observe_servers(self) -> dict[str, ServerState]:
        """What runs and lies on every server. Raises JenkinsgenError."""
        identity = self.pipeline.identity

        def observe(name: str) -> ServerState:
            with timings.span("observe", name):
                return self.engines[name].state(name, identity)

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
        addresses.update(engine_addresses(pipeline))
    opened: list[SshHost] = []

    def open_one(name: str) -> SshHost:
        with timings.span("connect", name):
            host = connect(addresses[name], login)
        opened.append(host)
        return host

    try:
        hosts = in_parallel(open_one, {name: name for name in addresses})
        nginx = hosts.pop(NGINX)
        engines = open_engines(pipeline, hosts) if hosts else Engines({})
        folder = StateFolder(nginx, pipeline)
        yield Session(pipeline, NginxHost(nginx, pipeline), nginx, folder, engines.servers, engines.swarm)
    finally:
        for host in opened:
            host.close()
