"""The context of an image's build: the folder that the spec names, without what jenkinsgen itself puts into it."""

from __future__ import annotations

from contextlib import AbstractContextManager, closing
from pathlib import Path
from typing import IO, Any

import docker.utils

from jenkinsgen.deploy.release import FILE
from jenkinsgen.edge.workspace import REPORTS
from jenkinsgen.surroundings import here

IGNORED = (FILE, f".{FILE}.*", REPORTS.name)
"""With `COPY . .` they would be another layer in each build: the virtual environment of `tool: pip` alone has 80 MB."""


def build_context(context: str, dockerfile: str) -> AbstractContextManager[IO[bytes]]:
    """The archive that goes to the engine. Raises OSError, and ValueError for a .dockerignore that is no text."""
    folder = Path(context)
    if not (folder / dockerfile).is_file():
        raise FileNotFoundError(f"there is no file {folder / dockerfile}")
    ignored = _patterns(folder / ".dockerignore")
    if folder.resolve() == here().resolve():
        ignored += IGNORED
    archive: Any = docker.utils.tar(folder, exclude=ignored, dockerfile=(dockerfile, None))
    return closing(archive)


def _patterns(path: Path) -> list[str]:
    try:
        text = path.read_text(encoding="utf-8")
    except FileNotFoundError:
        return []
    return [line for line in map(str.strip, text.splitlines()) if line and not line.startswith("#")]
