"""The job on the Jenkins server: name, history, triggers, parameters."""

from __future__ import annotations

import re
from typing import Annotated, Any, Literal

from pydantic import BeforeValidator, Field, field_validator

from jenkinsgen.spec.names import VariableName
from jenkinsgen.spec.section import ProblemAt, Section, as_tuple
from jenkinsgen.spec.values import Line, Text


class Keep(Section):
    """How much history the Jenkins server keeps of a job."""

    builds: Annotated[int, Field(ge=1)] = 30
    days: Annotated[int, Field(ge=1)] | None = None
    artifacts: Annotated[int, Field(ge=1)] | None = None


class Triggers(Section):
    """What starts a build besides a person. Both in Jenkins' cron syntax, where `H` spreads the load."""

    cron: Line | None = None
    poll: Line | None = None


class StringParameter(Section):
    type: Literal["string"] = "string"
    name: VariableName
    default: Text = ""
    description: Text = ""


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
    kind: Literal["pipeline", "inline", "multibranch"] = "pipeline"
    """Where Jenkins has the Jenkinsfile from: `source.branch`, the job itself, or the branch that is built."""
    description: Text = ""
    agent: Line | None = None
    """A label expression; any agent without it."""
    keep: Keep = Keep()
    triggers: Triggers = Triggers()
    parameters: Annotated[tuple[Parameter, ...], BeforeValidator(as_tuple)] = ()

    @field_validator("name")
    @classmethod
    def _jenkins_takes_it(cls, value: str) -> str:
        # Measured on Jenkins 2.504.3: these characters, a trailing dot, `.` and `..` are refused.
        for part in value.split("/"):
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
        for index, name in enumerate(names):
            if name in names[:index]:
                raise ProblemAt("is the name of another parameter, too", (index, "name"))
        return value
