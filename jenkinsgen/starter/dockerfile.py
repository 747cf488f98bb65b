"""The little of a Dockerfile that a first spec depends on."""

from __future__ import annotations

import re
from dataclasses import dataclass

_CONTINUED = re.compile(r"\\[ \t]*\n")
_VARIABLE = re.compile(r"\$(?:\{([A-Za-z_][A-Za-z0-9_]*)\}|([A-Za-z_][A-Za-z0-9_]*))")
_COMMENT = re.compile(r"^[ \t]*#.*\n?", re.MULTILINE)
_BUILD_TOOL = re.compile(r"\b(?:gradlew?|mvnw?|npm|yarn|pnpm|go (?:build|install))\b")


@dataclass(frozen=True, slots=True)
class Dockerfile:
    """A Dockerfile, by its instructions."""

    port: int | None = None
    """The first that it exposes."""
    builds: bool = False
    """It runs the build itself, so that no stage has to do that before."""
    copied: tuple[str, ...] = ()
    """Paths that it copies from the build context, as written."""


def read_dockerfile(text: str) -> Dockerfile:
    """Reads what is plainly there; of variables only the defaults of ARG are followed."""
    port: int | None = None
    builds = False
    copied: list[str] = []
    defaults: dict[str, str] = {}
    for line in _CONTINUED.sub(" ", _COMMENT.sub("", text)).splitlines():
        instruction, _, rest = line.strip().partition(" ")
        rest = _VARIABLE.sub(lambda found: defaults.get(found[1] or found[2], found[0]), rest)
        match instruction.upper():
            case "EXPOSE" if port is None:
                port = _first_port(rest)
            case "ARG" if "=" in rest:
                name, _, default = rest.strip().partition("=")
                defaults[name] = default.strip("\"' ")
            case "RUN":
                builds = builds or bool(_BUILD_TOOL.search(rest))
            case "COPY" | "ADD" if "--from=" not in rest:
                words = [word.strip('[]",') for word in rest.split() if not word.startswith("--")]
                copied.extend(words[:-1])
    return Dockerfile(port, builds, tuple(copied))


def _first_port(rest: str) -> int | None:
    match = re.match(r"\s*([0-9]{1,5})(?:/tcp)?(?:\s|$)", rest)
    return int(match[1]) if match else None
