"""A Docker engine: the agent's own, or a server's through its SSH connection."""

from __future__ import annotations

import json
import queue
import threading
from typing import TYPE_CHECKING, Any

import docker
import docker.errors
import docker.utils
import paramiko
import requests
import urllib3.exceptions
from docker.errors import StreamParseError
from docker.transport import SSHHTTPAdapter

from jenkinsgen.deploy.health import Ended
from jenkinsgen.deploy.observed import SERVICE, VERSION, Container, StoredImage
from jenkinsgen.errors import HostError, ImageError, JenkinsgenError, ToolMissing

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from jenkinsgen.deploy.steps import BuildImage, StartContainer
    from jenkinsgen.edge.ssh import SshHost

API_SECONDS = 120
LOG_LINES = 30
_BASE_URL = "http+docker://ssh"
# The SDK wants an address and a version before it can ask for one; neither is used for a call.
_NO_ADDRESS, _ANY_VERSION = "tcp://localhost:2375", "1.41"
# The classic builder's talk about containers in between.
_BUILDER_NOISE = ("--->", "Removing intermediate container")

# All that a broken connection is, in the words of the four libraries between us and the engine.
_TROUBLE = (
    docker.errors.DockerException,
    StreamParseError,
    requests.RequestException,
    urllib3.exceptions.HTTPError,
    paramiko.SSHException,
    EOFError,
    OSError,
)
_WAKE_SECONDS = 0.2

Registry = dict[str, str] | None
"""`username` and `password`, sent in a header of the API; None for the engine's own logins."""


class _SharedConnection(SSHHTTPAdapter):
    """The docker SDK's SSH adapter on a connection that is already there.

    Key file, known hosts and timeouts are those of `edge/ssh.py`, and commands share the connection.
    """

    def __init__(self, host: SshHost) -> None:
        self._host = host
        super().__init__(f"ssh://{host.address.name}", timeout=API_SECONDS)

    def _create_paramiko_client(self, base_url: str) -> None:  # noqa: ARG002
        self.ssh_client = self._host.client

    def _connect(self) -> None:
        """It is connected."""

    def get_connection(self, url: str | bytes, proxies: Any = None) -> Any:
        """A pool on the connection that the host has now: after a cut that is another one."""
        pool = super().get_connection(url, proxies)
        if pool.ssh_transport is not self._host.transport:
            pools: Any = self.pools
            pools.clear()
            pool = super().get_connection(url, proxies)
        return pool


class Engine:
    """What jenkinsgen asks of a Docker engine. `name` is used in messages."""

    def __init__(self, client: docker.APIClient, name: str) -> None:
        self._api = client
        self._name = name

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
            )
            for item in found
        )

    def images(self, service: str) -> tuple[StoredImage, ...]:
        """The images of a service, the newest first."""
        found = self._call(lambda: self._api.images(filters={"label": f"{SERVICE}={service}"}))
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
            for message in _listened_to(stream, check):
                text = message.get("stream", "").rstrip()
                if text and not text.strip().startswith(_BUILDER_NOISE):
                    say(text)
                if "error" in message:
                    raise ImageError(
                        f"the image cannot be built: {message['error'].strip()}",
                        hint=f"try it by hand: docker build -f {step.context}/{step.dockerfile} {step.context}",
                    )
        except (*_TROUBLE, TypeError) as error:
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

    def pull(self, reference: str, registry: Registry, check: Callable[[], None]) -> None:
        """Pull by digest; `check` is called now and then and may raise. Raises ImageError."""
        repository, _, digest = reference.partition("@")
        for _message in self._transfer(
            f"{self._name}: {reference} cannot be pulled",
            lambda: self._api.pull(repository, tag=digest, stream=True, decode=True, auth_config=registry),
            check,
        ):
            pass

    def _transfer(self, failure: str, start: Callable[[], Any], check: Callable[[], None]) -> Iterator[dict[str, Any]]:
        try:
            for message in _listened_to(start, check):
                if "error" in message:
                    raise ImageError(f"{failure}: {message['error'].strip()}", hint=_registry_hint(message["error"]))
                yield message
        except _TROUBLE as error:
            raise ImageError(f"{failure}: {_reason(error)}", hint=_registry_hint(str(error))) from error

    def remove_tag(self, reference: str) -> None:
        self._ignoring_absence(lambda: self._api.remove_image(reference, force=False, noprune=False))

    def remove_image(self, image_id: str) -> None:
        """Remove an image with all its names. Raises JenkinsgenError when a container still uses it."""
        self._ignoring_absence(lambda: self._api.remove_image(image_id, force=True))

    def start(self, step: StartContainer, secrets: dict[str, str]) -> None:
        """Create and start. Raises JenkinsgenError, for example when the port is taken.

        It is not restarted when it ends: until it was healthy once, its end is a verdict. See `keep_running`.
        """
        port = f"{step.container_port}/tcp"
        host_config = self._api.create_host_config(
            port_bindings={port: step.host_port},
            mem_limit=step.memory,
            nano_cpus=round(step.cpus * 1e9) if step.cpus else None,
            binds=list(step.volumes),
        )
        created = self._call(
            lambda: self._api.create_container(
                image=step.image,
                name=step.name,
                labels=step.labels,
                environment={**step.environment, **secrets},
                ports=[port],
                host_config=host_config,
            )
        )
        self._call(lambda: self._api.start(created["Id"]))

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
            raise HostError(f"{self._name}: Docker: {error.explanation}") from error
        except _TROUBLE as error:
            raise HostError(
                f"{self._name}: Docker does not answer: {_reason(error)}", hint="is its Docker engine running?"
            ) from error


