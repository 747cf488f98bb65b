"""What a team says about one deployment, as a frozen model. docs/spec.md explains every key to its users."""

from __future__ import annotations

from typing import Annotated, Any, Literal

from pydantic import BeforeValidator, Field, field_validator, model_validator

from jenkinsgen.spec.job import Job
from jenkinsgen.spec.nginx import Nginx
from jenkinsgen.spec.section import Section, as_tuple
from jenkinsgen.spec.service import Server, Service, Ssh, as_server
from jenkinsgen.spec.source import Build, Image, Source
from jenkinsgen.spec.values import Duration, Line, RelativePath, show_duration

MINUTE = 60.0


class Installed(Section):
    """The agent has jenkinsgen already."""

    source: Literal["installed"] = Field(default="installed", alias="from")


class FromPip(Section):
    """The build makes a virtual environment with one version of jenkinsgen."""

    source: Literal["pip"] = Field(alias="from")
    version: Annotated[Line, Field(pattern=r"^\d+(\.\d+)*((a|b|rc)\d+)?$")]


class FromImage(Section):
    """The build runs in a container of an image that holds jenkinsgen (plugin docker-workflow)."""

    source: Literal["container"] = Field(alias="from")
    image: Annotated[Line, Field(pattern=r"^[A-Za-z0-9][A-Za-z0-9._:/@-]*$")]


def _with_default_source(value: Any) -> Any:
    return (
        value if not isinstance(value, dict) or "from" in value or "source" in value else {**value, "from": "installed"}
    )


Tool = Annotated[
    Annotated[Installed | FromPip | FromImage, Field(discriminator="source")],
    BeforeValidator(_with_default_source),
]


class Timeouts(Section):
    """After how long Jenkins stops a stage. There is none for the whole build: it would cut `post` short."""

    checkout: Duration = 10 * MINUTE
    build: Duration = 60 * MINUTE
    build_image: Duration = 30 * MINUTE
    deploy: Duration = 30 * MINUTE
    switch: Duration = 5 * MINUTE
    cleanup: Duration = 15 * MINUTE


class Cleanup(Section):
    """How the old colour leaves."""

    drain: Duration = 60.0
    """How long connections from NGINX to the old colour may take to finish."""
    grace: Duration = 30.0
    """Between SIGTERM and SIGKILL."""
    keep_releases: Annotated[int, Field(ge=0, le=100)] = 0
    """How many older images stay on the servers."""


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
    ssh: Ssh = Ssh()
    nginx: Nginx
    tool: Tool = Installed()
    timeouts: Timeouts = Timeouts()
    cleanup: Cleanup = Cleanup()
    template: RelativePath | None = None
    """A team's own template, next to the spec; it extends Jenkinsfile.j2."""

    @field_validator("servers")
    @classmethod
    def _different(cls, value: tuple[Server, ...]) -> tuple[Server, ...]:
        seen = [server.upstream for server in value]
        twice = sorted({name for name in seen if seen.count(name) > 1})
        if twice:
            raise ValueError(f"{twice[0]} is here twice")
        return value

    @model_validator(mode="after")
    def _time_enough(self) -> Pipeline:
        if self.service.health.timeout >= self.timeouts.deploy:
            raise ValueError(
                f"timeouts.deploy ({show_duration(self.timeouts.deploy)}) must be longer than service.health.timeout "
                f"({show_duration(self.service.health.timeout)}), or Jenkins stops the stage first"
            )
        if self.cleanup.drain + self.cleanup.grace >= self.timeouts.cleanup:
            raise ValueError("timeouts.cleanup must be longer than cleanup.drain and cleanup.grace together")
        return self
