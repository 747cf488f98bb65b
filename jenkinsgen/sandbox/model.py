"""The parts of a sandbox, as `up` made them."""

from __future__ import annotations

import json
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any

from jenkinsgen.sandbox.world import World

if TYPE_CHECKING:
    from ipaddress import IPv4Network

USER = "deploy"
REGISTRY_PORT = 5000


@dataclass(frozen=True)
class Host:
    """A container that plays a server. `role` is app, nginx or registry."""

    name: str
    role: str
    address: str


@dataclass(frozen=True)
class Sandbox:
    """Everything that a client of the sandbox needs to know; all paths are absolute.

    On every host, sshd lets `user` in with `key_file`; `known_hosts` holds the hosts' real keys.
    `registry` is `address:port` of a registry that wants the login and shows a certificate of `ca_file`,
    which the engine of this machine trusts too. `credentials_file` maps Jenkins credential ids to what
    Jenkins would hold. `repository` is a git repository with an app and the spec `spec_file`.
    """

    prefix: str
    world: World
    image: str
    subnet: str
    servers: tuple[Host, ...]
    nginx: Host
    registry_host: Host
    registry: str
    registry_user: str
    registry_password: str = field(repr=False)
    user: str
    key_file: Path
    known_hosts: Path
    ca_file: Path
    ssh_config: Path
    credentials_file: Path
    repository: Path
    spec_file: Path

    @property
    def hosts(self) -> tuple[Host, ...]:
        return (self.nginx, self.registry_host, *self.servers)

    def to_json(self) -> str:
        return json.dumps(asdict(self), default=str, indent=2) + "\n"


def lay_out(
    *, prefix: str, folder: Path, world: World, image: str, subnet: IPv4Network, servers: int, password: str
) -> Sandbox:
    """Give every host its address in the subnet and every file its place. Nothing is made yet."""
    registry_host = Host("registry", "registry", str(subnet[11]))
    return Sandbox(
        prefix=prefix,
        world=world,
        image=image,
        subnet=str(subnet),
        servers=tuple(Host(f"app{n}", "app", str(subnet[20 + n])) for n in range(1, servers + 1)),
        nginx=Host("nginx", "nginx", str(subnet[10])),
        registry_host=registry_host,
        registry=f"{registry_host.address}:{REGISTRY_PORT}",
        registry_user="sandbox",
        registry_password=password,
        user=USER,
        key_file=folder / "deploy_key",
        known_hosts=folder / "known_hosts",
        ca_file=folder / "ca.crt",
        ssh_config=folder / "ssh_config",
        credentials_file=folder / "credentials.json",
        repository=folder / "shop",
        spec_file=folder / "shop" / "pipelines" / "shop.yaml",
    )


PATHS = ("key_file", "known_hosts", "ca_file", "ssh_config", "credentials_file", "repository", "spec_file")


def from_json(text: str) -> Sandbox:
    """The sandbox that `to_json` wrote."""
    data: dict[str, Any] = json.loads(text)
    data.update({key: Path(data[key]) for key in PATHS})
    data["world"] = World(**data["world"])
    data["servers"] = tuple(Host(**host) for host in data["servers"])
    data["nginx"] = Host(**data["nginx"])
    data["registry_host"] = Host(**data["registry_host"])
    return Sandbox(**data)
