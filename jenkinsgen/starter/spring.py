"""The port and the health of a Spring Boot application, by its own files."""

from __future__ import annotations

import re
from dataclasses import dataclass
from pathlib import PurePosixPath
from typing import TYPE_CHECKING, Any

import yaml

from jenkinsgen.starter.walk import below, text_of

if TYPE_CHECKING:
    from pathlib import Path

ACTUATOR = "spring-boot-starter-actuator"
BUILD_FILES = ("build.gradle", "build.gradle.kts", "pom.xml")
SETTINGS = ("application.properties", "application.yml", "application.yaml")
_PORT, _CONTEXT, _BASE = "server.port", "server.servlet.context-path", "management.endpoints.web.base-path"
_DEFAULT = re.compile(r"\$\{[^:}]*:([^}]*)\}")


@dataclass(frozen=True, slots=True)
class Spring:
    """The values that were found, and in which file."""

    boot: bool = False
    actuator_in: str | None = None
    """The build file that asks for Spring's health endpoint."""
    settings_in: str | None = None
    port: int | None = None
    health: str | None = None
    """The health path; None without the actuator."""


def read_spring(root: Path, files: tuple[str, ...], folder: str) -> Spring:
    """Reads the build files and the settings below a folder; profiles are not followed."""
    inside = tuple(below(files, folder))
    builds = {path: text_of(root / path) for path in inside if PurePosixPath(path).name in BUILD_FILES}
    actuator = next((path for path, text in builds.items() if ACTUATOR in text), None)
    path = next((path for path in inside if PurePosixPath(path).name in SETTINGS), None)
    settings = _settings(text_of(root / path), path) if path else {}
    port = settings.get(_PORT, "")
    health = settings.get(_CONTEXT, "").rstrip("/") + settings.get(_BASE, "/actuator").rstrip("/") + "/health"
    return Spring(
        boot=any("springframework.boot" in text for text in builds.values()),
        actuator_in=actuator,
        settings_in=path,
        port=int(port) if re.fullmatch("[1-9][0-9]{0,4}", port) else None,
        health=health if actuator else None,
    )


def _settings(text: str, path: str) -> dict[str, str]:
    """Values by their dotted names; of `${NAME:default}` the default."""
    found = _of_properties(text) if path.endswith(".properties") else _of_yaml(text)
    return {name: _DEFAULT.sub(r"\1", value).strip() for name, value in found.items()}


def _of_properties(text: str) -> dict[str, str]:
    return dict(re.findall(r"(?m)^[ \t]*([A-Za-z0-9.-]+)[ \t]*[=:][ \t]*(.*?)[ \t]*$", text))


def _of_yaml(text: str) -> dict[str, str]:
    try:
        # Only the first document holds for every profile.
        first = next(iter(yaml.safe_load_all(text)), None)
    except (yaml.YAMLError, ValueError, RecursionError):
        return {}
    return dict(_flat(first, ""))


def _flat(value: Any, name: str) -> list[tuple[str, str]]:
    if isinstance(value, dict):
        return [pair for key, inner in value.items() for pair in _flat(inner, f"{name}.{key}".lstrip("."))]
    return [(name, str(value))]