def _listened_to(start: Callable[[], Any], check: Callable[[], None]) -> Iterator[dict[str, Any]]:
    """What a stream of the engine says; `check` is called now and then, also while it is silent, and may raise.

    A registry that stops in the middle of a layer, or a long `RUN`, says nothing for ever, and a thread that
    waits for it cannot be stopped. So the one that waits is left behind; it ends with the connection.
    """
    said: queue.SimpleQueue[Any] = queue.SimpleQueue()

    def listen() -> None:
        try:
            for message in start():
                said.put(message)
            said.put(None)
        except BaseException as error:  # noqa: BLE001 - raised again where somebody waits for it
            said.put(error)

    threading.Thread(target=listen, daemon=True).start()
    while True:
        check()
        try:
            message = said.get(timeout=_WAKE_SECONDS)
        except queue.Empty:
            continue
        if message is None:
            return
        if isinstance(message, BaseException):
            raise message
        yield message


class _Absent(HostError):
    """What was asked for is not there."""


def local_engine() -> Engine:
    """The agent's own engine. Raises ToolMissing."""
    try:
        client = docker.APIClient(**docker.utils.kwargs_from_env(), version="auto", timeout=API_SECONDS)
    except docker.errors.DockerException as error:
        raise ToolMissing(
            f"the agent's Docker engine cannot be used: {_reason(error)}",
            hint="is it running, and is this user in the group docker?",
        ) from error
    return Engine(client, "agent")


def remote_engine(host: SshHost) -> Engine:
    """The engine of a server. Raises HostError when Docker is missing there or refuses us."""
    adapter = _SharedConnection(host)
    try:
        version = _client(adapter, _ANY_VERSION).version(api_version=False)["ApiVersion"]
    except _TROUBLE as error:
        done = host.run(["docker", "version", "--format", "{{.Server.Version}}"])
        raise _engine_error(host, done.exit_code, done.errors.strip(), error) from error
    return Engine(_client(adapter, version), str(host.address))


def _client(adapter: _SharedConnection, version: str) -> docker.APIClient:
    client = docker.APIClient(base_url=_NO_ADDRESS, version=version, timeout=API_SECONDS)
    client.base_url = _BASE_URL
    client.mount(_BASE_URL, adapter)
    return client


def _engine_error(host: SshHost, exit_code: int, said: str, error: Exception) -> HostError:
    if exit_code == 127:  # noqa: PLR2004 - the shell's "not found"
        return HostError(f"{host.address}: Docker is not installed there", hint="install it: apt-get install docker.io")
    if "permission denied" in said:
        return HostError(
            f"{host.address}: this user may not use Docker there",
            hint=f"on the server: sudo usermod -aG docker {host.address.user or 'USER'}",
        )
    return HostError(
        f"{host.address}: Docker does not answer: {said or _reason(error)}",
        hint="on the server: systemctl status docker",
    )


def _reason(error: Exception) -> str:
    if isinstance(error, docker.errors.APIError):
        return str(error.explanation)
    text = str(error)
    # "500 Server Error for http+docker://…: {json}" says it best in its last part.
    if text.endswith("}"):
        try:
            return str(json.loads(text[text.index("{") :])["message"])
        except (ValueError, KeyError):
            pass
    return text or type(error).__name__


def _registry_hint(message: str) -> str:
    lower = message.lower()
    if "unauthorized" in lower or "no basic auth" in lower or "denied" in lower:
        return "image.credential names the Jenkins credential (username and password) of the registry"
    if "x509" in lower or "http response to https" in lower:
        return "the engine does not trust the registry: put its CA into /etc/docker/certs.d/REGISTRY/ca.crt"
    if "no space left" in lower:
        return "the disk is full: remove images that nobody needs (docker image prune)"
    if "manifest unknown" in lower or "not found" in lower:
        return "the registry does not have this digest (any more); build again"
    return "can the registry be reached from there? try: docker pull"
