"""status: everything about a deployment, of all hosts that can be reached."""

from __future__ import annotations

from contextlib import contextmanager
from dataclasses import replace
from typing import TYPE_CHECKING

from jenkinsgen.deploy.nginx_hosts import nginx_hosts
from jenkinsgen.deploy.plan.deploy import await_healthy
from jenkinsgen.deploy.state.journal import Journal
from jenkinsgen.deploy.status.report import Seen, status_of
from jenkinsgen.deploy.steps import NGINX
from jenkinsgen.deploy.steps.swarm import SWARM
from jenkinsgen.edge import workspace
from jenkinsgen.edge.health_look import look_from
from jenkinsgen.edge.nginx.host import NginxHost
from jenkinsgen.edge.ssh.host import SshHost, connect
from jenkinsgen.edge.state.folder import StateFolder
from jenkinsgen.errors import JenkinsgenError
from jenkinsgen.parallel import in_parallel
from jenkinsgen.spec.colour import Colour
from jenkinsgen.stages.context.engines import engine_addresses, open_engine, server_engines
from jenkinsgen.stages.operate.lock import seen_lease

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping
    from typing import TypeVar

    from jenkinsgen.deploy.health import Answer
    from jenkinsgen.deploy.observed import Inspected, ServerState
    from jenkinsgen.deploy.status.report import Status
    from jenkinsgen.edge.ssh.host import Login
    from jenkinsgen.edge.state.folder import Found
    from jenkinsgen.nginx.state import NginxState
    from jenkinsgen.report import Report
    from jenkinsgen.spec.pipeline import Pipeline
    from jenkinsgen.spec.service import Server
    from jenkinsgen.stages.context.engines import Opened
    from jenkinsgen.stages.context.outside import AnyServer

    T = TypeVar("T")

Reached = SshHost | JenkinsgenError
"""A host, or why it cannot be reached."""


def status(pipeline: Pipeline, report: Report) -> Status:
    """Look at NGINX and at every server; one that cannot be looked at hides nothing of the others."""
    with _open(pipeline, workspace.login(pipeline, report)) as (front, hosts):
        nginx = front[NGINX]
        engines = _engines(pipeline, hosts)
        looks = {str(server): _Look(pipeline, server, engines[str(server)], nginx) for server in pipeline.servers}
        # NGINX is asked first: what it says may take a while, and the servers are asked all at the same time.
        states = in_parallel(lambda host: _state_of(pipeline, host), front)
        found = _folder_of(pipeline, nginx)
        in_parallel(_Look.run, looks)
    reached = None if isinstance(found, JenkinsgenError) else found
    state = states.pop(NGINX)
    if not isinstance(state, JenkinsgenError):
        others = {name: each for name, each in states.items() if not isinstance(each, JenkinsgenError)}
        state = replace(state, others=others)
    return status_of(
        pipeline,
        Seen(
            nginx=state,
            servers={name: look.server for name, look in looks.items()},
            inspected={key: value for look in looks.values() for key, value in look.inspected.items()},
            health={key: value for look in looks.values() for key, value in look.health.items()},
            now=reached.now if reached else None,
            lease=seen_lease(reached).holding,
            journal=reached.journal if reached else Journal(),
            damage=reached.journal_damage if reached else "",
            folder=found if isinstance(found, JenkinsgenError) else None,
            gate=reached.gate if reached else None,
            batch_out=reached.out if reached else 0,
            not_seen={name: each for name, each in states.items() if isinstance(each, JenkinsgenError)},
        ),
    )


@contextmanager
def _open(pipeline: Pipeline, login: Login) -> Iterator[tuple[dict[str, Reached], dict[str, Reached]]]:
    """The NGINX hosts, and what the engines are reached by."""
    front = nginx_hosts(pipeline)
    addresses = {**front, **engine_addresses(pipeline)}
    reached = in_parallel(lambda address: _or_error(lambda: connect(address, login)), addresses)
    try:
        yield {name: reached[name] for name in front}, {n: host for n, host in reached.items() if n not in front}
    finally:
        for host in reached.values():
            if isinstance(host, SshHost):
                host.close()


def _engines(pipeline: Pipeline, hosts: Mapping[str, Reached]) -> dict[str, AnyServer | JenkinsgenError]:
    """Open each engine by itself, so that a silent one hides nothing of the others; but a swarm has one manager."""

    def open_one(name: str) -> Opened | JenkinsgenError:
        host = hosts[name]
        return host if isinstance(host, JenkinsgenError) else _or_error(lambda: open_engine(pipeline, name, host))

    opened = in_parallel(open_one, {name: name for name in hosts})
    failed = {name: each for name, each in opened.items() if isinstance(each, JenkinsgenError)}
    if SWARM in failed:
        return dict.fromkeys(map(str, pipeline.servers), failed[SWARM])
    answering = {name: each for name, each in opened.items() if not isinstance(each, JenkinsgenError)}
    return {**failed, **server_engines(pipeline, answering)}


def _or_error(call: Callable[[], T]) -> T | JenkinsgenError:
    try:
        return call()
    except JenkinsgenError as error:
        return error


def _state_of(pipeline: Pipeline, host: Reached) -> NginxState | JenkinsgenError:
    return host if isinstance(host, JenkinsgenError) else _or_error(NginxHost(host, pipeline).observe)


def _folder_of(pipeline: Pipeline, host: Reached) -> Found | JenkinsgenError | None:
    return host if isinstance(host, JenkinsgenError) else _or_error(StateFolder(host, pipeline).read)


class _Look:
    """At one server."""

    def __init__(self, pipeline: Pipeline, server: Server, engine: AnyServer | JenkinsgenError, nginx: Reached) -> None:
        self._pipeline = pipeline
        self._of = server
        self._engine = engine
        self._nginx = nginx
        self.server: ServerState | JenkinsgenError
        self.inspected: dict[str, Inspected] = {}
        self.health: dict[str, Answer | JenkinsgenError] = {}

    def run(self) -> None:
        """Fill in what can be found."""
        engine = self._engine
        self.server = engine if isinstance(engine, JenkinsgenError) else _or_error(lambda: self._look(engine))

    def _look(self, engine: AnyServer) -> ServerState:
        identity = self._pipeline.identity
        state = engine.state(str(self._of), identity)
        for colour in Colour:
            for container in state.of(identity, colour):
                details = engine.inspect(container.id)
                if details is not None:
                    self.inspected[container.id] = details
                if container.running:
                    self.health[container.id] = _or_error(lambda colour=colour: self._ask(colour))  # type: ignore[misc]
        return state

    def _ask(self, colour: Colour) -> Answer:
        return look_from(self._nginx, await_healthy(self._of, self._pipeline, colour))
