"""Rules: concurrent-deploy, restartable-deploy."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from jenkinsgen.jenkinsfile.lint.rules.rule import Hit, Rule

if TYPE_CHECKING:
    from collections.abc import Iterator

    from jenkinsgen.jenkinsfile.lint.model import Stage
    from jenkinsgen.jenkinsfile.lint.rules.rule import Subject

_DEPLOYS = re.compile(r"(?i)\b(deploy\w*|roll ?out|roll ?back|switch|go live|promote)\b")


def _deploy(subject: Subject) -> Stage | None:
    return next((stage for stage in subject.pipeline.stages() if _DEPLOYS.search(stage.name)), None)


def _without(option: str, message: str, hint: str, subject: Subject) -> Iterator[Hit]:
    stage = _deploy(subject)
    if stage is not None and subject.pipeline.root.option(option) is None:
        yield Hit(stage.where, message.format(name=stage.name), hint)


def _check_concurrent(subject: Subject) -> Iterator[Hit]:
    message = 'two builds may run stage "{name}" at the same time'
    yield from _without("disableConcurrentBuilds", message, "options { disableConcurrentBuilds() }", subject)


CONCURRENT_DEPLOY = Rule(
    "concurrent-deploy",
    "Jenkins runs builds of one job side by side unless told otherwise: two deployments then overwrite each other.",
    _check_concurrent,
)


def _check_restart(subject: Subject) -> Iterator[Hit]:
    message = 'stage "{name}" can be restarted alone, with what an old build left behind'
    yield from _without("disableRestartFromStage", message, "options { disableRestartFromStage() }", subject)


RESTARTABLE_DEPLOY = Rule(
    "restartable-deploy",
    "Restart from Stage runs a deployment with the parameters of an old build and an empty workspace, skipping"
    " the stages that decided what to deploy.",
    _check_restart,
)
