"""From the repository to the image: source, build, image."""

from __future__ import annotations

import re

from pydantic import Field, field_validator

from jenkinsgen.spec.names import CredentialId, Repository, VariableName
from jenkinsgen.spec.section import Section, no_secret_names
from jenkinsgen.spec.values import Code, GlobPath, Line, RelativePath, Text

_URL_WITH_PASSWORD = re.compile(r"[a-z+]+://[^/@:]*:[^/@]*@")


class Submodules(Section):
    credential: CredentialId | None = None
    """Username and password (or token) for submodules that are not public."""


class Source(Section):
    """The git repository, which also holds the spec and its Jenkinsfile."""

    repository: Line
    branch: Line = "main"
    credential: CredentialId | None = None
    submodules: Submodules | None = None

    @field_validator("repository")
    @classmethod
    def _no_password(cls, value: str) -> str:
        if _URL_WITH_PASSWORD.match(value):
            raise ValueError("holds a password; name a Jenkins credential in `credential` instead")
        return value

    @field_validator("branch")
    @classmethod
    def _a_branch(cls, value: str) -> str:
        # git check-ref-format, the part that matters: no blanks, no globs, no options.
        if (
            not re.fullmatch(r"[A-Za-z0-9_][A-Za-z0-9_./+@-]*", value)
            or ".." in value
            or value.endswith(("/", ".lock"))
        ):
            raise ValueError(f"{value!r} is not the name of a branch, like main or release/2.0")
        return value


class Artifact(Section):
    """A file that the build makes and the Docker context needs."""

    source: GlobPath = Field(alias="from")
    """May hold * and ?; must match exactly one file."""
    to: RelativePath


class Build(Section):
    """What makes the program, before the image is built."""

    command: Code
    """Run by `sh -e` in `directory`; this is the one text that is meant as code."""
    directory: RelativePath | None = None
    environment: dict[VariableName, Text] = {}

    @field_validator("environment")
    @classmethod
    def _no_secrets(cls, value: dict[str, str]) -> dict[str, str]:
        return no_secret_names(value, "bind it in the build tool or with a Jenkins credential, never in this file")


class Image(Section):
    """The image: `repository` gets the colour as a suffix, as in shop-green and shop-blue."""

    repository: Repository
    context: RelativePath = "."
    dockerfile: RelativePath = "Dockerfile"
    """Inside the context."""
    artifact: Artifact | None = None
    build_args: dict[VariableName, Text] = {}
    credential: CredentialId | None = None
    """Username and password of the registry; the engines' own logins without it."""

    @field_validator("build_args")
    @classmethod
    def _no_secrets(cls, value: dict[str, str]) -> dict[str, str]:
        return no_secret_names(value, "build arguments stay readable in the image")

    @property
    def registry(self) -> str:
        """Where the image is kept, as `docker login` would name it."""
        first = self.repository.partition("/")[0]
        return first if "/" in self.repository and re.search(r"[.:]|^localhost$", first) else "docker.io"
