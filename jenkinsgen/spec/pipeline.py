"""One deployment as a team describes it, as a frozen model. docs/spec.md explains every key to its users."""

from __future__ import annotations

from typing import Annotated, Any, Literal

from pydantic import BeforeValidator, Field, model_validator

from jenkinsgen.spec.addresses import check_addresses
from jenkinsgen.spec.canary import Canary
from jenkinsgen.spec.guard import BY_LOG, Guard
from jenkinsgen.spec.job import Job
from jenkinsgen.spec.names import ImageReference, Version
from jenkinsgen.spec.nginx import Nginx
from jenkinsgen.spec.rolling import Rolling
from jenkinsgen.spec.section import ProblemAt, Section, as_tuple
from jenkinsgen.spec.service import Server, Service, Ssh, Swarm, as_server
from jenkinsgen.spec.source import Build, Image, Source
from jenkinsgen.spec.strategies import StrategyName, check_strategy
from jenkinsgen.spec.values import Duration, HostAddress, RelativePath, Timeout, show_duration

MINUTE = 60.0
DAY = 24 * 60 * MINUTE


class Installed(Section):
    """The agent has jenkinsgen already."""

    source: Literal["installed"] = Field(default="installed", alias="from")
    """`installed`: it is on the agent's PATH. `pip`: each build makes a virtual environment. `container`: the stages
    run in an image (plugin docker-workflow).
    """


class FromPip(Section):
    """The build makes a virtual environment with one version of jenkinsgen."""

    source: Literal["pip"] = Field(alias="from")
    version: Version
    """With `from: pip`: one version."""


class FromImage(Section):
    """The build runs in a container of an image that holds jenkinsgen (plugin docker-workflow)."""

    source: Literal["container"] = Field(alias="from")
    image: ImageReference
    """With `from: container`."""
    docker_group: int | None = Field(default=None, ge=0, lt=2**32 - 1)
    """With `from: container`, where the agent's user is not root: the number of the group of Docker's socket there
    (`stat -c %g /var/run/docker.sock`).
    """


def _with_default_source(value: Any) -> Any:
    return {"from": "installed", **value} if isinstance(value, dict) else value


Tool = Annotated[
    Annotated[Installed | FromPip | FromImage, Field(discriminator="source")],
    BeforeValidator(_with_default_source),
]


class Timeouts(Section):
    """After how long Jenkins stops a stage. There is none for the whole build: it would cut `post` short."""

    checkout: Timeout = 10 * MINUTE
    """The stage Checkout."""
    build: Timeout = 60 * MINUTE
    """The stage Build."""
    build_image: Timeout = 30 * MINUTE
    """The stage Build image."""
    deploy: Timeout = 30 * MINUTE
    """The stage Deploy; longer than `service.health.timeout`."""
    switch: Timeout = 5 * MINUTE
    """The stage Switch NGINX."""
    approval: Timeout = DAY
    """How long a canary waits for a person; then it is taken back."""
    cleanup: Timeout = 15 * MINUTE
    """The stage Clean up; longer than `drain` and `grace` together, and `bake` besides when there is a `guard`."""


class Cleanup(Section):
    """How the old colour leaves."""

    drain: Duration = 60.0
    """How long connections from NGINX to the old colour may take to finish."""
    grace: Duration = 30.0
    """How long between SIGTERM and SIGKILL."""
    keep_releases: Annotated[int, Field(ge=0, le=100)] = 0
    """How many older images stay on each server."""


