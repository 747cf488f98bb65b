"""The connections of one stage: NGINX, the state on its host, and the servers."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from jenkinsgen import timings
from jenkinsgen.deploy.nginx_hosts import states_of
from jenkinsgen.deploy.steps import NGINX
from jenkinsgen.deploy.strangers import doors_of
from jenkinsgen.deploy.world import World
from jenkinsgen.nginx.site import idle_upstreams
from jenkinsgen.parallel import in_parallel
from jenkinsgen.spec.colour import Colour

if TYPE_CHECKING:
    from collections.abc import Mapping

    from jenkinsgen.clock import Clock
    from jenkinsgen.deploy.observed import ServerState
    from jenkinsgen.deploy.state.journal import Journal
    from jenkinsgen.deploy.strangers import Leading
    from jenkinsgen.nginx.state import NginxState
    from jenkinsgen.report import Report
    from jenkinsgen.spec.pipeline import Pipeline
    from jenkinsgen.stages.context.outside import AnyServer, Nginx, Outside, Servers, StateStore
    from jenkinsgen.stages.context.stage import Stage


@dataclass(frozen=True, slots=True)
class Session:
    """The connections of a stage, opened once and shared by all that it does."""

    stage: Stage
    nginx: Nginx
    state: StateStore
    servers: Servers

    @property
    def pipeline(self) -> Pipeline:
        return self.stage.pipeline

    @property
    def report(self) -> Report:
        return self.stage.report

    @property
    def outside(self) -> Outside:
        return self.stage.outside

    @property
    def clock(self) -> Clock:
        return self.stage.outside.clock

    @property
    def engines(self) -> Mapping[str, AnyServer]:
        """The engines by the name of the server, when all are connected. Raises HostError with all that failed."""
        return self.servers.engines()

    def observe_servers(self) -> dict[str, ServerState]:
        """The containers and images on every server. Raises JenkinsgenError."""
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
        """The state of NGINX, and in mode reload whether a switch can be proven. Raises JenkinsgenError."""
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
