"""The project in a folder: its kind, its name, how it is built, where git has it."""

from __future__ import annotations

import json
import re
from dataclasses import dataclass
from pathlib import Path, PurePosixPath
from typing import TYPE_CHECKING

from jenkinsgen.edge.git import ask_git
from jenkinsgen.spec.git_url import without_login
from jenkinsgen.starter.places import Places, find_places
from jenkinsgen.starter.spring import Spring, read_spring
from jenkinsgen.starter.walk import files_of_project
from jenkinsgen.starter.walk import text_of as _text

if TYPE_CHECKING:
    from jenkinsgen.starter.dockerfile import Dockerfile

GRADLE_FILES = ("build.gradle", "build.gradle.kts")
KINDS = ("gradle", "maven", "npm", "go", "docker")


@dataclass(frozen=True, slots=True)
class Project:
    """A project, as far as it could be found out; None is unknown. Paths are those from the root."""

    root: Path
    """The top of the repository, or the folder itself."""
    folder: str
    """The folder of the build tool; `.` for the root itself."""
    name: str
    kind: str
    repository: str | None
    branch: str | None
    submodules: bool
    context: str
    """The folder that the Dockerfile copies from."""
    dockerfile: str | None
    """The path of the Dockerfile from the context."""
    image: Dockerfile
    command: str | None
    """The command that builds the program; None where the Dockerfile does."""
    artifact: str | None
    """The jar that the build makes, from the folder; may hold `*`."""
    spring: Spring
    others: tuple[str, ...]
    """Other folders with a build tool."""


def look_at(folder: Path, kind: str | None = None) -> Project:
    """Read the files of a project. `kind`, one of KINDS, says what cannot be guessed; nothing is written."""
    top = ask_git(folder, "rev-parse", "--show-toplevel")
    root = Path(top) if top else folder.resolve()
    files = files_of_project(folder)
    places = find_places(folder, files, kind)
    build, prefix = folder / places.build, folder.resolve().relative_to(root.resolve())
    name = _name(build, places.kind)
    spring = read_spring(folder, files, places.build)
    return Project(
        root=root,
        folder=_joined(prefix, places.build),
        name=service_name(name or folder.resolve().name),
        kind=places.kind,
        repository=without_login(ask_git(folder, "remote", "get-url", "origin") or ""),
        branch=ask_git(folder, "branch", "--show-current") or None,
        submodules=(root / ".gitmodules").is_file(),
        context=_joined(prefix, places.context),
        dockerfile=places.dockerfile,
        image=places.image,
        command=None if places.image.builds else _command(build, places.kind, name),
        artifact=None if places.image.builds else _artifact(build, places, name),
        spring=spring,
        others=tuple(_joined(prefix, other) for other in places.others),
    )


def _joined(prefix: Path, path: str) -> str:
    return (PurePosixPath(prefix.as_posix()) / path).as_posix()


def service_name(text: str) -> str:
    """The nearest name that a service may have: lower-case letters, digits, single hyphens."""
    return re.sub(r"^[^a-z]+|-+$", "", re.sub(r"[^a-z0-9]+", "-", text.lower()))[:40].rstrip("-") or "app"


def _name(folder: Path, kind: str) -> str | None:
    match kind:
        case "gradle":
            text = _text(folder / "settings.gradle") or _text(folder / "settings.gradle.kts")
            return _first(r"""rootProject\.name\s*=\s*["']([^"']+)["']""", text)
        case "maven":
            return _first(r"<artifactId>\s*([^<\s]+)\s*</artifactId>", _own_part_of_pom(folder))
        case "npm":
            name = _package(folder).get("name")
            return name.rpartition("/")[2] if isinstance(name, str) else None
        case "go":
            module = _first(r"(?m)^module\s+(\S+)", _text(folder / "go.mod"))
            # example.com/shop/v2 is the module shop.
            return re.sub(r"/v[0-9]+$", "", module).rpartition("/")[2] if module else None
        case _:
            return None


def _command(folder: Path, kind: str, name: str | None) -> str | None:
    match kind:
        case "gradle":
            return f"{_tool(folder, 'gradlew', 'gradle')} clean build"
        case "maven":
            return f"{_tool(folder, 'mvnw', 'mvn')} --batch-mode clean package"
        case "npm":
            install = "npm ci" if (folder / "package-lock.json").is_file() else "npm install"
            scripts = _package(folder).get("scripts")
            return f"{install} && npm run build" if isinstance(scripts, dict) and "build" in scripts else install
        case "go":
            return f"CGO_ENABLED=0 go build -o {service_name(name or folder.resolve().name)} ."
        case _:
            return None


def _tool(folder: Path, wrapper: str, program: str) -> str:
    return f"./{wrapper}" if (folder / wrapper).is_file() else program


def _artifact(folder: Path, places: Places, name: str | None) -> str | None:
    """One jar, and not also its sources or Gradle's `-plain` one: the version is what tells them apart."""
    match places.kind:
        case "gradle":
            build = "".join(_text(folder / file) for file in GRADLE_FILES)
            version = _first(r"""(?m)^\s*version\s*=?\s*["']([^"']+)["']""", build)
            return f"build/libs/{name or folder.resolve().name}{_version_pattern(version)}.jar"
        case "maven":
            version = _first(r"<version>\s*([^<\s]+)\s*</version>", _own_part_of_pom(folder))
            return f"target/{name or folder.resolve().name}{_version_pattern(version)}.jar"
        case _:
            return None


def _version_pattern(version: str | None) -> str:
    if version is None:
        return ""
    if version.endswith("-SNAPSHOT"):
        return "-*-SNAPSHOT"
    # No version ends with an n, but shop-1.0-plain.jar does, which Spring Boot's build makes as well.
    return "-*[!n]" if "$" in version else f"-{version}"


def _own_part_of_pom(folder: Path) -> str:
    """Without the parent, the dependencies and the plugins, which have names and versions, too."""
    text = re.sub(r"(?s)<parent>.*?</parent>", "", _text(folder / "pom.xml"))
    return re.split(r"<(?:dependencies|dependencyManagement|build|profiles)>", text)[0]


def _package(folder: Path) -> dict[str, object]:
    try:
        data = json.loads(_text(folder / "package.json") or "{}")
    except ValueError:
        return {}
    return data if isinstance(data, dict) else {}


def _first(pattern: str, text: str) -> str | None:
    match = re.search(pattern, text)
    return match[1] if match else None