class Pipeline(Section):
    """One spec: everything about one service in one environment."""

    job: Job
    source: Source
    build: Build | None = None
    image: Image
    service: Service
    servers: Annotated[
        tuple[Annotated[Server, BeforeValidator(as_server)], ...], Field(min_length=1), BeforeValidator(as_tuple)
    ]
    """The app servers: a host each, or a mapping where NGINX reaches one at another address than SSH."""
    engine: Literal["docker", "swarm"] = "docker"
    """What runs the containers: the Docker engine of each server, or one Docker Swarm whose nodes the servers are
    (docs/swarm.md).
    """
    swarm: Swarm = Swarm()
    ssh: Ssh = Ssh()
    nginx: Nginx
    tool: Tool = Installed()
    """Where the agent has jenkinsgen from."""
    timeouts: Timeouts = Timeouts()
    cleanup: Cleanup = Cleanup()
    strategy: StrategyName = "blue-green"
    """`blue-green`: all traffic moves at one moment. `canary`: in steps, each one watched (docs/canary.md). `rolling`:
    the servers are replaced one batch after the other (docs/rolling.md).
    """
    canary: Canary | None = None
    rolling: Rolling | None = None
    bake: Duration = 0.0
    """How long the old colour stays warm after a switch, so that a rollback to it is one flag."""
    guard: Guard | None = None
    template: RelativePath | None = None
    """A Jinja template that extends the standard one (docs/template.md). Relative to this file."""

    @property
    def identity(self) -> str:
        """The owner of a container or an image: the same service behind another NGINX is another deployment."""
        return f"{self.service.name}@{self.nginx.host.name}"

    @property
    def manager(self) -> HostAddress:
        """The one host that is asked about all servers, with `engine: swarm`."""
        return self.swarm.manager or self.servers[0].ssh

    @property
    def stage_hosts(self) -> tuple[HostAddress, ...]:
        """The hosts that the stages log in to, NGINX's first."""
        front = self.nginx.host, *self.nginx.others
        return *front, *([self.manager] if self.engine == "swarm" else [s.ssh for s in self.servers])

    @model_validator(mode="after")
    def _servers_differ(self) -> Pipeline:
        for index, server in enumerate(self.servers):
            for other in self.servers[:index]:
                if other.upstream == server.upstream:
                    raise ProblemAt(f"{server.upstream} is here twice", ("servers", index))
                if str(other) == str(server):
                    raise ProblemAt(f"{server} is here twice; each server has an engine of its own", ("servers", index))
        check_addresses(self)
        return self

    @model_validator(mode="after")
    def _manages_something(self) -> Pipeline:
        if self.swarm.manager and self.engine != "swarm":
            raise ProblemAt("says nothing without `engine: swarm`", ("swarm", "manager"))
        return self

    @model_validator(mode="after")
    def _limits_something(self) -> Pipeline:
        """A template of the team's own may have stages that we know nothing of."""
        given = self.timeouts.model_fields_set if self.template is None else ()
        if "build" in given and self.build is None:
            raise ProblemAt("says nothing without the section `build`", ("timeouts", "build"))
        if "approval" in given and not (self.canary and self.canary.approved):
            raise ProblemAt("says nothing where no person is asked: canary.approval", ("timeouts", "approval"))
        return self

    @model_validator(mode="after")
    def _time_enough(self) -> Pipeline:
        timeouts, health, leaving = self.timeouts, self.service.health, self.cleanup
        if health.timeout >= timeouts.deploy:
            raise ProblemAt(
                f"timeouts.deploy ({show_duration(timeouts.deploy)}) must be longer than service.health.timeout "
                f"({show_duration(health.timeout)}), or Jenkins stops the stage first",
                ("timeouts", "deploy"),
                ("service", "health", "timeout"),
            )
        if self.guard and self.bake + leaving.drain + leaving.grace >= timeouts.cleanup:
            raise ProblemAt(
                f"timeouts.cleanup ({show_duration(timeouts.cleanup)}) must be longer than bake "
                f"({show_duration(self.bake)}), cleanup.drain ({show_duration(leaving.drain)}) and cleanup.grace "
                f"({show_duration(leaving.grace)}) together, because with a guard the stage lasts as long as the bake",
                ("timeouts", "cleanup"),
                ("bake",),
            )
        if leaving.drain + leaving.grace >= timeouts.cleanup:
            raise ProblemAt(
                f"timeouts.cleanup ({show_duration(timeouts.cleanup)}) must be longer than cleanup.drain "
                f"({show_duration(leaving.drain)}) and cleanup.grace ({show_duration(leaving.grace)}) together, "
                "or Jenkins stops the stage first",
                ("timeouts", "cleanup"),
                ("cleanup", "drain"),
                ("cleanup", "grace"),
            )
        return self

    @model_validator(mode="after")
    def _strategy_is_possible(self) -> Pipeline:
        check_strategy(self)
        return self

    @model_validator(mode="after")
    def _guard_can_see(self) -> Pipeline:
        guard = self.guard
        if guard is None:
            return self
        if self.bake < guard.window and not (self.canary and self.bake == 0):
            raise ProblemAt(
                f"a guard judges while the old colour is warm, so bake ({show_duration(self.bake)}) must be at least "
                f"as long as guard.window ({show_duration(guard.window)})",
                ("bake",),
                ("guard", "window"),
                ("guard",),
            )
        by_log = [name for name in BY_LOG if name in guard.model_fields_set]
        if self.nginx.mode == "reload" and by_log:
            raise ProblemAt(
                "is judged by the access log that jenkinsgen's own site file writes; in mode reload the site files "
                "are the team's, and only guard.health and guard.prometheus are judged",
                ("guard", by_log[0]),
            )
        return self
