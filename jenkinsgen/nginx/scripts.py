"""The shell scripts that run on the NGINX host. Values reach them as arguments only."""

from __future__ import annotations

from importlib import resources

INSTALL = ("container.sh", "root.sh", "tree.sh", "install.sh")
REMOVE = ("container.sh", "root.sh", "remove.sh")


def script(*names: str) -> str:
    """The text of a script of this folder; of several, one behind the other."""
    folder = resources.files("jenkinsgen.nginx")
    return "".join(folder.joinpath(name).read_text(encoding="utf-8") for name in names)
