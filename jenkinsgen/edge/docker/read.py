"""An engine's JSON as data: one function for each answer. All raise ValueError for a shape that is not the API's."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from pydantic import Field

from jenkinsgen.container.settings import read_container
from jenkinsgen.deploy.health import Ended
from jenkinsgen.deploy.observed import SERVICE, VERSION, Container, Inspected, StoredImage
from jenkinsgen.edge.docker.shape import (
    LabelMap,
    Line,
    Lines,
    Moment,
    Number,
    Shape,
    listed,
    parsed,
    seconds_of,
    variables_of,
)


class _Port(Shape):
    PublicPort: Number | None = None


class _Item(Shape):
    Id: str
    Names: Lines = []
    Labels: LabelMap = {}
    State: str
    Ports: list[_Port] | None = None
    Image: Line = ""


def read_containers(found: Any) -> tuple[Container, ...]:
    """Parse the answer of `GET /containers/json`."""
    return tuple(_container(parsed(_Item, each)) for each in listed(found))


def _container(item: _Item) -> Container:
    return Container(
        id=item.Id,
        name=(item.Names or [""])[0].lstrip("/"),
        labels=item.Labels,
        running=item.State == "running",
        host_ports=tuple(sorted({port.PublicPort for port in item.Ports or () if port.PublicPort is not None})),
        image=item.Image,
    )


class _StoredImage(Shape):
    Id: str
    Created: Number
    Labels: LabelMap = {}


def read_images(found: Any, identity: str) -> tuple[StoredImage, ...]:
    """Images in `GET /images/json`: those of a deployment, the newest first, whatever an engine made of the filter."""
    images = [image for each in listed(found) if (image := parsed(_StoredImage, each)).Labels.get(SERVICE) == identity]
    images.sort(key=lambda image: image.Created, reverse=True)
    return tuple(StoredImage(image.Id, image.Labels.get(VERSION, "unknown")) for image in images)


class _Binding(Shape):
    HostIp: Line = ""
    HostPort: Line = ""


_Ports = dict[str, list[_Binding] | None]


class _State(Shape):
    Status: str
    Running: bool
    ExitCode: Number
    OOMKilled: bool = False
    StartedAt: Moment = ""


class _RestartPolicy(Shape):
    Name: Line = ""


class _HostConfig(Shape):
    PortBindings: _Ports | None = None
    RestartPolicy: _RestartPolicy | None = None


class _Config(Shape):
    Env: Lines = []
    Image: Line = ""


class _Ended(Shape):
    State: _State
    RestartCount: Number = 0


class _Container(_Ended):
    Image: str
    HostConfig: _HostConfig
    # Under its own name it would be pydantic's.
    config: _Config = Field(alias="Config")


def read_ended(found: Any) -> Ended | None:
    """How a container ended; None while it runs. This and all below are from `GET /containers/ID/json`."""
    state = parsed(_Ended, found).State
    return None if state.Running else Ended(state.ExitCode, state.OOMKilled)


def read_restarts(found: Any) -> int:
    """How often the engine has started it again."""
    return parsed(_Ended, found).RestartCount


@dataclass(frozen=True, slots=True)
class ImageOf:
    """The image of a container."""

    id: str
    name: str
    """Its name when the container was made."""


def read_image_of(found: Any) -> ImageOf:
    container = parsed(_Container, found)
    return ImageOf(container.Image, container.config.Image)


def read_inspected(found: Any, of_image: list[str]) -> Inspected:
    """`of_image` are the variables of its image, `NAME=value`."""
    container = parsed(_Container, found)
    state, host, environment = container.State, container.HostConfig, container.config.Env
    return Inspected(
        state=state.Status,
        exit_code=state.ExitCode,
        out_of_memory=state.OOMKilled,
        since=seconds_of(state.StartedAt) if state.StartedAt else 0,
        restarts=container.RestartCount,
        ports={
            int(inside.partition("/")[0]): tuple(int(each.HostPort) for each in outside or () if each.HostPort)
            for inside, outside in (host.PortBindings or {}).items()
        },
        settings=read_container(found),
        restart_policy=host.RestartPolicy.Name if host.RestartPolicy else "",
        environment=variables_of(environment),
        inherited=frozenset(variables_of([each for each in environment if each in of_image])),
    )


class _Network(Shape):
    Ports: _Ports | None = None


class _Running(Shape):
    Running: bool


class _Started(Shape):
    State: _Running
    NetworkSettings: _Network


def read_published(found: Any) -> dict[str, tuple[tuple[str, str], ...]] | None:
    """`8080/tcp` -> the addresses and ports of the server that lead there; None when the container does not run."""
    started = parsed(_Started, found)
    if not started.State.Running:
        return None
    ports = started.NetworkSettings.Ports or {}
    return {inside: tuple((each.HostIp, each.HostPort) for each in outside or ()) for inside, outside in ports.items()}


class _Created(Shape):
    Id: str


def read_created(found: Any) -> str:
    """The id of what was created: a container, or a command in one."""
    return parsed(_Created, found).Id


class _Executed(Shape):
    ExitCode: Number | None = None


def read_exit_code(found: Any) -> int | None:
    """The exit code in `GET /exec/ID/json`; None while the command runs."""
    return parsed(_Executed, found).ExitCode


class _ImageConfig(Shape):
    Env: Lines = []


class _Image(Shape):
    # Without one it is no image, whatever answered: that a pull is done is told by this answer.
    Id: Line = Field(min_length=1)
    Size: Number = 0
    config: _ImageConfig | None = Field(None, alias="Config")


def read_image_environment(found: Any) -> list[str]:
    """The environment in `GET /images/ID/json`."""
    config = parsed(_Image, found).config
    return config.Env if config else []


def read_image_size(found: Any) -> int:
    """The size in bytes in `GET /images/ID/json`."""
    return parsed(_Image, found).Size


class _Part(Shape):
    Name: Line = ""


class _Version(Shape):
    Version: Line = "unknown"
    Components: list[_Part] | None = None
    ApiVersion: str = Field(pattern=r"^[0-9]{1,3}\.[0-9]{1,3}$")


@dataclass(frozen=True, slots=True)
class EngineVersion:
    """The version of an engine, as it says it."""

    engine: str
    api: str
    parts: frozenset[str] = frozenset()
    """The names of what it is made of."""


def read_version(found: Any) -> EngineVersion:
    """Parse the answer of `GET /version`."""
    version = parsed(_Version, found)
    return EngineVersion(version.Version, version.ApiVersion, frozenset(part.Name for part in version.Components or ()))


class _Membership(Shape):
    LocalNodeState: Line = ""
    ControlAvailable: bool = False


class _Info(Shape):
    DockerRootDir: Line = ""
    Swarm: _Membership | None = None


def read_folder(found: Any) -> str:
    """The folder of the images in `GET /info`, which `read_membership` reads, too."""
    return parsed(_Info, found).DockerRootDir or "/var/lib/docker"


def read_membership(found: Any) -> tuple[str, bool]:
    """Its state in a swarm, and whether it is a manager of it."""
    swarm = parsed(_Info, found).Swarm or _Membership()
    return swarm.LocalNodeState or "inactive", swarm.ControlAvailable


class _Digest(Shape):
    Digest: Line = ""


class Message(Shape):
    """One line of a build, a pull or a push."""

    stream: Line = ""
    status: Line = ""
    id: Line = ""
    error: Line = ""
    aux: _Digest | None = None


def read_message(found: Any) -> Message:
    """Parse a message of `POST /build`, `POST /images/create` or `POST /images/NAME/push`."""
    return parsed(Message, found)
