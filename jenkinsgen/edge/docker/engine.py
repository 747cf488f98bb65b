"""A Docker engine, and all that jenkinsgen asks of it."""

from __future__ import annotations

import struct
from typing import TYPE_CHECKING, Any, ClassVar, TypeVar

import docker.errors

from jenkinsgen.container.bodies import laid_over
from jenkinsgen.deploy.health import Ended
from jenkinsgen.deploy.observed import SERVICE, Container, ServerState, StoredImage
from jenkinsgen.edge.docker import images
from jenkinsgen.edge.docker import read as docker_read
from jenkinsgen.edge.docker.client import called
from jenkinsgen.edge.docker.trouble import TROUBLE, is_gone, knows_no_such_call, reason
from jenkinsgen.errors import HostError, JenkinsgenError
from jenkinsgen.spec.addresses import is_loopback

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator

    from jenkinsgen.deploy.observed import Inspected
    from jenkinsgen.deploy.steps import BuildImage, PushImage, StartContainer
    from jenkinsgen.edge.docker.client import EngineClient
    from jenkinsgen.edge.docker.images import Registry
    from jenkinsgen.edge.ssh.host import SshHost

T = TypeVar("T")

LOG_LINES = 30
# The SDK reads some answers itself, and trips over what it did not expect.
_UNREADABLE = (ValueError, TypeError, LookupError, AttributeError, ArithmeticError, RecursionError, struct.error)
_ID = 12
_SAID = 300


