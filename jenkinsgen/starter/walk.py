"""The files of a project, as far as a first spec looks for them. Bounded: a user may begin in a home folder."""

from __future__ import annotations

import os
from pathlib import Path
from typing import TYPE_CHECKING

from jenkinsgen.files import DISK

if TYPE_CHECKING:
    from collections.abc import Iterator

DEEPEST = 6
MOST_FILES = 20_000
MOST_BYTES = 1_000_000
"""The most bytes that are read of one file."""
# Folders of others' code, and of what a build makes.
_LEFT_OUT = frozenset({"node_modules", "build", "target", "dist", "out", "vendor", "venv", "bin", "pipelines", "test"})


def files_of_project(folder: Path) -> tuple[str, ...]:
    """Their paths from the folder, the nearest first. Links to folders are not followed; hidden ones are left out."""
    found: list[str] = []
    for place, folders, names in os.walk(folder):
        here = Path(place).relative_to(folder)
        depth = len(here.parts)
        folders[:] = sorted(
            name for name in folders if depth < DEEPEST and name not in _LEFT_OUT and not name.startswith(".")
        )
        found.extend((here / name).as_posix() for name in sorted(names))
        if len(found) > MOST_FILES:
            break
    return tuple(sorted(found, key=lambda path: (path.count("/"), path)))


def text_of(path: Path) -> str:
    """A file's text; empty where there is none that can be read."""
    try:
        return DISK.read(path, MOST_BYTES).decode("utf-8", errors="replace")
    except OSError:
        return ""


def below(files: tuple[str, ...], folder: str) -> Iterator[str]:
    """The files in a folder, however deep; `.` has all."""
    return (path for path in files if folder == "." or path.startswith(f"{folder}/"))
