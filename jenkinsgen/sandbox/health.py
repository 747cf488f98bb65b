"""Whether the hosts do what they are for, looked at from this machine."""

from __future__ import annotations

import http.client
import socket
import ssl
import time
from typing import TYPE_CHECKING

from jenkinsgen.errors import CommandFailed, HostError
from jenkinsgen.parallel import in_parallel
from jenkinsgen.sandbox.docker_cli import docker
from jenkinsgen.sandbox.hosts import by_name
from jenkinsgen.sandbox.model import REGISTRY_PORT

if TYPE_CHECKING:
    from collections.abc import Callable

    from jenkinsgen.sandbox.model import Host, Sandbox
    from jenkinsgen.sandbox.place import Place

READY_SECONDS = 60
LOOK_SECONDS = 5


class NotYet(Exception):
    """A host answers, but not as it will when it is ready."""


def await_ready(place: Place, sandbox: Sandbox) -> None:
    """Return when every host does its work. Raises HostError with what is wrong after READY_SECONDS."""
    in_parallel(lambda host: _await_host(place, sandbox, host), by_name(sandbox.hosts))


def engine_version(place: Place, host: Host) -> str:
    """The version of an app server's Docker engine. Raises CommandFailed when it does not answer."""
    container = place.container(host.name)
    return docker("exec", container, "docker", "version", "--format", "{{.Server.Version}}", seconds=LOOK_SECONDS)


def _await_host(place: Place, sandbox: Sandbox, host: Host) -> None:
    def look() -> None:
        if host.role == "app":
            engine_version(place, host)
        elif host.role == "nginx":
            _look_at_nginx(host)
        else:
            _look_at_registry(sandbox, host)
        _look_at_sshd(host)

    deadline = time.monotonic() + READY_SECONDS
    while problem := _problem(look):
        if time.monotonic() > deadline:
            raise HostError(
                f"{host.name} ({host.address}) is not ready after {READY_SECONDS} s: {problem}",
                hint=f"what it says: docker logs {place.container(host.name)}",
            )
        time.sleep(0.1)


def _problem(look: Callable[[], object]) -> str | None:
    """Why a look failed; None when it did not."""
    try:
        look()
    except (OSError, http.client.HTTPException, NotYet, CommandFailed) as error:
        return str(error) or type(error).__name__
    return None


def _look_at_sshd(host: Host) -> None:
    with socket.create_connection((host.address, 22), timeout=LOOK_SECONDS) as connection:
        banner = connection.recv(8)
    if not banner.startswith(b"SSH-2.0-"):
        raise NotYet(f"sshd said {banner!r}")


def _look_at_nginx(host: Host) -> None:
    # Any answer will do: the user of the sandbox decides which sites there are.
    _status(http.client.HTTPConnection(host.address, timeout=LOOK_SECONDS), "/")


def _look_at_registry(sandbox: Sandbox, host: Host) -> None:
    trust = ssl.create_default_context(cafile=str(sandbox.ca_file))
    address = (host.address, REGISTRY_PORT)
    status = _status(http.client.HTTPSConnection(*address, timeout=LOOK_SECONDS, context=trust), "/v2/")
    if status != http.HTTPStatus.UNAUTHORIZED:
        raise NotYet(f"the registry answers {status} to who has no login")


def _status(connection: http.client.HTTPConnection, path: str) -> int:
    try:
        connection.request("GET", path)
        return connection.getresponse().status
    finally:
        connection.close()
