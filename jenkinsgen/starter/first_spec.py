"""The text of a first spec. Pure."""

from __future__ import annotations

from dataclasses import dataclass, field
from pathlib import PurePosixPath
from typing import TYPE_CHECKING

import yaml

if TYPE_CHECKING:
    from jenkinsgen.starter.project import Project

SCHEMA_FILE = "spec.schema.json"
PORTS = {"gradle": 8080, "maven": 8080, "npm": 3000, "go": 8080, "docker": 80}
GREEN_PORT, BLUE_PORT = 8080, 8081
WIDEST = 10**6


@dataclass(frozen=True, slots=True)
class Answers:
    """Values that a project does not tell, with examples for what is not known yet."""

    name: str
    repository: str
    branch: str = "main"
    image: str = "registry.example.com/app"
    container_port: int = 8080
    health: str = "/health"
    servers: tuple[str, ...] = ("deploy@app1.example.com", "deploy@app2.example.com")
    nginx: str = "deploy@nginx.example.com"
    server_name: str = "app.example.com"
    examples: frozenset[str] = field(default_factory=frozenset)
    """The names of the answers that are examples."""


def suggested(project: Project) -> Answers:
    """Answers from what the project says; the rest are examples."""
    name = project.name
    return Answers(
        name=name,
        repository=project.repository or f"https://git.example.com/{name}.git",
        branch=project.branch or "main",
        image=f"registry.example.com/{name}",
        # The program's own port counts more than the one that its image names.
        container_port=project.spring.port or project.image.port or PORTS[project.kind],
        health=project.spring.health or "/health",
        server_name=f"{name}.example.com",
        examples=frozenset({"image", "servers", "nginx", "server_name"})
        | (frozenset() if project.repository else {"repository"})
        | (frozenset() if project.spring.health else {"health"}),
    )


def first_spec(project: Project, answers: Answers) -> str:
    """YAML that loads and renders; comments say what to look at first."""
    lines = [
        f"# yaml-language-server: $schema={SCHEMA_FILE}",
        "# `jenkinsgen explain KEY` tells what a key means; docs/spec.md of jenkinsgen has all of them.",
        f"job: {{name: {_flow(answers.name)}}}",
        "source:",
        f"  repository: {_scalar(answers.repository)}",
        f"  branch: {_scalar(answers.branch)}",
        *(
            ["  submodules: {}                        # add credential: ID where they are not public"]
            * project.submodules
        ),
        *_build(project),
        "image:",
        f"  repository: {_scalar(answers.image)}",
        *([f"  context: {_scalar(project.context)}"] if project.context != "." else []),
        *([f"  dockerfile: {_scalar(project.dockerfile)}"] if project.dockerfile not in (None, "Dockerfile") else []),
        *_artifact(project),
        "  credential: registry-login            # the id of a Jenkins credential; docker's own logins without it",
        "service:",
        f"  name: {_scalar(answers.name)}",
        f"  ports: {{green: {GREEN_PORT}, blue: {BLUE_PORT}}}     # on every server; both run side by side for a while",
        f"  container_port: {answers.container_port}",
        f"  health: {{path: {_flow(answers.health)}}}",
        f"servers: {_flow(list(answers.servers))}",
        "ssh: {credential: deploy-key}           # the id of a Jenkins credential; the agent's own keys without it",
        "nginx:",
        f"  host: {_scalar(answers.nginx)}",
        f"  server_name: {_scalar(answers.server_name)}",
    ]
    return "\n".join(lines) + "\n"


def _build(project: Project) -> list[str]:
    if project.command is None:
        return []
    directory = [f"  directory: {_scalar(project.folder)}"] if project.folder != "." else []
    return ["build:", *directory, f"  command: {_scalar(project.command)}"]


def _artifact(project: Project) -> list[str]:
    """Needed only where the Dockerfile copies a jar from another place than the build leaves it."""
    wanted = copied_jar(project)
    if project.artifact is None or (project.dockerfile and wanted is None):
        return []
    context, source = PurePosixPath(project.context), PurePosixPath(project.folder) / project.artifact
    target = context / (wanted or "app.jar")
    if wanted and _is_pattern(wanted):
        if source.is_relative_to(context):
            # It finds the jar where the build leaves it.
            return []
        target = context / "app.jar"
    if target.parent == source.parent:
        return []
    why = "   # [!n]: not the -plain.jar" if "[!n]" in source.name else ""
    return [f"  artifact: {{from: {_flow(str(source))}, to: {_flow(str(target))}}}{why}"]


def copied_jar(project: Project) -> str | None:
    """The jar that the Dockerfile copies, as written."""
    return next((name for name in project.image.copied if name.endswith(".jar") or "$" in name), None)


def _is_pattern(name: str) -> bool:
    return "$" in name or "*" in name


def copies_plain_jar(project: Project) -> bool:
    """Does the Dockerfile's pattern fit the -plain.jar, too, which Spring Boot's Gradle build makes as well?"""
    wanted = copied_jar(project) or ""
    return project.kind == "gradle" and project.spring.boot and bool(project.command) and wanted.endswith("*.jar")


def _scalar(text: str) -> str:
    """Text as YAML on a line of its own, quoted where it has to be."""
    dumped: str = yaml.safe_dump(text, width=WIDEST, allow_unicode=True)
    return dumped.removesuffix("...\n").rstrip("\n")


def _flow(value: object) -> str:
    """A value as YAML between brackets, where more has to be quoted."""
    dumped: str = yaml.safe_dump([value], default_flow_style=True, width=WIDEST, allow_unicode=True)
    return dumped.strip()[1:-1]


def line_of(text: str, key: str) -> int:
    """The line, from 1, where a key of the first spec stands: `image.repository`, `servers`."""
    section, _, name = key.partition(".")
    lines = text.splitlines()
    start = next(number for number, line in enumerate(lines, 1) if line.startswith(f"{section}:"))
    if not name:
        return start
    return next(n for n, line in enumerate(lines, 1) if n > start and line.startswith(f"  {name}:"))
