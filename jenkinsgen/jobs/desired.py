"""From a spec to the job it asks for. Both the job and the Jenkinsfile say the same about parameters, triggers,
history and concurrency, so that the first build already has its parameters.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from jenkinsgen._version import __version__
from jenkinsgen.jobs.model import (
    UNLIMITED,
    BooleanParameter,
    ChoiceParameter,
    Concurrency,
    Discarder,
    Job,
    Remote,
    ScriptFromGit,
    StringParameter,
    Triggers,
)
from jenkinsgen.jobs.plan import Desired
from jenkinsgen.spec import job as spec_job

if TYPE_CHECKING:
    from jenkinsgen.jobs.model import Parameter
    from jenkinsgen.spec.pipeline import Pipeline


def desired_job(pipeline: Pipeline, *, spec_path: str, script_path: str) -> Desired:
    """The job of one spec. Both paths are from the root of the repository."""
    return Desired(
        job=job_of(pipeline, script_path=script_path),
        owner=repository_name(pipeline.source.repository),
        spec=spec_path,
        version=__version__,
    )


def job_of(pipeline: Pipeline, *, script_path: str) -> Job:
    """The job that reads the Jenkinsfile at `script_path` from git."""
    job, source = pipeline.job, pipeline.source
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
        definition=ScriptFromGit(
            remotes=(Remote(url=source.repository, credentials_id=source.credential),),
            branches=(f"*/{source.branch}",),
            script_path=script_path,
        ),
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
