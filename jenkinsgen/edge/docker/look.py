"""Questions of doctor to an engine; they change nothing."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import docker.errors

from jenkinsgen.doctor.registry import Answer
from jenkinsgen.edge.docker import read as docker_read
from jenkinsgen.edge.docker.engine import Gone
from jenkinsgen.edge.docker.trouble import knows_no_such_call, registry_hint, wants_login

if TYPE_CHECKING:
    from collections.abc import Iterable

    from jenkinsgen.deploy.observed import Container
    from jenkinsgen.edge.docker.engine import Engine
    from jenkinsgen.edge.docker.images import Registry


@dataclass(frozen=True, slots=True)
class EngineFacts:
    """Facts of an engine: its version, that of its API, and where it keeps images."""

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
    version = engine.ask("tell its version", lambda api: api.version(), docker_read.read_version)
    folder = engine.ask("tell of itself", lambda api: api.info(), docker_read.read_folder)
    return EngineFacts(version.engine, version.api, folder)


def running_images(engine: Engine, containers: Iterable[Container]) -> list[RunningImage]:
    """Raises HostError; a container that has gone meanwhile is left out."""
    return [image for container in containers if (image := _image_of(engine, container)) is not None]


def _image_of(engine: Engine, container: Container) -> RunningImage | None:
    def size_of(api: Any, image: str) -> Any:
        return api.inspect_image(image)

    try:
        image = engine.ask(
            f"inspect {container.name}", lambda api: api.inspect_container(container.id), docker_read.read_image_of
        )
        size = engine.ask(
            f"inspect the image of {container.name}", lambda api: size_of(api, image.id), docker_read.read_image_size
        )
    except Gone:
        return None
    return RunningImage(image.name, size)


def ask_registry(engine: Engine, reference: str, registry: Registry) -> Answer:
    """The engine asks the registry for a manifest, with that login or with none. Raises HostError."""

    def question(api: Any) -> Answer:
        try:
            api.inspect_distribution(reference, auth_config=registry)
        except docker.errors.APIError as error:
            if knows_no_such_call(error):
                # It is not the registry that has not found it.
                raise
            said = str(error.explanation)
            return Answer(reference, said, registry_hint(said, own=registry is None), wants_login(said))
        return Answer(reference)

    return engine.ask(f"ask the registry for {reference}", question)
