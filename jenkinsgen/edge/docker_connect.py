"""Ways to a Docker engine: the agent's own, or a server's through its SSH connection."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import docker
import docker.errors
import docker.utils
from docker.transport import SSHHTTPAdapter

from jenkinsgen.edge.docker_engine import Engine
from jenkinsgen.edge.docker_trouble import TROUBLE, reason
from jenkinsgen.errors import HostError, ToolMissing

if TYPE_CHECKING:
    from jenkinsgen.edge.ssh import SshHost

API_SECONDS = 120
_BASE_URL = "http+docker://ssh"
# The SDK wants an address and a version before it can ask for one; neither is used for a call.
_NO_ADDRESS, _ANY_VERSION = "tcp://localhost:2375", "1.41"


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


def local_engine() -> Engine:
    """The agent's own engine. Raises ToolMissing."""
    try:
        client = docker.APIClient(**docker.utils.kwargs_from_env(), version="auto", timeout=API_SECONDS)
    except docker.errors.DockerException as error:
        raise ToolMissing(
            f"the agent's Docker engine cannot be used: {reason(error)}",
            hint="is it running, and is this user in the group docker?",
        ) from error
    return Engine(client, "agent")


def remote_engine(host: SshHost) -> Engine:
    """The engine of a server. Raises HostError when Docker is missing there or refuses us."""
    adapter = _SharedConnection(host)
    try:
        version = _client(adapter, _ANY_VERSION).version(api_version=False)["ApiVersion"]
    except TROUBLE as error:
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
        f"{host.address}: Docker does not answer: {said or reason(error)}",
        hint="on the server: systemctl status docker",
    )
