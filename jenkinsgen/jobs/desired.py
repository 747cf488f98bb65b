"""The job that a spec asks for. The job and the Jenkinsfile say the same about parameters, triggers, history and
concurrency, so that the first build already has its parameters. A multibranch job cannot have them: there they are
the Jenkinsfile's alone.
"""

from __future__ import annotations

import re
import uuid
from typing import TYPE_CHECKING

from jenkinsgen._version import __version__
from jenkinsgen.jobs.model import (
    UNLIMITED,
    BooleanParameter,
    ChoiceParameter,
    Concurrency,
    Discarder,
    InlineScript,
    Job,
    Multibranch,
    Remote,
    ScriptFromGit,
    StringParameter,
    Triggers,
)
from jenkinsgen.jobs.plan import Desired
from jenkinsgen.spec import job as spec_job

if TYPE_CHECKING:
    from jenkinsgen.jobs.model import Definition, Parameter
    from jenkinsgen.spec.pipeline import Pipeline


def desired_job(pipeline: Pipeline, *, spec_path: str, script_path: str, script: str | None = None) -> Desired:
    """The job of one spec. Both paths are from the root of the repository.

    `script` is the rendered Jenkinsfile; only an inline job needs it, and ValueError says that it is missing.
    """
    owner = repository_name(pipeline.source.repository)
    return Desired(
        job=_job(pipeline, _definition(pipeline, owner, spec_path, script_path, script)),
        owner=owner,
        spec=spec_path,
        version=__version__,
    )


def _definition(pipeline: Pipeline, owner: str, spec_path: str, script_path: str, script: str | None) -> Definition:
    source = pipeline.source
    remote = Remote(url=source.repository, credentials_id=source.credential)
    match pipeline.job.kind:
        case "pipeline":
            return ScriptFromGit(remotes=(remote,), branches=(f"*/{source.branch}",), script_path=script_path)
        case "inline":
            if script is None:
                raise ValueError("an inline job is made of its rendered Jenkinsfile")
            return InlineScript(script=script)
        case "multibranch":
            return Multibranch(
                # The id is the same for every checkout and run: under another id Jenkins builds all branches again.
                source_id=str(uuid.uuid5(uuid.NAMESPACE_URL, f"{owner}/{spec_path}")),
                remote=remote,
                script_path=script_path,
                # A branch for an experiment has the Jenkinsfile too, and must not deploy itself.
                include=source.branch,
            )


def _job(pipeline: Pipeline, definition: Definition) -> Job:
    job = pipeline.job
    if isinstance(definition, Multibranch):
        return Job(name=job.name, description=job.description, definition=definition)
    return Job(
        name=job.name,
        description=job.description,
        parameters=tuple(map(_parameter, job.parameters)),
        triggers=Triggers(cron=job.triggers.cron, poll=job.triggers.poll),
        discarder=Discarder(
            builds=job.keep.builds,
            days=job.keep.days or UNLIMITED,
            artifact_builds=job.keep.artifacts or UNLIMITED,
        ),
        concurrency=Concurrency.QUEUED,
        definition=definition,
    )


def repository_name(url: str) -> str:
    """`git@git.test:team/shop.git` and `https://git.test/team/shop` -> `git.test/team/shop`.

    One repository is one owner, whichever way it is cloned.
    """
    without_scheme = re.sub(r"^[a-z+]+://", "", url.strip())
    without_user = re.sub(r"^[^/@]*@", "", without_scheme)
    with_slash = re.sub(r"^([^/:]+):(?:\d+/)?", r"\1/", without_user)
    return with_slash.rstrip("/").removesuffix(".git")


def _parameter(parameter: spec_job.Parameter) -> Parameter:
    name, description = parameter.name, parameter.description
    match parameter:
        case spec_job.StringParameter():
            return StringParameter(name=name, description=description, default=parameter.default)
        case spec_job.BooleanParameter():
            return BooleanParameter(name=name, description=description, default=parameter.default)
        case spec_job.ChoiceParameter():
            return ChoiceParameter(name=name, description=description, choices=parameter.choices)
