"""All that a stage meets outside of its own process, as it sees it: the seam between deciding and doing.

`real.py` has the real ones. tests/in_memory has a second set, in which every stage runs in milliseconds through every
branch and every failure. The two are compared: tests/integration/test_same_as_in_memory.py runs the same scenarios in
both.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Protocol

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Mapping, Sequence
    from contextlib import AbstractContextManager

    from jenkinsgen.clock import Clock
    from jenkinsgen.deploy.health import Answer, Ended
    from jenkinsgen.deploy.observed import Container, Inspected, ServerState, StoredImage
    from jenkinsgen.deploy.release import Build, Release
    from jenkinsgen.deploy.state.history import Event
    from jenkinsgen.deploy.state.journal import Journal
    from jenkinsgen.deploy.state.lease import Holder, Lease
    from jenkinsgen.deploy.steps import (
        AwaitHealthy,
        BuildImage,
        InstallSite,
        ProveCanary,
        ProveLive,
        ProveReachable,
        PushImage,
        RemoveSite,
        StartContainer,
    )
    from jenkinsgen.deploy.strangers import Leading
    from jenkinsgen.edge.docker.images import Registry
    from jenkinsgen.edge.nginx.access_log import Look
    from jenkinsgen.edge.state.folder import Found
    from jenkinsgen.nginx.canary import Gate
    from jenkinsgen.nginx.connections import Endpoint
    from jenkinsgen.nginx.state import NginxState
    from jenkinsgen.report import Report
    from jenkinsgen.spec.colour import Colour
    from jenkinsgen.spec.guard import Prometheus
    from jenkinsgen.spec.pipeline import Pipeline
    from jenkinsgen.spec.source import Artifact, Image
    from jenkinsgen.stages.context.session import Session
    from jenkinsgen.stages.context.stage import Stage

    Sleep = Callable[[float], None]


class Outside(Protocol):
    """Everything, in one."""

    @property
    def clock(self) -> Clock: ...

    @property
    def workspace(self) -> Workspace: ...

    def connect(self, stage: Stage, *, with_servers: bool) -> AbstractContextManager[Session]:
        """Connect to NGINX, and to the servers when they are asked for. Raises HostError for NGINX alone."""

    def agent_engine(self) -> AgentEngine:
        """Raises ToolMissing."""

    def holder(self, stage: str, build: Build | None) -> Holder:
        """The holder of a stage's lease: this process."""

    def dead_because(self, holder: Holder | None) -> str | None:
        """Why the holder of a lease is known to be dead, by this agent's kernel or Jenkins; None when it is not."""

    def build_ended(self, build: str) -> str | None:
        """How a build ended, by its URL, as Jenkins says it; None when it runs, or cannot be asked about."""

    def ask_prometheus(self, prometheus: Prometheus, colour: Colour) -> tuple[float, ...]:
        """The numbers that the query gives. Raises HostError, StateError."""


class Workspace(Protocol):
    """The workspace of a build: the environment, and the folder in which stages hand on what they know."""

    def current_build(self) -> Build | None: ...
    def required_build(self) -> Build: ...
    def git_head(self) -> str: ...
    def registry(self, pipeline: Pipeline, report: Report) -> Registry: ...
    def pull_login(self, pipeline: Pipeline, report: Report) -> Registry: ...
    def secrets(self, pipeline: Pipeline, report: Report) -> dict[str, str]: ...
    def check_image_paths(self, image: Image) -> None: ...
    def place_artifact(self, artifact: Artifact) -> str: ...
    def write_release(self, release: Release) -> None: ...
    def read_release(self) -> Release | None: ...
    def required_release(self) -> Release: ...
    def write_report(self, stage: str, text: str) -> None: ...


class AgentEngine(Protocol):
    """The Docker engine of the agent, and the registry behind it. Every method may raise HostError."""

    def containers(self) -> tuple[Container, ...]: ...
    def images(self, identity: str) -> tuple[StoredImage, ...]: ...

    def build(
        self, step: BuildImage, registry: Registry, say: Callable[[str], None], check: Callable[[], None]
    ) -> None:
        """Raises ImageError."""

    def push(self, step: PushImage, registry: Registry, say: Callable[[str], None], check: Callable[[], None]) -> str:
        """The digest. Raises ImageError."""

    def tag(self, source: str, repository: str, tag: str) -> None: ...
    def remove_tag(self, reference: str) -> None: ...
    def remove_image(self, image_id: str) -> None: ...


