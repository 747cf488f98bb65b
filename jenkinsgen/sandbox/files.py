"""Files that `up` writes into the sandbox's folder for its hosts and for its clients."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

from jenkinsgen.sandbox import keys

if TYPE_CHECKING:
    from pathlib import Path

    from jenkinsgen.sandbox.model import Host, Sandbox

PRIVATE, PUBLIC = 0o600, 0o644


def write(sandbox: Sandbox, folder: Path) -> None:
    """Write keys, certificates and credentials. `folder` has mode 0700 and is otherwise empty."""
    ca = keys.authority()
    deploy_key = keys.ssh_key()
    host_keys = {host: keys.ssh_key() for host in sandbox.hosts}
    for host, host_key in host_keys.items():
        own = host_folder(folder, host)
        own.mkdir(parents=True)
        put(own / "ssh_host_ed25519_key", host_key.private, PRIVATE)
        put(own / "authorized_keys", f"{deploy_key.public}\n", PUBLIC)
        put(own / "ca.crt", ca.certificate, PUBLIC)
    _write_registry(sandbox, ca, host_folder(folder, sandbox.registry_host))
    known = "".join(f"{host.address} {key.public}\n" for host, key in host_keys.items())
    put(sandbox.known_hosts, known, PUBLIC)
    put(sandbox.key_file, deploy_key.private, PRIVATE)
    put(sandbox.ca_file, ca.certificate, PUBLIC)
    put(sandbox.ssh_config, ssh_config(sandbox), PUBLIC)
    put(sandbox.credentials_file, credentials(sandbox), PRIVATE)


def put(path: Path, content: bytes | str, mode: int) -> None:
    """Write a file with this mode, so that it is there as a whole or not at all."""
    unfinished = path.with_name(f"{path.name}.new")
    unfinished.touch(mode=mode)
    unfinished.write_bytes(content if isinstance(content, bytes) else content.encode())
    unfinished.replace(path)


def host_folder(folder: Path, host: Host) -> Path:
    """The folder that a host sees, read-only, as /sandbox."""
    return folder / "hosts" / host.name


def ssh_config(sandbox: Sandbox) -> str:
    """A configuration with which `ssh -F ssh_config app1` works, and only with the hosts' real keys."""
    names = "".join(f"Host {host.name}\n    HostName {host.address}\n" for host in sandbox.hosts)
    return (
        f"{names}Host *\n    User {sandbox.user}\n"
        f"    IdentityFile {sandbox.key_file}\n    IdentitiesOnly yes\n"
        f"    UserKnownHostsFile {sandbox.known_hosts}\n    StrictHostKeyChecking yes\n"
    )


def credentials(sandbox: Sandbox) -> str:
    """The Jenkins credentials of the sandbox's spec, for the program that plays Jenkins here."""
    held = {
        "deploy-key": {
            "type": "sshUserPrivateKey",
            "username": sandbox.user,
            "key_file": str(sandbox.key_file),
            "passphrase": "",
        },
        "registry-login": {
            "type": "usernamePassword",
            "username": sandbox.registry_user,
            "password": sandbox.registry_password,
        },
    }
    return json.dumps(held, indent=2) + "\n"


def _write_registry(sandbox: Sandbox, ca: keys.Certificate, own: Path) -> None:
    tls = keys.server_certificate(ca, sandbox.registry_host.address)
    put(own / "tls.crt", tls.certificate, PUBLIC)
    put(own / "tls.key", tls.key, PRIVATE)
    put(own / "htpasswd", keys.htpasswd(sandbox.registry_user, sandbox.registry_password), PRIVATE)
