"""What jenkinsgen asks of a Docker engine."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, ClassVar, TypeVar

import docker
import docker.errors

from jenkinsgen.deploy.health import Ended
from jenkinsgen.deploy.observed import SERVICE, VERSION, Container, ServerState, StoredImage
from jenkinsgen.edge.docker_read import read_inspected
from jenkinsgen.edge.docker_trouble import TROUBLE, Silent, listened_to, reason, registry_hint
from jenkinsgen.errors import HostError, ImageError, JenkinsgenError

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from jenkinsgen.deploy.observed import Inspected
    from jenkinsgen.deploy.steps import BuildImage, StartContainer

T = TypeVar("T")

LOG_LINES = 30
# A pull or push tells its progress all the time, but a slow disk may unpack a big layer without a word.
TRANSFER_SILENCE = 600.0
# A `RUN` says what it likes, when it likes.
BUILD_SILENCE = 3600.0
# The classic builder's talk about containers in between.
_BUILDER_NOISE = ("--->", "Removing intermediate container")

Registry = dict[str, str] | None
"""`username` and `password`, sent in a header of the API; None for the engine's own logins."""


class Engine:
    """What jenkinsgen asks of a Docker engine. `name` is used in messages."""

    policy_at_start: ClassVar[dict[str, Any] | None] = None
    """The restart policy of a container until it was healthy."""
    asks_registries: ClassVar[bool] = True
    """Whether it asks a registry for a manifest without a pull."""

    def __init__(self, client: docker.APIClient, name: str) -> None:
        self._api = client
        self._name = name

    def state(self, server: str, identity: str) -> ServerState:
        """What runs and lies on a server, whose engine this is."""
        return ServerState(server, self.containers(), self.images(identity))

    def containers(self) -> tuple[Container, ...]:
        """All containers, running or not."""
        found = self._call(lambda: self._api.containers(all=True))
        return tuple(
            Container(
                id=item["Id"],
                name=(item.get("Names") or ["/"])[0].lstrip("/"),
                labels=dict(item.get("Labels") or {}),
                running=item["State"] == "running",
                host_ports=tuple(sorted({port["PublicPort"] for port in item["Ports"] if "PublicPort" in port})),
                image=item.get("Image") or "",
            )
            for item in found
        )

    def images(self, identity: str) -> tuple[StoredImage, ...]:
        """The images of a deployment, the newest first."""
        found = self._call(lambda: self._api.images(filters={"label": f"{SERVICE}={identity}"}))
        ordered = sorted(found, key=lambda item: int(item["Created"]), reverse=True)
        return tuple(StoredImage(item["Id"], (item.get("Labels") or {}).get(VERSION, "unknown")) for item in ordered)

    def build(self, step: BuildImage, say: Callable[[str], None], check: Callable[[], None]) -> None:
        """Build with the classic builder; its output goes to `say`; `check` may raise. Raises ImageError."""

        def stream() -> Any:
            return self._api.build(
                path=step.context,
                dockerfile=step.dockerfile,
                tag=step.tag,
                labels=step.labels,
                buildargs=step.build_args,
                rm=True,
                forcerm=True,
                decode=True,
            )

        try:
            for message in listened_to(stream, check, BUILD_SILENCE):
                text = message.get("stream", "").rstrip()
                if text and not text.strip().startswith(_BUILDER_NOISE):
                    say(text)
                if "error" in message:
                    raise ImageError(
                        f"the image cannot be built: {message['error'].strip()}",
                        hint=f"try it by hand: docker build -f {step.context}/{step.dockerfile} {step.context}",
                    )
        except (*TROUBLE, TypeError) as error:
            raise ImageError(
                f"the image cannot be built: {error}", hint="image.context and image.dockerfile"
            ) from error

    def tag(self, source: str, repository: str, tag: str) -> None:
        self._call(lambda: self._api.tag(source, repository, tag))

    def push(
        self, repository: str, tag: str, registry: Registry, say: Callable[[str], None], check: Callable[[], None]
    ) -> str:
        """Push and return the digest that the registry gave it; `check` may raise. Raises ImageError."""
        digest = ""
        for message in self._transfer(
            f"{repository}:{tag} cannot be pushed",
            lambda: self._api.push(repository, tag=tag, stream=True, decode=True, auth_config=registry),
            check,
        ):
            aux = message.get("aux") or {}
            digest = aux.get("Digest", digest)
            if message.get("status") in ("Pushed", "Layer already exists"):
                say(f"layer {message.get('id', '')}: {message['status'].lower()}")
        if not digest:
            raise ImageError(f"{repository}:{tag}: the registry named no digest for what was pushed")
        return digest

    def has(self, reference: str) -> bool:
        """Does the image of this very digest, `repository@sha256:…`, lie here? Raises HostError."""
        api: Any = self._api
        try:
            self._call(lambda: api.inspect_image(reference))
        except _Absent:
            return False
        return True

    def pull(self, reference: str, registry: Registry, check: Callable[[], None]) -> None:
        """Pull by digest what is not there; `check` is called now and then and may raise. Raises ImageError.

        With what is there nobody asks the registry: one that is down does not stop a way back.
        """
        if self.has(reference):
            return
        repository, _, digest = reference.partition("@")
        for _message in self._transfer(
            f"{self._name}: {reference} cannot be pulled",
            lambda: self._api.pull(repository, tag=digest, stream=True, decode=True, auth_config=registry),
            check,
        ):
            pass

    def _transfer(self, failure: str, start: Callable[[], Any], check: Callable[[], None]) -> Iterator[dict[str, Any]]:
        try:
            for message in listened_to(start, check, TRANSFER_SILENCE):
                if "error" in message:
                    raise ImageError(f"{failure}: {message['error'].strip()}", hint=registry_hint(message["error"]))
                yield message
        except (docker.errors.APIError, Silent) as error:
            raise ImageError(f"{failure}: {reason(error)}", hint=registry_hint(str(error))) from error
        except TROUBLE as error:
            # It is not the registry's fault.
            raise HostError(
                f"{failure}: the connection to the Docker engine of {self._name} broke ({reason(error)})",
                hint="run the stage again; it is safe",
            ) from error

    def remove_tag(self, reference: str) -> None:
        self._ignoring_absence(lambda: self._api.remove_image(reference, force=False, noprune=False))

    def remove_image(self, image_id: str) -> None:
        """Remove an image with all its names. Raises JenkinsgenError when a container still uses it."""
        self._ignoring_absence(lambda: self._api.remove_image(image_id, force=True))

    def start(self, step: StartContainer, secrets: dict[str, str]) -> None:
        """Create and start. Raises JenkinsgenError, for example when the port is taken.

        It is not restarted when it ends: until it was healthy once, its end is a verdict. See `keep_running`.
        """
        host_config = self._api.create_host_config(
            port_bindings={step.container_port: step.host_port},
            mem_limit=step.memory,
            nano_cpus=round(step.cpus * 1e9) if step.cpus else None,
            binds=list(step.volumes),
            restart_policy=self.policy_at_start,
        )
        created = self._call(
            lambda: self._api.create_container(
                image=step.image,
                name=step.name,
                labels=step.labels,
                environment={**step.environment, **secrets},
                # As a number: the SDK adds the protocol, and to one that is there it adds another.
                ports=[step.container_port],
                host_config=host_config,
            )
        )
        try:
            self._call(lambda: self._api.start(created["Id"]))
        except HostError as error:
            if "address already in use" in error.message or "port is already allocated" in error.message:
                error.hint = f"who has port {step.host_port} there? stop it, or choose another one in service.ports"
            raise
        self._prove_published(created["Id"], step)

    def _prove_published(self, container: str, step: StartContainer) -> None:
        """Or its health would be looked at in vain, until the last second. What has ended is judged by its end."""
        found = self._call(lambda: self._api.inspect_container(container))
        published = (found["NetworkSettings"].get("Ports") or {}).get(f"{step.container_port}/tcp") or []
        if found["State"]["Running"] and str(step.host_port) not in {each["HostPort"] for each in published}:
            raise HostError(
                f"{self._name}: {step.name} runs, but the engine has not published its port {step.container_port} "
                f"as {step.host_port}",
                hint=f"docker inspect {step.name} shows its Ports and its network there; an engine without a bridge "
                '("bridge": "none" in /etc/docker/daemon.json) publishes none',
            )

    def keep_running(self, container: str) -> None:
        """From now on the engine starts it again when it ends, and when the server boots."""
        policy: Any = {"Name": "unless-stopped"}
        self._call(lambda: self._api.update_container(container, restart_policy=policy))

    def ended(self, container: str) -> Ended | None:
        """How a container ended; None while it runs."""
        try:
            state = self._call(lambda: self._api.inspect_container(container))["State"]
        except _Absent:
            return Ended(-1, out_of_memory=False)
        if state["Running"]:
            return None
        return Ended(state["ExitCode"], state["OOMKilled"])

    def restarts(self, container: str) -> int:
        """How often the engine has started it again since it first ran; 0 when it is not there."""
        try:
            return int(self._call(lambda: self._api.inspect_container(container))["RestartCount"])
        except _Absent:
            return 0

    def log(self, container: str) -> str:
        """The last lines that a container wrote; empty when there is none."""
        try:
            raw: bytes = self._call(lambda: self._api.logs(container, tail=LOG_LINES))
        except JenkinsgenError:
            return ""
        return raw.decode(errors="replace").rstrip()

    def remove_container(self, container: str, grace: float) -> None:
        """Stop with SIGTERM, after `grace` seconds with SIGKILL, and remove. No error when it is not there."""
        if grace > 0:
            self._ignoring_absence(lambda: self._api.stop(container, timeout=round(grace)))
        self._ignoring_absence(lambda: self._api.remove_container(container, force=True, v=True))

    def remove_started(self, label: str, value: str) -> None:
        """Kill and remove the containers that have this label. No error when there is none."""
        for found in self._call(lambda: self._api.containers(all=True, filters={"label": f"{label}={value}"})):
            self.remove_container(found["Id"], 0)

    def ask(self, question: Callable[[docker.APIClient], T]) -> T:
        """Ask something that is not among the above; for the other modules of this folder. Raises HostError."""
        answer: T = self._call(lambda: question(self._api))
        return answer

    def _ignoring_absence(self, call: Callable[[], Any]) -> None:
        try:
            self._call(call)
        except _Absent:
            return

    def _call(self, call: Callable[[], Any]) -> Any:
        try:
            return call()
        except docker.errors.NotFound as error:
            raise _Absent(f"{self._name}: Docker: {error.explanation}") from error
        except docker.errors.APIError as error:
            if "unrecognized image ID" in str(error.explanation):
                # Of two builds that remove the same layers at one moment the engine tells the second one so.
                raise _Absent(f"{self._name}: Docker: {error.explanation}") from error
            raise HostError(f"{self._name}: Docker: {error.explanation}") from error
        except TROUBLE as error:
            raise HostError(
                f"{self._name}: Docker does not answer: {reason(error)}",
                hint="is the server up, and its Docker engine running?",
            ) from error

    def inspect(self, container: str) -> Inspected | None:
        """Everything about a container that a spec decides; None when it is gone. Raises HostError."""
        try:
            found = self._call(lambda: self._api.inspect_container(container))
        except _Absent:
            return None
        return read_inspected(found, self._environment_of_image(found["Image"]))

    def _environment_of_image(self, image: str) -> list[str]:
        api: Any = self._api
        try:
            found = self._call(lambda: api.inspect_image(image))
        except _Absent:
            return []
        return (found.get("Config") or {}).get("Env") or []


class _Absent(HostError):
    """What was asked for is not there."""
