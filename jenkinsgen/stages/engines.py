"""The engines that a spec names: each server's own, or one manager that answers for all of them."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from jenkinsgen import timings
from jenkinsgen.deploy.swarm_steps import SWARM
from jenkinsgen.edge.docker_connect import remote_engine
from jenkinsgen.edge.swarm import Swarm, open_swarm
from jenkinsgen.edge.swarm_server import SwarmServer
from jenkinsgen.parallel import in_parallel

if TYPE_CHECKING:
    from collections.abc import Mapping

    from jenkinsgen.edge.docker_engine import Engine
    from jenkinsgen.edge.server_engine import ServerEngine
    from jenkinsgen.edge.ssh import SshHost
    from jenkinsgen.spec.pipeline import Pipeline
    from jenkinsgen.spec.values import HostAddress


@dataclass(frozen=True, slots=True)
class Engines:
    """By the name of the server; and the swarm, where they belong to one."""

    servers: Mapping[str, ServerEngine]
    swarm: Swarm | None = None


def engine_addresses(pipeline: Pipeline) -> dict[str, HostAddress]:
    """Where to log in, by the name of a server, or SWARM."""
    if pipeline.engine == "swarm":
        return {SWARM: pipeline.manager}
    return {str(server): server.ssh for server in pipeline.servers}


def open_engines(pipeline: Pipeline, hosts: Mapping[str, SshHost]) -> Engines:
    """On the connections to those addresses. Raises JenkinsgenError with every engine that failed."""
    if pipeline.engine == "swarm":
        with timings.span("open the engine", SWARM):
            swarm = open_swarm(hosts[SWARM], pipeline)
        return Engines({str(server): SwarmServer(swarm, str(server)) for server in pipeline.servers}, swarm)

    def open_one(name: str) -> Engine:
        with timings.span("open the engine", name):
            return remote_engine(hosts[name])

    return Engines(in_parallel(open_one, {name: name for name in hosts}))
