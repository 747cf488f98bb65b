"""A release: one image, named by digest, on its way to one colour. `release.json` carries it between stages."""

from __future__ import annotations

import json
import re
from dataclasses import asdict, dataclass
from typing import TYPE_CHECKING

from pydantic import TypeAdapter, ValidationError

from jenkinsgen.deploy.bounds import Count  # noqa: TC001 - pydantic reads the annotations
from jenkinsgen.errors import StateError
from jenkinsgen.spec.colour import Colour  # noqa: TC001 - pydantic reads the annotations

if TYPE_CHECKING:
    from jenkinsgen.spec.pipeline import Pipeline

FILE = "release.json"
SHORT_SHA = 12


@dataclass(frozen=True, slots=True)
class Build:
    """The build that a stage belongs to, as Jenkins says it."""

    number: int
    url: str
    """Empty outside Jenkins."""


@dataclass(frozen=True, slots=True)
class Release:
    """The image that was built, and its colour: build-image decides both once, for the whole build."""

    service: str
    colour: Colour
    version: str
    """GITSHA-BUILDNUMBER, which is also the immutable tag."""
    repository: str
    """The repository with the colour's suffix, without a tag."""
    digest: str
    git_sha: str
    build_number: Count
    build_url: str
    allow_older: bool = False
    """A person insisted on this build although a newer one of its job was live."""

    @property
    def reference(self) -> str:
        """The image by digest: the same bytes on every server."""
        return f"{self.repository}@{self.digest}"


def version_of(git_sha: str, build_number: int) -> str:
    return f"{git_sha[:SHORT_SHA]}-{build_number}"


def job_of(build_url: str) -> str:
    """The address of the job that a build belongs to."""
    return re.sub(r"/\d+/?$", "/", build_url)


def coloured_repository(pipeline: Pipeline, colour: Colour) -> str:
    return f"{pipeline.image.repository}-{colour}"


def dump_release(release: Release) -> str:
    return json.dumps(asdict(release), indent=2, default=str) + "\n"


def parse_release(text: str) -> Release:
    """Raises StateError when it is not what `dump_release` wrote."""
    try:
        release = _FORM.validate_json(text, strict=True)
    except ValidationError as error:
        first = error.errors(include_url=False, include_input=False)[0]
        where = ".".join(map(str, first["loc"]))
        raise _damaged(f"{where}: {first['msg']}" if where else first["msg"]) from error
    unknown = json.loads(text).keys() - asdict(release).keys()
    if unknown:
        raise _damaged(f"it has {min(unknown)!r}")
    return release


def _damaged(why: str) -> StateError:
    return StateError(f"{FILE} is damaged: {why}", hint="run build-image again; it writes the file anew")


def check_release(release: Release, pipeline: Pipeline, build: Build | None) -> None:
    """Is it of this service and of this build? Raises StateError."""
    if release.service != pipeline.service.name:
        raise StateError(
            f"{FILE} is of the service {release.service}, the spec of {pipeline.service.name}",
            hint="give each pipeline its own workspace",
        )
    if build is not None and release.build_number != build.number:
        raise StateError(
            f"{FILE} was written by build {release.build_number}, this is build {build.number}",
            hint="run the stage build-image of this build first",
        )


_FORM = TypeAdapter(Release)
