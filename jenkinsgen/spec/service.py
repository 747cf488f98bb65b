"""The part of a spec that runs on the servers: the container, its health, the servers, SSH."""

from __future__ import annotations

from typing import Annotated, Any, Literal

from pydantic import BeforeValidator, Field, field_validator, model_validator

from jenkinsgen.spec.colour import Colour
from jenkinsgen.spec.names import CredentialId, HostName, ServiceName, UrlPath, VariableName, Volume
from jenkinsgen.spec.section import Port, ProblemAt, Section, as_tuple, no_secret_names
from jenkinsgen.spec.values import Duration, Host, HostAddress, Line, Size, Text, bare_address, show_duration
from jenkinsgen.spec.variables import differ_by_more_than_case

# The engine refuses less: "Minimum memory limit allowed is 6MB".
MINIMUM_MEMORY = 6 * 1024**2


class Ports(Section):
    """The port of each colour on every server."""

    green: Port
    """Green's port on every server."""
    blue: Port
    """Blue's port on every server; a different one."""

    @model_validator(mode="after")
    def _different(self) -> Ports:
        if self.green == self.blue:
            raise ProblemAt(
                f"{self.blue} is green's port too; both colours run at the same time and need different ones", ("blue",)
            )
        return self

    def of(self, colour: Colour) -> int:
        return self.green if colour is Colour.GREEN else self.blue


class Health(Section):
    """When a container counts as healthy: status 200 `successes` times in a row, within `timeout`."""

    path: UrlPath
    """Asked with GET; only status 200 is healthy."""
    timeout: Duration = 100.0
    """How long a new container may take; then the release is refused. Shorter than `timeouts.deploy`."""
    interval: Duration = 1.0
    """How long between two looks."""
    successes: Annotated[int, Field(ge=1, le=100)] = 3
    """How many good looks in a row are enough."""
    origin: Literal["agent", "nginx"] = Field(default="agent", alias="from")
    """Who looks: the Jenkins agent, or the NGINX host through SSH, where the agent cannot reach the ports."""

    @model_validator(mode="after")
    def _possible(self) -> Health:
        if self.interval <= 0:
            raise ProblemAt("must be more than nothing, like 1s", ("interval",))
        if self.interval * (self.successes - 1) >= self.timeout:
            raise ProblemAt(
                f"{self.successes} successes {show_duration(self.interval)} apart do not fit into "
                f"a timeout of {show_duration(self.timeout)}",
                ("timeout",),
                ("successes",),
                ("interval",),
            )
        return self


class Service(Section):
    """The container, the same on every server but for its colour's port."""

    name: ServiceName
    """Lower-case letters, digits and hyphens. Containers are called NAME-green and NAME-blue."""
    ports: Ports
    container_port: Port
    """Where the application listens inside its container."""
    health: Health
    hostname: HostName | None = None
    """The name of the container for itself, the same in both colours; without it the engine gives one."""
    memory: Size | None = None
    """Limit of the container; at least 6m."""
    cpus: Annotated[float, Field(gt=0, allow_inf_nan=False)] | None = None
    """Limit of the container."""
    volumes: Annotated[tuple[Volume, ...], BeforeValidator(as_tuple)] = ()
    """`/on/server:/in/container` or `name:/in/container`, with `:ro` or `:rw`."""
    environment: dict[VariableName, Text] = {}
    """Environment of the container. Names that look like secrets are refused."""
    secrets: dict[VariableName, CredentialId] = {}
    """Environment of the container, too: each value is the id of a credential of kind Secret text."""

    @field_validator("memory")
    @classmethod
    def _enough(cls, value: int | None) -> int | None:
        if value is not None and value < MINIMUM_MEMORY:
            raise ValueError("is less than 6m, the least that Docker accepts")
        return value

    @field_validator("environment")
    @classmethod
    def _no_secrets(cls, value: dict[str, str]) -> dict[str, str]:
        return no_secret_names(value, "name it in service.secrets with the id of a Jenkins credential")

    @field_validator("secrets")
    @classmethod
    def _bound_apart(cls, value: dict[str, str]) -> dict[str, str]:
        # Jenkins binds each to a variable of the stage before the container gets it.
        differ_by_more_than_case(value, *((name,) for name in value))
        return value

    @model_validator(mode="after")
    def _named_once(self) -> Service:
        both = sorted(self.environment.keys() & self.secrets.keys())
        if both:
            raise ProblemAt("is in environment, too; one of them is too many", ("secrets", both[0]))
        return self


class Server(Section):
    """One app server: how SSH reaches it, and how NGINX does where that differs."""

    ssh: Host
    """How the agent logs in. A host alone is short for this key."""
    address: Annotated[Line, BeforeValidator(bare_address)] | None = None
    """How NGINX and the health check reach it, where that is not the host of `ssh`."""

    @property
    def upstream(self) -> str:
        """The address that NGINX and health checks use."""
        return self.address or self.ssh.name

    def __str__(self) -> str:
        """Its name in plans and reports; no other server of a spec has it."""
        return str(self.ssh._replace(user=None))


def as_server(value: Any) -> Any:
    return {"ssh": value} if isinstance(value, (str, HostAddress)) else value


class Swarm(Section):
    """Who the stages talk to, where the servers are nodes of a Docker Swarm."""

    manager: Host | None = None
    """With `engine: swarm`: how the agent logs in to a manager of the swarm, where the first of `servers` is none."""


class Ssh(Section):
    """How the agent logs in to the servers and the NGINX host."""

    credential: CredentialId | None = None
    """The key; the agent user's own keys without it."""
    known_hosts: Line | None = None
    """A file of pinned host keys; the agent user's `~/.ssh/known_hosts` without it."""
