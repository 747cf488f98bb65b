"""Ways to a Docker engine: the agent's own, or a server's through its SSH connection."""

from __future__ import annotations

import time
from pathlib import Path
from typing import TYPE_CHECKING, Any

import docker.utils
from docker.constants import DEFAULT_UNIX_SOCKET
from docker.transport import SSHHTTPAdapter
from docker.transport.sshconn import SSHConnection, SSHConnectionPool

from jenkinsgen.edge.docker import read as docker_read
from jenkinsgen.edge.docker.client import ANY_VERSION, API_SECONDS, EngineClient
from jenkinsgen.edge.docker.engine import Engine
from jenkinsgen.edge.docker.podman import Podman, is_podman
from jenkinsgen.edge.docker.trouble import TROUBLE, reason
from jenkinsgen.edge.ssh.login_shell import marked, skip_noise
from jenkinsgen.errors import HostError, ToolMissing

if TYPE_CHECKING:
    from jenkinsgen.edge.docker.read import EngineVersion
    from jenkinsgen.edge.ssh.host import RunningCommand, SshHost

DIAL_STDIO_SECONDS = 30.0
"""Until `docker system dial-stdio` has started there."""
# The SDK reads ~/.docker/config.json, and some answers, and trips over what it did not expect.
_UNREADABLE = (ValueError, TypeError, LookupError, AttributeError)
# Each idle one holds a place among the commands of the SSH connection; half of the places stay free for others.
IDLE_CONNECTIONS = 4
# Of the `docker` command, by its versions.
_NOT_RUNNING = (
    "Is the docker daemon running",
    "Cannot connect to the Docker daemon",
    "failed to connect to the docker",
)
_BASE_URL = "http+docker://ssh"
# The SDK wants an address; it is not used for a call.
_NO_ADDRESS = "tcp://localhost:2375"


class _EngineConnection(SSHConnection):
    """HTTP to the engine as a command on the shared connection: it has a place among its commands, and a deadline."""

    def __init__(self, host: SshHost) -> None:
        super().__init__(timeout=API_SECONDS)
        self._host = host
        self._command: RunningCommand | None = None

    def connect(self) -> None:
        words, end = marked(["docker", "system", "dial-stdio"]), time.monotonic() + DIAL_STDIO_SECONDS
        self._command = self._host.start(words.argv, end)
        # The engine's words begin after it: what stands before them is the login shell's.
        skip_noise(self._host.address, self._command.channel, words.mark, end)
        self._command.channel.settimeout(API_SECONDS)
        channel: Any = self._command.channel
        self.sock = channel

    def close(self) -> None:
        super().close()
        if self._command is not None:
            self._command.close()
            self._command = None


class _EnginePool(SSHConnectionPool):
    """The idle connections to one engine, over the SSH connection that the host had when it was made."""

    def __init__(self, host: SshHost) -> None:
        super().__init__(timeout=API_SECONDS, maxsize=IDLE_CONNECTIONS)
        self.transport = host.transport
        self._host = host

    def _new_conn(self) -> Any:
        return _EngineConnection(self._host)

    def _get_conn(self, timeout: float | None = None) -> Any:
        connection: Any = super()._get_conn(timeout)
        # An engine that was restarted has closed its end; such a connection is opened anew, not written to.
        if connection.sock is not None and (connection.sock.closed or connection.sock.eof_received):
            connection.close()
        return connection


class _SharedConnection(SSHHTTPAdapter):
    """The docker SDK's SSH adapter on a connection that is already there.

    Key file, known hosts and timeouts are those of `edge/ssh/host.py`, and commands share the connection.
    """

    def __init__(self, host: SshHost) -> None:
        self._host = host
        super().__init__(f"ssh://{host.address.name}", timeout=API_SECONDS)

    def _create_paramiko_client(self, base_url: str) -> None:  # noqa: ARG002
        self.ssh_client = self._host.client

    def _connect(self) -> None:
        """It is connected."""

    def get_connection(self, url: str | bytes, proxies: Any = None) -> Any:  # noqa: ARG002
        """The one pool, on the connection that the host has now: after a cut that is another one.

        The SDK's own adapter has a pool for each URL, so a few calls are enough to hold all sessions that sshd allows.
        """
        pools: Any = self.pools
        with pools.lock:
            pool = pools.get(_BASE_URL)
            if pool is None or pool.transport is not self._host.transport:
                pools[_BASE_URL] = pool = _EnginePool(self._host)
            return pool


