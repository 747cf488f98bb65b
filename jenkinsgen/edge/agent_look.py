"""Questions of doctor to the machine that it runs on."""

from __future__ import annotations

import os
import subprocess
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from pathlib import Path

TOOL_SECONDS = 10


def tool_version(*argv: str) -> str:
    """The first line that a program says of itself; empty where it is not there or does not answer."""
    try:
        done = subprocess.run(argv, capture_output=True, text=True, check=False, timeout=TOOL_SECONDS)
    except (OSError, subprocess.TimeoutExpired):
        return ""
    lines = done.stdout.splitlines()
    return lines[0].strip() if done.returncode == 0 and lines else ""


def free_bytes(folder: Path) -> int:
    """The bytes that a user may still write into a folder, or into the nearest one above it that can be seen."""
    while not folder.is_dir():
        folder = folder.parent
    found = os.statvfs(folder)
    return found.f_bavail * found.f_frsize


def bound_variables() -> set[str]:
    """The names of the environment's variables that are not empty."""
    return {name for name, value in os.environ.items() if value}