class AnyServer(Protocol):
    """Questions about one server, whatever engine runs its containers. Every method may raise HostError."""

    def state(self, server: str, identity: str) -> ServerState:
        """The containers and images there; `identity` is the deployment whose images are asked for."""

    def ended(self, container: str) -> Ended | None:
        """How a container ended; None while it runs."""

    def keep_running(self, container: str) -> None:
        """It was healthy: from now on it is started again when it ends."""

    def restarts(self, container: str) -> int:
        """How often it was started again by itself."""

    def log(self, container: str) -> str:
        """The last lines that it wrote; empty when there is none."""

    def inspect(self, container: str) -> Inspected | None:
        """Everything about it that a spec decides, by its id; None when it is gone."""


class ServerEngine(AnyServer, Protocol):
    """A server that has a Docker engine of its own."""

    def pull(self, reference: str, registry: Registry, check: Callable[[], None]) -> None:
        """Raises ImageError."""

    def start(self, step: StartContainer, secrets: dict[str, str]) -> None: ...
    def remove_container(self, container: str, grace: float) -> None: ...
    def remove_started(self, label: str, value: str) -> None: ...
    def remove_image(self, image_id: str) -> None: ...


class Servers(Protocol):
    """The app servers of a session, which may still be being connected."""

    def engines(self) -> Mapping[str, AnyServer]:
        """The engines by the name of the server, when all are connected. Raises HostError with all that failed."""

    def manager(self) -> object:
        """The one that answers for all servers, with an engine that has one (stages/swarm). Raises HostError."""


class OneNginx(Protocol):
    """NGINX on one host. Every method may raise HostError, NginxError and StateError."""

    def install(self, step: InstallSite, sleep: Sleep) -> None: ...
    def remove_site(self, step: RemoveSite) -> None: ...
    def prove_reachable(self, step: ProveReachable) -> str: ...


class AccessLogs(Protocol):
    """The access log of a service on all NGINX hosts. Every method may raise HostError."""

    @property
    def path(self) -> str: ...

    def recent(self, seconds: float) -> Look:
        """The requests of the last `seconds`. Raises LogAbsent."""

    def before(self, seconds: float) -> Look:
        """The requests of the last `seconds` on the hosts that have a log. Raises LogAbsent when none has one."""

    def look(self) -> Look:
        """The requests since the last look."""


class Nginx(Protocol):
    """NGINX on all hosts in front of the servers; edge/nginx/hosts.py says what each method does and raises."""

    @property
    def address(self) -> str:
        """The address of the host that leads, for messages."""

    @property
    def count(self) -> int:
        """How many hosts there are."""

    def host(self, name: str) -> OneNginx: ...
    def access_log(self, path: str) -> AccessLogs: ...
    def observe(self) -> NginxState: ...
    def lives(self) -> dict[str, Colour | None]: ...
    def live(self) -> Colour | None: ...
    def leader_answers(self) -> bool: ...
    def look(self, step: AwaitHealthy, *, connect_seconds: float = ...) -> Answer: ...
    def percents(self) -> dict[str, int | None]: ...
    def outs(self) -> dict[str, int | None]: ...
    def prove(self, step: ProveLive) -> str: ...
    def doubts(self, live: Colour | None) -> tuple[str, ...]: ...
    def prove_canary(self, step: ProveCanary) -> None: ...
    def prove_percent(self, gate: Gate) -> None: ...
    def prove_out(self, batch: int) -> None: ...
    def prepared(self, colour: Colour) -> str: ...
    def leading(self, doors: Sequence[str]) -> dict[str, Leading]: ...
    def remotes(self, endpoints: Iterable[str]) -> tuple[Endpoint, ...]: ...
    def known_remotes(self, endpoints: Iterable[str]) -> tuple[Endpoint, ...] | None: ...
    def drain(self, remotes: tuple[Endpoint, ...], seconds: float, sleep: Sleep) -> int: ...


class StateStore(Protocol):
    """Lease, journal, history and what moves traffic; edge/state/folders.py says what each method does and raises."""

    @property
    def path(self) -> str: ...

    def make(self) -> None: ...
    def read(self) -> Found | None: ...
    def claim(self, lease: Lease, found: Found) -> bool: ...
    def renew(self, lease: Lease) -> None: ...
    def write_lease(self, held: Lease, new: Lease) -> None: ...
    def write_journal(self, held: Lease, journal: Journal) -> None: ...
    def append(self, event: Event) -> None: ...
    def set_flag(self, held: Lease, colour: Colour) -> float: ...
    def set_canary(self, held: Lease, gate: Gate) -> float: ...
    def end_canary(self, held: Lease) -> None: ...
    def set_out(self, held: Lease, batch: int) -> None: ...
