"""The workspace of a build: what Jenkins binds, and what stages hand on."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

from jenkinsgen.deploy.release import FILE, Build
from jenkinsgen.errors import StateError

from .builds import COMMIT, url

if TYPE_CHECKING:
    from jenkinsgen.deploy.release import Release
    from jenkinsgen.report import Report
    from jenkinsgen.spec.pipeline import Pipeline
    from jenkinsgen.spec.source import Artifact, Image

    from .house import House


class WorkspaceInMemory:
    """See `Workspace`."""

    def __init__(self, house: House) -> None:
        self._house = house
        self.release: Release | None = None
        self.reports: dict[str, dict[str, Any]] = {}
        self.bound = {"TOKEN": "a secret value"}
        self.by_hand = False
        """Does a person work here, and no build of Jenkins?"""

    def current_build(self) -> Build | None:
        number = self._house.number
        return None if self.by_hand else Build(number, url(number))

    def required_build(self) -> Build:
        found = self.current_build()
        if found is None:
            raise StateError("BUILD_NUMBER is not set, and the version of an image is made of it")
        return found

    def git_head(self) -> str:
        return COMMIT

    def registry(self, _pipeline: Pipeline, _report: Report) -> dict[str, str]:
        return {"username": "jenkins", "password": "word"}

    def pull_login(self, pipeline: Pipeline, report: Report) -> dict[str, str]:
        return self.registry(pipeline, report)

    def secrets(self, pipeline: Pipeline, _report: Report) -> dict[str, str]:
        return {name: self.bound[name] for name in pipeline.service.secrets}

    def check_image_paths(self, image: Image) -> None:
        """All are inside."""

    def place_artifact(self, artifact: Artifact) -> str:
        return artifact.to

    def write_release(self, release: Release) -> None:
        self._house.call("write the release")
        self.release = release

    def read_release(self) -> Release | None:
        return self.release

    def required_release(self) -> Release:
        if self.release is None:
            raise StateError(f"there is no {FILE}")
        return self.release

    def write_report(self, stage: str, text: str) -> None:
        self.reports[stage] = json.loads(text)
