"""The engines that a spec names: each server's own, or one manager that answers for all of them."""

from __future__ import annotations

from typing import TYPE_CHECKING, cast

from jenkinsgen import timings
from jenkinsgen.deploy.steps.swarm import SWARM
from jenkinsgen.edge.docker.connect import remote_engine

if TYPE_CHECKING:
    from collections.abc import Mapping

    from jenkinsgen.edge.docker.engine import Engine
    from jenkinsgen.edge.ssh.host import SshHost
    from jenkinsgen.edge.swarm.manager import Swarm
    from jenkinsgen.spec.pipeline import Pipeline
    from jenkinsgen.spec.values import HostAddress
    from jenkinsgen.stages.context.outside import AnyServer

    Opened = Engine | Swarm


def engine_addresses(pipeline: Pipeline) -> dict[str, HostAddress]:
    """The addresses to log in to, by the name of a server, or SWARM."""
    if pipeline.engine == "swarm":
        return {SWARM: pipeline.manager}
    return {str(server): server.ssh for server in pipeline.servers}


def open_engine(pipeline: Pipeline, name: str, host: SshHost) -> Opened:
    """Open the engine behind the connection to one of those addresses. Raises JenkinsgenError."""
    with timings.span("open the engine", name):
        if name != SWARM:
            return remote_engine(host)
        # Only a service on a swarm waits for these modules.
        from jenkinsgen.edge.swarm.manager import open_swarm  # noqa: PLC0415

        return open_swarm(host, pipeline)


def server_engines(pipeline: Pipeline, opened: Mapping[str, Opened]) -> dict[str, AnyServer]:
    """The opened engines, by the name of the server."""
    if SWARM not in opened:
        return {name: cast("Engine", engine) for name, engine in opened.items()}
    from jenkinsgen.edge.swarm.server import SwarmServer  # noqa: PLC0415

    swarm = the_manager(opened)
    return {str(server): SwarmServer(swarm, str(server)) for server in pipeline.servers}


def the_manager(opened: Mapping[str, Opened]) -> Swarm:
    """The swarm of the servers, with `engine: swarm`."""
    return cast("Swarm", opened[SWARM])
