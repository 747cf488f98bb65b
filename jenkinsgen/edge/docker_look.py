"""What doctor asks of an engine; it changes nothing."""

from __future__ import annotations

from dataclasses import dataclass
from functools import partial
from typing import TYPE_CHECKING

import docker
import docker.errors

from jenkinsgen.doctor.registry import Answer
from jenkinsgen.edge.docker_trouble import registry_hint

if TYPE_CHECKING:
    from collections.abc import Iterable

    from jenkinsgen.deploy.observed import Container
    from jenkinsgen.edge.docker_engine import Engine, Registry


@dataclass(frozen=True, slots=True)
class EngineFacts:
    """What an engine says of itself: its version, that of its API, and where it keeps images."""

    version: str
    api: str
    folder: str


@dataclass(frozen=True, slots=True)
class RunningImage:
    """The image of a container: how it was named when it was started, and its size in bytes."""

    reference: str
    size: int


def engine_facts(engine: Engine) -> EngineFacts:
    """Raises HostError."""
    version = engine.ask(lambda api: api.version())
    folder = engine.ask(lambda api: api.info()).get("DockerRootDir", "/var/lib/docker")
    return EngineFacts(version.get("Version", "unknown"), version.get("ApiVersion", ""), folder)


def running_images(engine: Engine, containers: Iterable[Container]) -> list[RunningImage]:
    """Raises HostError; a container that has gone meanwhile is left out."""
    return [image for container in containers if (image := engine.ask(partial(_image_of, container.id))) is not None]


def _image_of(container: str, api: docker.APIClient) -> RunningImage | None:
    try:
        inspected = api.inspect_container(container)
        size = api.inspect_image(inspected["Image"])["Size"]  # type: ignore[no-untyped-call]
    except docker.errors.NotFound:
        return None
    return RunningImage(inspected["Config"]["Image"], size)


def ask_registry(engine: Engine, reference: str, registry: Registry) -> Answer:
    """The engine asks the registry for a manifest, with the login of a pull. Raises HostError."""

    def question(api: docker.APIClient) -> Answer:
        try:
            api.inspect_distribution(reference, auth_config=registry)  # type: ignore[no-untyped-call]
        except docker.errors.APIError as error:
            said = str(error.explanation)
            return Answer(reference, said, registry_hint(said))
        return Answer(reference)

    return engine.ask(question)
