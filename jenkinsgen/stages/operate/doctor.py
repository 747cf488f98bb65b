"""doctor: everything that could make a deployment fail, looked at before anything changes."""

from __future__ import annotations

import time
from contextlib import contextmanager
from dataclasses import dataclass, replace
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING

from jenkinsgen.deploy.engines.swarm.tasks import READY
from jenkinsgen.deploy.nginx_hosts import nginx_hosts
from jenkinsgen.deploy.observed import ServerState
from jenkinsgen.deploy.origin import is_own
from jenkinsgen.deploy.release import coloured_repository
from jenkinsgen.doctor import agent, clock, disk, engine, metric, nginx, reach, ssh, swarm
from jenkinsgen.doctor.check import Check, failed, ok, warning
from jenkinsgen.doctor.registry import REGISTRY, judge_registry, unknown_registry
from jenkinsgen.edge import agent_look, host_look, workspace
from jenkinsgen.edge.docker import look as docker_look
from jenkinsgen.edge.docker.connect import local_engine, remote_engine
from jenkinsgen.edge.nginx.container import look_at_container
from jenkinsgen.edge.nginx.host import NginxHost
from jenkinsgen.edge.nginx.layout import look_at_layout
from jenkinsgen.edge.prometheus import ask_prometheus
from jenkinsgen.edge.ssh.host import Login, connect
from jenkinsgen.edge.swarm.manager import open_swarm
from jenkinsgen.edge.swarm.server import SwarmServer
from jenkinsgen.errors import JenkinsgenError, KeyFileError, StateError
from jenkinsgen.nginx.state import observe_arguments
from jenkinsgen.spec.colour import Colour
from jenkinsgen.stages.operate.examination import Examination, examine
from jenkinsgen.surroundings import here

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from jenkinsgen.deploy.engines.swarm.tasks import Node
    from jenkinsgen.edge.docker.engine import Engine
    from jenkinsgen.edge.docker.images import Registry
    from jenkinsgen.edge.ssh.host import SshHost
    from jenkinsgen.edge.swarm.manager import Swarm
    from jenkinsgen.facts import Facts
    from jenkinsgen.report import Report
    from jenkinsgen.spec.pipeline import Pipeline
    from jenkinsgen.spec.service import Server
    from jenkinsgen.spec.values import HostAddress

CONNECT_SECONDS = 15.0
"""Shorter than a stage's own patience: a person waits for doctor."""


def doctor(pipeline: Pipeline, spec: str, report: Report) -> list[Check]:
    """Look at the agent, the NGINX host and every server. `spec` is the file's name, for remedies.

    What cannot be reached or does not answer is a failed check, too: nothing is raised for it.
    """
    return _Doctor(pipeline, spec, report).checks()


