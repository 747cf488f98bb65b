"""The places of a sandbox's things, and their names."""

from __future__ import annotations

import os
import re
from dataclasses import dataclass
from typing import TYPE_CHECKING

from jenkinsgen.errors import ToolMissing
from jenkinsgen.surroundings import expanded

if TYPE_CHECKING:
    from pathlib import Path

NAME_VARIABLE = "JENKINSGEN_SANDBOX"
LABEL = "org.jenkinsgen.sandbox"


@dataclass(frozen=True)
class Place:
    """One sandbox among those that may stand on this machine side by side.

    `prefix` is the name of its network, the beginning of its containers' names and the value of their label.
    `folder` holds its keys, addresses and repository. `root` is the folder of all sandboxes.
    """

    prefix: str
    folder: Path
    root: Path

    @property
    def label(self) -> str:
        return f"{LABEL}={self.prefix}"

    @property
    def engine_folder(self) -> Path:
        return self.root / "engine"

    @property
    def record(self) -> Path:
        """The file that `up` writes last: where it is missing, the sandbox is not complete."""
        return self.folder / "sandbox.json"

    def container(self, host_name: str) -> str:
        return f"{self.prefix}-{host_name}"


def here() -> Place:
    """The place that the environment names: JENKINSGEN_SANDBOX (default: none) below XDG_STATE_HOME."""
    name = os.environ.get(NAME_VARIABLE, "")
    if not re.fullmatch(r"[a-z0-9]{0,20}", name):
        raise ToolMissing(
            f"{NAME_VARIABLE}={name!r} is no name for a sandbox",
            hint="use up to 20 of a-z and 0-9, or unset it",
        )
    suffix = f"-{name}" if name else ""
    root = expanded(os.environ.get("XDG_STATE_HOME") or "~/.local/state").resolve() / "jenkinsgen"
    return Place(
        prefix=f"jenkinsgen-sandbox{suffix}",
        folder=root / f"sandbox{suffix}",
        root=root,
    )
