"""The places in a project: of the build tool, of its Dockerfile, and of what the Dockerfile copies."""

from __future__ import annotations

import re
from dataclasses import dataclass
from pathlib import PurePosixPath
from typing import TYPE_CHECKING

from jenkinsgen.starter.dockerfile import Dockerfile, read_dockerfile
from jenkinsgen.starter.walk import below, text_of

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

# Build tools, the preferred one in a folder first.
MARKS = {
    "build.gradle": "gradle",
    "build.gradle.kts": "gradle",
    "pom.xml": "maven",
    "go.mod": "go",
    "package.json": "npm",
}
_DOCKERFILE = re.compile(r"(?i)dockerfile(?:\.[a-z0-9._-]+)?|[a-z0-9._-]+\.dockerfile")
# Folders that a build makes, or has: a Dockerfile that copies from there is meant for the folder of the build.
_OF_THE_BUILD = ("build/", "target/", "src/", "dist/")


@dataclass(frozen=True, slots=True)
class Places:
    """Paths are those from the folder that was looked at."""

    build: str
    """The folder of the build tool; `.` where there is none."""
    kind: str
    context: str
    dockerfile: str | None
    """The path of the Dockerfile from the context."""
    image: Dockerfile
    others: tuple[str, ...]
    """Other folders with a build of their own."""


def find_places(root: Path, files: tuple[str, ...], kind: str | None) -> Places:
    """The nearest build tool, of one kind if that is given, and the Dockerfile that goes with it."""
    tools = [(_parent(path), MARKS[_name(path)]) for path in files if _name(path) in MARKS]
    ranks = list(MARKS.values())
    tools.sort(key=lambda tool: (_depth(tool[0]), ranks.index(tool[1]), tool[0]))
    build, found = next((tool for tool in tools if kind in (None, tool[1])), (".", kind or "docker"))
    # Modules of the same tool below it are its own.
    apart = (place for place, tool in tools if place != build and (tool != found or not _inside(place, build)))
    others = tuple(dict.fromkeys(place for place in apart if place != "."))
    path = next(_dockerfiles(files, build, others), None)
    image = read_dockerfile(text_of(root / path)) if path else Dockerfile()
    context = _context(path, image, build, files) if path else build
    inside = PurePosixPath(path).relative_to(context).as_posix() if path else None
    return Places(build, kind or found, context, inside, image, others)


def _dockerfiles(files: tuple[str, ...], build: str, others: tuple[str, ...]) -> Iterator[str]:
    """Dockerfiles of the build's folder first, then others, but none of another build; `Dockerfile.dev` last."""
    found = [path for path in files if _DOCKERFILE.fullmatch(_name(path)) and not path.endswith(".dockerignore")]
    mine = [path for path in found if not any(_inside(path, other) for other in others)]
    exact = [path for path in mine if _name(path).lower() == "dockerfile"]
    for group in (exact, [path for path in mine if path not in exact]):
        inside = list(below(tuple(group), build))
        yield from inside
        yield from (path for path in group if path not in inside)


def _context(path: str, image: Dockerfile, build: str, files: tuple[str, ...]) -> str:
    """The folder that a Dockerfile wants to be built in, by what it copies."""
    own = _parent(path)
    if not _inside(own, build):
        return own
    prefix = "" if build == "." else f"{build}/"
    sources = [source.removeprefix("./") for source in image.copied]
    there = any(
        source in ("", ".") or source.startswith(_OF_THE_BUILD) or any(f.startswith(prefix + source) for f in files)
        for source in sources
    )
    return build if there or not sources else own


def _inside(path: str, folder: str) -> bool:
    return folder in (".", path) or path.startswith(f"{folder}/")


def _parent(path: str) -> str:
    return PurePosixPath(path).parent.as_posix()


def _name(path: str) -> str:
    return PurePosixPath(path).name


def _depth(folder: str) -> int:
    return len(PurePosixPath(folder).parts)
