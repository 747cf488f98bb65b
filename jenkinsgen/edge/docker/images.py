"""How an image comes to be, goes to a registry, and comes from there."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any

import docker.auth
import docker.errors

from jenkinsgen.edge.docker.context import build_context
from jenkinsgen.edge.docker.read import Message, read_message
from jenkinsgen.edge.docker.stream import BUILD, TRANSFER, Patience, Silent, listened_to
from jenkinsgen.edge.docker.trouble import TROUBLE, reason, registry_hint, wants_login
from jenkinsgen.errors import HostError, ImageError

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from jenkinsgen.deploy.steps import BuildImage, PushImage
    from jenkinsgen.edge.docker.engine import Engine
    from jenkinsgen.edge.ssh.host import SshHost

# The classic builder's talk about containers in between.
_BUILDER_NOISE = ("--->", "Removing intermediate container")

Registry = dict[str, str] | None
"""`username` and `password`, sent in a header of the API; None for the own logins of who pulls or pushes."""
# With it nothing tells how far it is.
PULL_THERE = Patience(3600.0, 3600.0)
_DIGEST = re.compile("sha256:[0-9a-f]{64}")
_NOT_FOUND = 127
_SAID = 2000


def build(
    engine: Engine, step: BuildImage, registry: Registry, say: Callable[[str], None], check: Callable[[], None]
) -> None:
    """Build with the classic builder; its output goes to `say`; `check` may raise. Raises ImageError, HostError.

    The base image may lie in the registry that the image goes to: with `registry` it is pulled with that login.
    """
    if registry:
        host = docker.auth.resolve_repository_name(step.tag)[0]
        engine.api.log_in(docker.auth.INDEX_URL if host == docker.auth.INDEX_NAME else host, registry)

    def start() -> Any:
        with build_context(step.context, step.dockerfile) as archive:
            return engine.api.build(
                fileobj=archive,
                custom_context=True,
                dockerfile=step.dockerfile,
                tag=step.tag,
                labels=step.labels,
                buildargs=step.build_args,
                rm=True,
                forcerm=True,
                decode=True,
            )

    try:
        for message in map(read_message, listened_to(start, check, BUILD)):
            text = message.stream.rstrip()
            if text and not text.strip().startswith(_BUILDER_NOISE):
                say(text)
            if message.error:
                raise ImageError(f"the image cannot be built: {message.error.strip()}", hint=_hint(step, message.error))
    except (*TROUBLE, ValueError) as error:
        raise ImageError(f"the image cannot be built: {error}", hint="image.context and image.dockerfile") from error


def _hint(step: BuildImage, said: str) -> str:
    if wants_login(said):
        return "its base image is private: image.credential goes with the build, too, for its own registry alone"
    return f"try it by hand: docker build -f {step.context}/{step.dockerfile} {step.context}"


def push(
    engine: Engine, step: PushImage, registry: Registry, say: Callable[[str], None], check: Callable[[], None]
) -> str:
    """Push and return the digest that the registry gave it; `check` may raise. Raises ImageError, HostError."""
    digest = ""
    failure = f"{step.repository}:{step.tag} cannot be pushed"
    for message in _transfer(
        engine,
        failure,
        lambda: engine.api.push(step.repository, tag=step.tag, stream=True, decode=True, auth_config=registry),
        check,
    ):
        if message.aux and message.aux.Digest:
            digest = message.aux.Digest
        if message.status in ("Pushed", "Layer already exists"):
            say(f"layer {message.id}: {message.status.lower()}")
    if not _DIGEST.fullmatch(digest):
        raise ImageError(f"{step.repository}:{step.tag}: the registry named no digest for what was pushed")
    return digest


def pull(engine: Engine, reference: str, registry: Registry, check: Callable[[], None]) -> None:
    """Pull by digest what is not there; `check` is called now and then and may raise. Raises ImageError, HostError.

    For an image that is there the registry is not asked: one that is down does not stop a rollback. Without a login for
    it the server pulls as it would by hand, with its own: the API of its engine only knows logins that are sent to it.
    """
    if engine.has(reference):
        return
    failure = f"{engine.name}: {reference} cannot be pulled"
    if registry is None and engine.host is not None:
        _pull_there(engine.host, reference, failure, check)
    else:
        repository, _, digest = reference.partition("@")
        for _message in _transfer(
            engine,
            failure,
            lambda: engine.api.pull(repository, tag=digest, stream=True, decode=True, auth_config=registry),
            check,
        ):
            pass
    if not engine.has(reference):
        raise ImageError(
            f"{failure}: the engine named no error, and does not have it",
            hint="try it by hand there: docker pull; is it Docker that answers?",
        )


def _pull_there(host: SshHost, reference: str, failure: str, check: Callable[[], None]) -> None:
    try:
        (done,) = listened_to(
            lambda: [host.run(["docker", "pull", reference], seconds=PULL_THERE.whole)], check, PULL_THERE
        )
    except Silent as error:
        raise ImageError(f"{failure}: {error}", hint=registry_hint(str(error), own=True)) from error
    said = (done.errors or done.output).strip()[-_SAID:]
    if done.exit_code == _NOT_FOUND or "Cannot connect to the Docker daemon" in said:
        raise HostError(f"{failure}: {said}", hint="does `docker pull` work there, for the user that logs in by SSH?")
    if done.exit_code != 0:
        raise ImageError(f"{failure}: {said}", hint=registry_hint(said, own=True))


def _transfer(engine: Engine, failure: str, start: Callable[[], Any], check: Callable[[], None]) -> Iterator[Message]:
    try:
        for message in map(read_message, listened_to(start, check, TRANSFER)):
            if message.error:
                raise ImageError(f"{failure}: {message.error.strip()}", hint=registry_hint(message.error))
            yield message
    except (docker.errors.APIError, Silent) as error:
        raise ImageError(f"{failure}: {reason(error)}", hint=registry_hint(str(error))) from error
    except ValueError as error:
        raise HostError(
            f"{failure}: what the Docker engine of {engine.name} says cannot be read: {error}",
            hint="is it a Docker engine that answers there? docker version tells which one it is",
        ) from error
    except TROUBLE as error:
        # It is not the registry's fault.
        raise HostError(
            f"{failure}: the connection to the Docker engine of {engine.name} broke ({reason(error)})",
            hint="run the stage again; it is safe",
        ) from error
