"""The job on the Jenkins server: name, history, triggers, parameters."""

from __future__ import annotations

import re
from typing import Annotated, Any, Literal

from pydantic import BeforeValidator, Field, field_validator, model_validator

from jenkinsgen.spec.job_names import job_key
from jenkinsgen.spec.names import VariableName
from jenkinsgen.spec.section import ProblemAt, Section, as_tuple
from jenkinsgen.spec.values import Line, Text
from jenkinsgen.spec.variables import differ_by_more_than_case, meant_for_programs


class Keep(Section):
    """How much history the Jenkins server keeps of a job."""

    builds: Annotated[int, Field(ge=1)] = 30
    """How many builds stay in the history."""
    days: Annotated[int, Field(ge=1)] | None = None
    """For how many days they stay; without it, days do not matter."""
    artifacts: Annotated[int, Field(ge=1)] | None = None
    """How many builds keep their artifacts; without it, all."""


class Triggers(Section):
    """What starts a build besides a person. Both in Jenkins' cron syntax, where `H` spreads the load."""

    cron: Line | None = None
    """Builds by the clock, in Jenkins' cron syntax."""
    poll: Line | None = None
    """Builds when the repository has changed, asked at these times; the first time it builds in any case."""


class StringParameter(Section):
    type: Literal["string"] = "string"
    """Which kind of question a person is asked."""
    name: VariableName
    """The build gets the answer in this environment variable; none that programs obey, like PATH or DOCKER_HOST."""
    default: Text = ""
    """The answer of who does not care; a choice's default is its first."""
    description: Text = ""
    """Shown beside the question."""


class BooleanParameter(Section):
    type: Literal["boolean"]
    name: VariableName
    default: bool = False
    description: Text = ""


class ChoiceParameter(Section):
    """A person chooses one; the first is the default."""

    type: Literal["choice"]
    name: VariableName
    choices: Annotated[tuple[Line, ...], Field(min_length=1), BeforeValidator(as_tuple)]
    """Only and always with `type: choice`."""
    description: Text = ""

    @field_validator("choices")
    @classmethod
    def _different(cls, value: tuple[str, ...]) -> tuple[str, ...]:
        for index, choice in enumerate(value):
            if choice in value[:index]:
                raise ProblemAt("is here twice", (index,))
        return value


def _with_parameter_type(value: Any) -> Any:
    return {"type": "string", **value} if isinstance(value, dict) else value


Parameter = Annotated[
    Annotated[StringParameter | BooleanParameter | ChoiceParameter, Field(discriminator="type")],
    BeforeValidator(_with_parameter_type),
]

_JOB_NAME = re.compile(r"[^?*/\\%!@#$^&|<>\[\]:;\x00-\x1f]+")


class Job(Section):
    """The job on the Jenkins server."""

    name: Line
    """Its name; folders, which `jobs apply` makes, are separated by `/`."""
    kind: Literal["pipeline", "inline", "multibranch"] = "pipeline"
    """`pipeline`: Jenkins reads the Jenkinsfile from `source.branch` for every build. `inline`: the rendered text
    stands in the job, in Groovy's sandbox, and `jobs apply` carries each change there. `multibranch`: a folder with a
    job for `source.branch`, which Jenkins makes when it finds the Jenkinsfile there, and builds at once, also the first
    time; parameters, triggers and history are then the Jenkinsfile's alone."""
    description: Text = ""
    """Shown on the job's page."""
    agent: Line | None = None
    """A label expression; any agent without it."""
    keep: Keep = Keep()
    triggers: Triggers = Triggers()
    parameters: Annotated[tuple[Parameter, ...], BeforeValidator(as_tuple)] = ()
    """What a person is asked who starts a build by hand."""
    rollback: Line | None = None
    """The button: a second job, in the folder of `job.name`, that rolls back to the version that a person gives it,
    or to the release before the live one. `render` then writes its `.rollback.Jenkinsfile`, too."""

    @field_validator("name", "rollback")
    @classmethod
    def _jenkins_takes_it(cls, value: str | None) -> str | None:
        # Measured on Jenkins 2.504.3: these characters, a trailing dot, `.` and `..` are refused.
        for part in [] if value is None else value.split("/"):
            if not _JOB_NAME.fullmatch(part) or part.endswith(".") or part != part.strip():
                raise ValueError(
                    f"Jenkins does not take the name {part!r}; folders are separated by `/`, "
                    "and none of ? * \\ % ! @ # $ ^ & | < > [ ] : ; nor a dot or a blank at the end may be in it"
                )
        return value

    @field_validator("parameters")
    @classmethod
    def _named_once(cls, value: tuple[Parameter, ...]) -> tuple[Parameter, ...]:
        names = [parameter.name for parameter in value]
        places = [(index, "name") for index in range(len(names))]
        for name, place in zip(names, places, strict=True):
            if name in names[: place[0]]:
                raise ProblemAt("is the name of another parameter, too", place)
            if meant_for_programs(name):
                raise ProblemAt(
                    f"{name} is a variable that programs of a build obey or that Jenkins sets, and a parameter would "
                    f"replace it in each stage; give it a name of its own, like SERVICE_{name.upper()}",
                    place,
                )
        differ_by_more_than_case(names, *places)
        return value

    @model_validator(mode="after")
    def _two_jobs_in_one_folder(self) -> Job:
        if self.rollback is None:
            return self
        if job_key(self.rollback) == job_key(self.name):
            raise ProblemAt("is the name of the job that deploys; the one that rolls back is another", ("rollback",))
        folder = self.name.rpartition("/")[0]
        if job_key(self.rollback).rpartition("/")[0] != job_key(self.name).rpartition("/")[0]:
            where = f"begin with {folder}/" if folder else "be without a folder"
            raise ProblemAt(
                f"must {where}, as job.name does: a credential of a folder is only for the jobs in it", ("rollback",)
            )
        return self