def local_engine() -> Engine:
    """The agent's own engine. Raises ToolMissing."""
    address: str | None = None
    try:
        given = docker.utils.kwargs_from_env()
        address, tls = given.get("base_url"), given.get("tls", False)
        version = _version(EngineClient(address, ANY_VERSION, own=True, tls=tls)).api
        return Engine(EngineClient(address, version, own=True, tls=tls), "agent")
    except (*TROUBLE, *_UNREADABLE) as error:
        raise ToolMissing(
            f"the agent's Docker engine cannot be used: {reason(error)}",
            hint=_local_hint(reason(error), address or DEFAULT_UNIX_SOCKET),
        ) from error


def _local_hint(said: str, address: str) -> str:
    kind, _, path = address.partition("://")
    if not kind.endswith("unix"):
        return f"is it running, and is it DOCKER_HOST ({address}) that leads to it?"
    endpoint = Path(path)
    try:
        group = endpoint.stat().st_gid
    except OSError:
        return (
            f"is it running? there is no {endpoint} here; in a container it has to be shared, as tool: container does"
        )
    if "permission denied" not in said.lower():
        return "is it running?"
    return (
        f"this user may not use {endpoint}, which group {group} may: with tool: container, tool.docker_group: {group} "
        "in the spec; else usermod -aG docker USER, and the agent is started again"
    )


def remote_engine(host: SshHost) -> Engine:
    """The engine of a server. Raises HostError when Docker is missing there or refuses us."""
    adapter = _SharedConnection(host)
    try:
        version = _version(_client(adapter, ANY_VERSION))
    except (*TROUBLE, *_UNREADABLE) as error:
        done = host.run(["docker", "version", "--format", "{{.Server.Version}}"])
        raise _engine_error(host, done.exit_code, done.errors.strip(), error) from error
    kind = Podman if is_podman(version) else Engine
    return kind(_client(adapter, version.api), str(host.address), host)


def _version(client: EngineClient) -> EngineVersion:
    return docker_read.read_version(client.version(api_version=False))


def _client(adapter: _SharedConnection, version: str) -> EngineClient:
    client = EngineClient(_NO_ADDRESS, version, own=False)
    client.base_url = _BASE_URL
    client.mount(_BASE_URL, adapter)
    return client


def _engine_error(host: SshHost, exit_code: int, said: str, error: Exception) -> HostError:
    """`said` and `exit_code` are of `docker version` there. A hint is for a cause that it names, or lists causes."""
    if exit_code == 127:  # noqa: PLR2004 - the shell's "not found"
        return HostError(
            f"{host.address}: Docker is not installed there, or not in the PATH of a command",
            hint="install it: apt-get install docker.io; or does only an interactive shell find it? "
            "`ssh USER@HOST command -v docker` has to print it",
        )
    if "permission denied" in said.lower():
        return HostError(
            f"{host.address}: this user may not use Docker there",
            hint=f"on the server: sudo usermod -aG docker {host.address.user or 'USER'}",
        )
    if exit_code == 0:
        return HostError(
            f"{host.address}: Docker runs there, but does not answer to `docker system dial-stdio`: {reason(error)}",
            hint="that needs Docker 18.09 or later; on the server: docker version. Or was the connection cut?",
        )
    if any(sign in said for sign in _NOT_RUNNING):
        return HostError(
            f"{host.address}: Docker does not answer, because its engine does not run: {said}",
            hint="on the server, systemctl status docker tells why; or does DOCKER_HOST there name another one?",
        )
    return HostError(
        f"{host.address}: Docker does not answer: {said or reason(error)}",
        hint="by hand, from this machine: ssh USER@HOST docker version",
    )