class _Doctor:
    def __init__(self, pipeline: Pipeline, spec: str, report: Report) -> None:
        self._pipeline = pipeline
        self._spec = spec
        self._login = _ssh_login(pipeline, report)
        self._registry = _registry_login(pipeline, report)
        self._offsets: dict[str, clock.Offset] = {}

    def checks(self) -> list[Check]:
        pipeline = self._pipeline
        jobs: list[tuple[Examination, Callable[[Examination], None]]] = [(Examination(agent.AGENT), self._agent)]
        jobs.extend(
            (Examination(f"{host._replace(user=None)} (NGINX)"), partial(self._nginx, host))
            for host in nginx_hosts(pipeline).values()
        )
        if pipeline.engine == "swarm":
            manager = f"{pipeline.manager._replace(user=None)} (manager)"
            jobs.append((Examination(manager), self._manager))
        else:
            jobs.extend((Examination(str(server)), partial(self._server, server)) for server in pipeline.servers)
        found = list(examine(jobs))
        among = clock.judge_clocks(agent.AGENT, dict(self._offsets))
        return [*(c for c in found if c.host == agent.AGENT), *among, *(c for c in found if c.host != agent.AGENT)]

    def _agent(self, found: Examination) -> None:
        found.add(*agent.judge_variables(self._pipeline, agent_look.bound_variables()))
        if isinstance(self._login, KeyFileError):
            found.add(failed(agent.AGENT, "SSH key", self._login.message, self._login.hint or ""))
        found.add(agent.judge_tool("git", agent_look.tool_version("git", "--version")))
        folder = here()
        free = agent_look.free_bytes(folder)
        found.add(disk.judge_disk(found.host, "workspace", str(folder), free, None, images="on the agent"))
        guard = self._pipeline.guard
        if guard is not None and guard.prometheus is not None:
            with found.step(metric.PROMETHEUS):
                values = {colour: ask_prometheus(guard.prometheus, colour) for colour in Colour}
                found.add(metric.judge_metric(found.host, guard.prometheus, values))
        with found.step("Docker"):
            facts = docker_look.engine_facts(local_engine())
            found.add(engine.judge_engine(found.host, facts.version, facts.api))
            free = agent_look.free_bytes(Path(facts.folder))
            found.add(disk.judge_disk(found.host, "disk", facts.folder, free, None, images="on the agent"))

    @contextmanager
    def _logged_in(self, found: Examination, address: HostAddress) -> Iterator[SshHost | None]:
        """The host, after the checks that every host gets; None when it cannot be reached or refuses the login."""
        if not isinstance(self._login, Login):
            found.add(warning(found.host, "SSH", "not looked at: there is no key to log in with", "see agent"))
            yield None
            return
        host = None
        with found.step("SSH"):
            host = self._connect(found, address, self._login)
        if host is None:
            yield None
            return
        try:
            with found.step(clock.CLOCK):
                self._offsets[found.host] = offset = host_look.read_clock(host)
                found.add(clock.judge_clock(found.host, offset))
            with found.step(ssh.LIMITS):
                found.add(ssh.judge_limits(found.host, host_look.look(host, "sshd.sh")))
            yield host
        finally:
            host.close()

    def _connect(self, found: Examination, address: HostAddress, login: Login) -> SshHost:
        started = time.monotonic()
        host = connect(address, login, seconds=CONNECT_SECONDS)
        took = time.monotonic() - started
        user = address.user or login.user or "the agent's user"
        found.add(ok(found.host, "SSH", f"{user} logged in after {took:.1f} s; the host key is the pinned one"))
        return host

    def _nginx(self, address: HostAddress, found: Examination) -> None:
        alone = self._pipeline.nginx.model_copy(update={"host": address, "others": ()})
        pipeline, name = self._pipeline.model_copy(update={"nginx": alone}), found.host
        with self._logged_in(found, address) as host:
            if host is None:
                return
            forbidden = host_look.forbidden_tunnel(host, pipeline.nginx.port)
            found.add(ssh.judge_tunnel(name, pipeline.nginx.port, forbidden))
            with found.step(nginx.NGINX):
                arguments = observe_arguments(pipeline)
                folder, site, container = arguments[0], arguments[1], arguments[-1]
                state = NginxHost(host, pipeline).look_at_files()
                files = (pipeline.nginx.certificate or "", pipeline.nginx.certificate_key or "")
                facts = look_at_container(host, pipeline)
                facts |= host_look.look(host, "nginx.sh", folder, site, *files, container, *reach.endpoints(pipeline))
                serving = None if forbidden else NginxHost(host, pipeline).serving()
                if serving is not None:
                    state = replace(state, live=serving.colour, serving=serving)
                elif pipeline.nginx.mode == "reload" and not state.missing and state.root != "no":
                    state = NginxHost(host, pipeline).with_prepared(state)
                    state = replace(state, doubts=NginxHost(host, pipeline).doubts(state.live))
                elif pipeline.nginx.mode == "flag":
                    state = replace(state, layout=look_at_layout(host, pipeline, state.root))
                found.add(*nginx.judge_nginx(name, pipeline, state, facts, self._spec))
                found.add(*disk.judge_small_disk(name, facts))
                found.add(*reach.judge_upstreams(name, pipeline, facts, state.live))

    def _manager(self, found: Examination) -> None:
        """The manager answers for all servers: doctor does not log in to those."""
        pipeline = self._pipeline
        with self._logged_in(found, pipeline.manager) as host:
            if host is None:
                return
            asked = None
            with found.step(engine.ENGINE):
                asked = remote_engine(host)
                known = docker_look.engine_facts(asked)
                found.add(engine.judge_engine(found.host, known.version, known.api))
            if asked is not None:
                self._ask_registry(found, asked, [])
            with found.step(swarm.SWARM):
                opened = open_swarm(host, pipeline)
                nodes = opened.nodes()
                found.add(swarm.judge_swarm(found.host, nodes))
                for server in pipeline.servers:
                    self._node(found, opened, server, nodes[str(server)])

    def _node(self, found: Examination, opened: Swarm, server: Server, node: Node | JenkinsgenError) -> None:
        pipeline, ports = self._pipeline, self._pipeline.service.ports
        found.add(swarm.judge_node(str(server), node))
        if isinstance(node, JenkinsgenError) or node.state != READY:
            return
        found.add(
            *swarm.judge_services(pipeline, SwarmServer(opened, str(server)).state(str(server), pipeline.identity))
        )
        if pipeline.service.health.origin == "agent":
            said = {colour: host_look.knock(server.upstream, ports.of(colour)) for colour in Colour}
            found.add(reach.judge_doors(agent.AGENT, f"to {server}", said, server, pipeline=pipeline, live=None))

    def _server(self, server: Server, found: Examination) -> None:
        pipeline, ports = self._pipeline, self._pipeline.service.ports
        with self._logged_in(found, server.ssh) as host:
            if host is None:
                return
            facts: Facts = {}
            with found.step("host"):
                facts = host_look.look(host, "server.sh", str(ports.green), str(ports.blue))
                found.add(*engine.judge_memory(found.host, facts, pipeline.service.memory))
            if pipeline.service.health.origin == "agent":
                said = {colour: host_look.knock(server.upstream, ports.of(colour)) for colour in Colour}
                found.add(reach.judge_doors(agent.AGENT, f"to {server}", said, server, pipeline=pipeline, live=None))
            asked, images = None, list[docker_look.RunningImage]()
            with found.step(engine.ENGINE):
                asked = remote_engine(host)
                images = self._engine(found, asked, server, facts)
            size = max((image.size for image in images), default=None)
            found.add(*disk.judge_server_disk(found.host, facts, size))
            if asked is not None:
                self._ask_registry(found, asked, images)

    def _engine(
        self, found: Examination, asked: Engine, server: Server, facts: Facts
    ) -> list[docker_look.RunningImage]:
        """Returns the images of the service's containers there."""
        known = docker_look.engine_facts(asked)
        found.add(engine.judge_engine(found.host, known.version, known.api))
        state = ServerState(str(server), asked.containers())
        found.add(*engine.judge_ports(found.host, self._pipeline, state, facts))
        ours = [container for colour in Colour for container in state.of(self._pipeline.identity, colour)]
        return docker_look.running_images(asked, ours)

    def _ask_registry(self, found: Examination, asked: Engine, images: list[docker_look.RunningImage]) -> None:
        if self._registry is None:
            found.add(warning(found.host, REGISTRY, "not asked: there is no login for it", "see agent"))
            return
        if not asked.asks_registries:
            found.add(unknown_registry(found.host))
            return
        login = self._registry.login
        with found.step(REGISTRY):
            latest = [f"{coloured_repository(self._pipeline, colour)}:latest" for colour in Colour]
            coming = [docker_look.ask_registry(asked, reference, login) for reference in latest]
            # The login is shown to no other registry, whatever runs under our labels there.
            own = [image.reference for image in images if is_own(self._pipeline, image.reference)]
            running = [docker_look.ask_registry(asked, reference, login) for reference in own]
            own_login = login is None and self._pipeline.engine != "swarm"
            found.add(*judge_registry(found.host, coming, running, own_login=own_login))


@dataclass(frozen=True, slots=True)
class _RegistryLogin:
    """Known to be there, also where it is that of the engine itself."""

    login: Registry


def _ssh_login(pipeline: Pipeline, report: Report) -> Login | KeyFileError | None:
    # The agent's checks report a missing login by its name.
    try:
        return workspace.login(pipeline, report)
    except KeyFileError as error:
        return error
    except StateError:
        return None


def _registry_login(pipeline: Pipeline, report: Report) -> _RegistryLogin | None:
    try:
        return _RegistryLogin(workspace.pull_login(pipeline, report))
    except StateError:
        return None