class Engine:
    """A Docker engine. `name` is used in messages.

    Each call is named in words, and every error says them: "192.0.2.11: Docker cannot start shop-blue: …".
    """

    policy_at_start: ClassVar[dict[str, Any] | None] = None
    """The restart policy of a container until it was healthy."""
    asks_registries: ClassVar[bool] = True
    """Whether it asks a registry for a manifest without a pull."""

    def __init__(self, client: EngineClient, name: str, host: SshHost | None = None) -> None:
        """`host` is where it runs, when that is another machine."""
        self.api = client
        self.name = name
        self.host = host

    def state(self, server: str, identity: str) -> ServerState:
        """The containers and images of the server whose engine this is."""
        return ServerState(server, self.containers(), self.images(identity))

    def containers(self) -> tuple[Container, ...]:
        """All containers, running or not."""
        return self.ask("list its containers", lambda api: api.containers(all=True), docker_read.read_containers)

    def images(self, identity: str) -> tuple[StoredImage, ...]:
        """The images of a deployment, the newest first."""
        return self.ask(
            "list its images",
            lambda api: api.images(filters={"label": f"{SERVICE}={identity}"}),
            lambda found: docker_read.read_images(found, identity),
        )

    def build(
        self, step: BuildImage, registry: Registry, say: Callable[[str], None], check: Callable[[], None]
    ) -> None:
        """Build an image; edge/docker/images.py explains this and the next two."""
        images.build(self, step, registry, say, check)

    def push(self, step: PushImage, registry: Registry, say: Callable[[str], None], check: Callable[[], None]) -> str:
        return images.push(self, step, registry, say, check)

    def pull(self, reference: str, registry: Registry, check: Callable[[], None]) -> None:
        images.pull(self, reference, registry, check)

    def tag(self, source: str, repository: str, tag: str) -> None:
        self.ask(f"tag {source} as {repository}:{tag}", lambda api: api.tag(source, repository, tag))

    def has(self, reference: str) -> bool:
        """Does the image of this very digest, `repository@sha256:…`, lie here? Raises HostError."""
        try:
            self._image(reference, docker_read.read_image_size)
        except Gone:
            return False
        return True

    def remove_tag(self, reference: str) -> None:
        self._remove(f"remove the tag {reference}", lambda api: api.remove_image(reference, force=False, noprune=False))

    def remove_image(self, image_id: str) -> None:
        """Remove an image with all its names. Raises JenkinsgenError when a container still uses it."""
        self._remove(f"remove the image {_short(image_id)}", lambda api: api.remove_image(image_id, force=True))

    def start(self, step: StartContainer, secrets: dict[str, str]) -> None:
        """Create and start. Raises JenkinsgenError, for example when the port is taken.

        It is not restarted when it ends: until it was healthy once, its end is a verdict. See `keep_running`.
        """

        def create(api: Any) -> Any:
            host_config = api.create_host_config(
                port_bindings={step.container_port: step.host_port}, restart_policy=self.policy_at_start
            )
            body = api.create_container_config(
                image=step.image,
                command=None,
                labels=step.labels,
                environment={**step.environment, **secrets},
                # A number, because the SDK adds the protocol, and to one that is there it adds another.
                ports=[step.container_port],
                host_config=host_config,
            )
            return api.create_container_from_config(laid_over(body, step.settings.create_body()), step.name)

        created = self.ask(f"create the container {step.name}", create, docker_read.read_created)
        try:
            self.ask(f"start {step.name}", lambda api: api.start(created))
        except HostError as error:
            if "address already in use" in error.message or "port is already allocated" in error.message:
                error.hint = f"what has port {step.host_port} there may be what serves: choose another in service.ports"
            raise
        self._prove_published(created, step)

    def _prove_published(self, container: str, step: StartContainer) -> None:
        """Or its health would be looked at in vain, until the last second. What has ended is judged by its end."""
        published = self._inspect(container, step.name, docker_read.read_published)
        if published is None:
            return
        bound = published.get(f"{step.container_port}/tcp", ())
        addresses = [address for address, port in bound if port == str(step.host_port)]
        if not addresses:
            raise HostError(
                f"{self.name}: {step.name} runs, but the engine has not published its port {step.container_port} "
                f"as {step.host_port}",
                hint=f"docker inspect {step.name} shows its Ports and its network there; an engine without a bridge "
                '("bridge": "none" in /etc/docker/daemon.json) publishes none',
            )
        if not step.loopback and all(map(is_loopback, addresses)):
            raise HostError(
                f"{self.name}: {step.name} runs, but the engine has published its port {step.host_port} on "
                f"{' and '.join(addresses)} alone, where no other machine reaches it",
                hint='"ip" in /etc/docker/daemon.json says so there. Where NGINX runs on that very server, give it '
                "`address: 127.0.0.1` in `servers`, and `service.health.from: nginx`",
            )

    def keep_running(self, container: str) -> None:
        """Let the engine start it again when it ends, and when the server boots."""
        policy: Any = {"Name": "unless-stopped"}
        self.ask(
            f"set the restart policy of {container}",
            lambda api: api.update_container(container, restart_policy=policy),
        )

    def ended(self, container: str) -> Ended | None:
        """How a container ended; None while it runs."""
        try:
            return self._inspect(container, _short(container), docker_read.read_ended)
        except Gone:
            return Ended(-1, out_of_memory=False, said="is not there any more: somebody removed it")

    def restarts(self, container: str) -> int:
        """How often the engine has started it again since it first ran; 0 when it is not there."""
        try:
            return self._inspect(container, _short(container), docker_read.read_restarts)
        except Gone:
            return 0

    def log(self, container: str) -> str:
        """The last lines that a container wrote; empty when there is none."""
        try:
            raw = self.ask(
                f"read the log of {_short(container)}", lambda api: api.logs(container, tail=LOG_LINES), bytes
            )
        except JenkinsgenError:
            return ""
        return raw.decode(errors="replace").rstrip()

    def remove_container(self, container: str, grace: float) -> None:
        """Stop with SIGTERM, after `grace` seconds with SIGKILL, and remove. No error when it is not there."""
        name = _short(container)
        if grace > 0:
            self._remove(f"stop the container {name}", lambda api: api.stop(container, timeout=round(grace)))
        self._remove(f"remove the container {name}", lambda api: api.remove_container(container, force=True, v=True))

    def remove_started(self, label: str, value: str) -> None:
        """Kill and remove the containers that have this label. No error when there is none."""
        found = self.ask(
            f"list the containers with the label {label}",
            lambda api: api.containers(all=True, filters={"label": f"{label}={value}"}),
            docker_read.read_containers,
        )
        for container in found:
            # An engine that does not know the filter would name them all.
            if container.labels.get(label) == value:
                self.remove_container(container.id, 0)

    def inspect(self, container: str) -> Inspected | None:
        """Everything about a container that a spec decides; None when it is gone. Raises HostError."""

        def read(found: Any) -> Inspected:
            return docker_read.read_inspected(found, self._environment_of_image(docker_read.read_image_of(found).id))

        try:
            return self._inspect(container, _short(container), read)
        except Gone:
            return None

    def _inspect(self, container: str, name: str, read: Callable[[Any], T]) -> T:
        return self.ask(f"inspect the container {name}", lambda api: api.inspect_container(container), read)

    def _image(self, image: str, read: Callable[[Any], T]) -> T:
        def question(api: Any) -> Any:
            return api.inspect_image(image)

        return self.ask(f"inspect the image {_short(image)}", question, read)

    def _environment_of_image(self, image: str) -> list[str]:
        try:
            return self._image(image, docker_read.read_image_environment)
        except Gone:
            return []

    def _remove(self, what: str, call: Callable[[EngineClient], Any]) -> None:
        try:
            self.ask(what, call)
        except Gone:
            return

    def ask(
        self, what: str, question: Callable[[EngineClient], Any], read: Callable[[Any], T] = lambda found: found
    ) -> T:
        """Ask something. `what` completes "Docker cannot …"; `read` takes the answer, and raises ValueError.

        Raises Gone when the thing that it is about is not there, else HostError.
        """
        try:
            return read(question(self.api))
        except (*TROUBLE, *_UNREADABLE) as error:
            raise self._failure(what, error) from error

    def each(self, what: str, answers: Iterable[T]) -> Iterator[T]:
        """Each further answer to a question, with the errors of `ask`."""
        # Only the answer is inside of the try: the code that takes it may fail, too.
        iterator = iter(answers)
        while True:
            try:
                answer = next(iterator)
            except StopIteration:
                return
            except (*TROUBLE, *_UNREADABLE) as error:
                raise self._failure(what, error) from error
            yield answer

    def _failure(self, what: str, error: Exception) -> HostError:
        if isinstance(error, docker.errors.APIError) and error.response is not None:
            said = f"{self.name}: Docker cannot {what}: {error.explanation}"
            if is_gone(error):
                return Gone(said)
            if knows_no_such_call(error):
                return HostError(
                    f"{said} ({called(error.response)})",
                    hint="does that engine have this call of Docker's API? docker version tells which engine it is",
                )
            return HostError(said)
        # The SDK's error for invalid JSON is both.
        if isinstance(error, TROUBLE) and not isinstance(error, ValueError):
            return HostError(
                f"{self.name}: Docker does not answer: {reason(error)} (asked to {what})",
                hint="is the server up, and its Docker engine running?",
            )
        said = str(error) if isinstance(error, ValueError) else repr(error)
        return HostError(
            f"{self.name}: Docker's answer cannot be read: {said[:_SAID]} (asked to {what})",
            hint="is it a Docker engine that answers there? docker version tells which one it is",
        )


class Gone(HostError):
    """The thing that was asked about is not there."""


def _short(identity: str) -> str:
    """An id as `docker ps` shows it; names stay as they are."""
    bare = identity.removeprefix("sha256:")
    return bare[:_ID] if len(bare) == 64 and all(letter in "0123456789abcdef" for letter in bare) else identity  # noqa: PLR2004 - a digest's digits
