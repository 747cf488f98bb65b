"""The origin of images: checked once, before a plan meets an engine.

The name of a release lies where others write: release.json in the workspace, the journal on the NGINX host, the labels
of containers. None of them may choose what runs on the servers, nor which registry gets our password.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from jenkinsgen.deploy.release import coloured_repository
from jenkinsgen.deploy.steps import PullImage, RemoveImage, StartContainer
from jenkinsgen.deploy.steps.swarm import CreateService, FindImage
from jenkinsgen.errors import StateError
from jenkinsgen.spec.colour import Colour

if TYPE_CHECKING:
    from collections.abc import Iterator

    from jenkinsgen.deploy.steps import Plan, Step
    from jenkinsgen.spec.pipeline import Pipeline

_DIGEST = re.compile("sha256:[0-9a-f]{64}")


def refuse_foreign(pipeline: Pipeline, plan: Plan) -> None:
    """Raises StateError when a step of the plan, or of its undo, names an image that is not of this spec."""
    for phase in (*plan.phases, *plan.undo):
        for steps in phase.steps.values():
            for reference in _references(steps):
                check_origin(pipeline, reference)


def check_origin(pipeline: Pipeline, reference: str) -> None:
    """May `repository@digest` be asked for, with the registry's login? Raises StateError."""
    if not is_own(pipeline, reference):
        raise StateError(
            f"{reference!r} is no image of {' or '.join(_repositories(pipeline))}, so no server is asked for it",
            hint="release.json, the journal on the NGINX host or a container's label names it: was image.repository "
            "changed since? go back with the spec of then, or build that commit again. If not: who wrote it there?",
        )


def is_own(pipeline: Pipeline, reference: str) -> bool:
    """Is it, by digest, of one of the two repositories of the spec?"""
    repository, _, digest = reference.partition("@")
    return repository in _repositories(pipeline) and _DIGEST.fullmatch(digest) is not None


def _repositories(pipeline: Pipeline) -> list[str]:
    return [coloured_repository(pipeline, colour) for colour in Colour]


def _references(steps: tuple[Step, ...]) -> Iterator[str]:
    for step in steps:
        match step:
            case PullImage() | FindImage():
                yield step.reference
            case StartContainer():
                yield step.image
            case CreateService():
                yield step.task.image
            case RemoveImage() if not _DIGEST.fullmatch(step.id):
                # An image by id was seen with a label of this service; a name is only what a file says.
                yield step.id
