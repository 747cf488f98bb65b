"""status: everything about a deployment, of all hosts that can be reached."""

from __future__ import annotations

from contextlib import contextmanager
from typing import TYPE_CHECKING

from jenkinsgen.deploy.journal import Journal
from jenkinsgen.deploy.observed import ServerState
from jenkinsgen.deploy.plan_deploy import await_healthy
from jenkinsgen.deploy.status import Seen, status_of
from jenkinsgen.edge import workspace
from jenkinsgen.edge.docker_connect import remote_engine
from jenkinsgen.edge.nginx_host import NginxHost
from jenkinsgen.edge.ssh import SshHost, connect
from jenkinsgen.edge.state_folder import StateFolder
from jenkinsgen.errors import JenkinsgenError
from jenkinsgen.parallel import in_parallel
from jenkinsgen.spec.colour import Colour
from jenkinsgen.stages.lock import seen_lease
from jenkinsgen.stages.looks import look_from

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from typing import TypeVar

    from jenkinsgen.deploy.health import Answer
    from jenkinsgen.deploy.observed import Inspected
    from jenkinsgen.deploy.status import Status
    from jenkinsgen.edge.ssh import Login
    from jenkinsgen.edge.state_folder import Found
    from jenkinsgen.nginx.state import NginxState
    from jenkinsgen.report import Report
    from jenkinsgen.spec.pipeline import Pipeline
    from jenkinsgen.spec.service import Server

    T = TypeVar("T")

Reached = SshHost | JenkinsgenError
"""A host, or why it cannot be reached."""


def status(pipeline: Pipeline, report: Report) -> Status:
    """Look at NGINX and at every server; one that cannot be looked at hides nothing of the others."""
    with _open(pipeline, workspace.login(pipeline, report)) as (nginx, servers):
        looks = {str(server): _Look(pipeline, server, servers[str(server)], nginx) for server in pipeline.servers}
        # NGINX is asked first: what it says may take a while, and the servers are asked all at the same time.
        state, found = _state_of(pipeline, nginx), _folder_of(pipeline, nginx)
        in_parallel(_Look.run, looks)
    reached = None if isinstance(found, JenkinsgenError) else found
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
        ),
    )


@contextmanager
def _open(pipeline: Pipeline, login: Login) -> Iterator[tuple[Reached, dict[str, Reached]]]:
    addresses = {"": pipeline.nginx.host, **{str(server): server.ssh for server in pipeline.servers}}
    reached = in_parallel(lambda address: _or_error(lambda: connect(address, login)), addresses)
    try:
        yield reached[""], {name: host for name, host in reached.items() if name}
    finally:
        for host in reached.values():
            if isinstance(host, SshHost):
                host.close()


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

    def __init__(self, pipeline: Pipeline, server: Server, host: Reached, nginx: Reached) -> None:
        self._pipeline = pipeline
        self._of = server
        self._host = host
        self._nginx = nginx
        self.server: ServerState | JenkinsgenError
        self.inspected: dict[str, Inspected] = {}
        self.health: dict[str, Answer | JenkinsgenError] = {}

    def run(self) -> None:
        """Fill in what can be found."""
        host = self._host
        self.server = host if isinstance(host, JenkinsgenError) else _or_error(lambda: self._look(host))

    def _look(self, host: SshHost) -> ServerState:
        engine, identity = remote_engine(host), self._pipeline.identity
        state = ServerState(str(self._of), engine.containers(), engine.images(identity))
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
