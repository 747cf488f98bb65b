"""The way from the repository to the image: source, build, image."""

from __future__ import annotations

import re

from pydantic import Field, field_validator, model_validator

from jenkinsgen.spec.git_url import GitUrl, web_origin
from jenkinsgen.spec.names import CredentialId, Repository, VariableName
from jenkinsgen.spec.section import ProblemAt, Section, no_secret_names
from jenkinsgen.spec.values import Code, GlobPath, Line, RelativePath, Text
from jenkinsgen.spec.variables import differ_by_more_than_case


class Submodules(Section):
    """Fetches git submodules, too; none are fetched without it."""

    credential: CredentialId | None = None
    """For submodules that are not public, on the host of `source.repository` alone: the authors of the repository
    choose what .gitmodules names. `submodules: {}` fetches public ones."""


class Source(Section):
    """The git repository, which also holds the spec and its Jenkinsfile."""

    repository: GitUrl
    """Its URL (https, ssh, http, git, file, or git's short form of ssh), without user, password, token and query."""
    branch: Line = "main"
    """The branch that is deployed."""
    credential: CredentialId | None = None
    """For a repository that is not public."""
    submodules: Submodules | None = None

    @model_validator(mode="after")
    def _a_host_for_the_credential(self) -> Source:
        if self.submodules and self.submodules.credential and web_origin(self.repository) is None:
            raise ProblemAt("goes to the host of `repository` alone, which names none", ("submodules", "credential"))
        return self

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
    """A file that the build makes and the context needs; `*` and `?` are allowed and must match exactly one file."""
    to: RelativePath
    """Where it is copied: a file, or a folder with `/` at its end."""


class Build(Section):
    """What makes the program, before the image is built."""

    command: Code
    """Run by `sh -e`: the one text that is meant as code."""
    directory: RelativePath | None = None
    """Where it runs; the root of the repository without it."""
    environment: dict[VariableName, Text] = {}
    """Environment of the command. Names that look like secrets are refused."""

    @field_validator("environment")
    @classmethod
    def _no_secrets(cls, value: dict[str, str]) -> dict[str, str]:
        differ_by_more_than_case(value, *((name,) for name in value))
        return no_secret_names(value, "bind it in the build tool or with a Jenkins credential, never in this file")


class Image(Section):
    """The image: `repository` gets the colour as a suffix, as in shop-green and shop-blue."""

    repository: Repository
    """Where it is pushed, without a tag; the colour becomes a suffix: `shop-green`, `shop-blue`."""
    context: RelativePath = "."
    """The folder that `docker build` sees."""
    dockerfile: RelativePath = "Dockerfile"
    """Inside the context."""
    artifact: Artifact | None = None
    build_args: dict[VariableName, Text] = {}
    """Build arguments. They stay readable in the image: no secrets."""
    credential: CredentialId | None = None
    """Login of the registry, to push and to pull. Without it the agent pushes, and each server pulls, with its own."""
    pull_credential: CredentialId | None = None
    """Login that servers pull with, in place of `credential`: one that may only read."""

    @field_validator("build_args")
    @classmethod
    def _no_secrets(cls, value: dict[str, str]) -> dict[str, str]:
        return no_secret_names(value, "build arguments stay readable in the image")
