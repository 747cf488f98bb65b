"""The user of a login on a host, and how that user runs a command as root."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from jenkinsgen.edge.ssh.host import SshHost


def as_root(host: SshHost) -> tuple[str, list[str]]:
    """The user that is logged in, and what a command has to begin with to run as root. Raises HostError.

    sudo never asks: without the right to run the command it fails at once.
    """
    user = host.check(["id", "-un"]).strip()
    return user, [] if user == "root" else ["sudo", "-n"]
