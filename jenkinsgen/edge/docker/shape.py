"""Shapes of an engine's JSON. A reader that meets anything else raises ValueError, and nothing else."""

from __future__ import annotations

import calendar
import time
from typing import Annotated, Any, TypeVar

from pydantic import AfterValidator, BaseModel, BeforeValidator, ConfigDict, Field, ValidationError

S = TypeVar("S", bound="Shape")


class Shape(BaseModel):
    """An object of the API, by the fields that matter here. Nothing is converted: `"1"` is no number."""

    model_config = ConfigDict(strict=True, frozen=True, extra="ignore")


# Both engines say null where they have nothing.
Line = Annotated[str, BeforeValidator(lambda found: "" if found is None else found)]
Lines = Annotated[list[str], BeforeValidator(lambda found: [] if found is None else found)]
LabelMap = Annotated[dict[str, str], BeforeValidator(lambda found: {} if found is None else found)]
Number = Annotated[int, Field(ge=-(2**63), lt=2**63)]
_MOMENT = len("2026-11-23T08:42:10")


def seconds_of(moment: str) -> int:
    """`2026-11-23T08:42:10.123456789Z` -> seconds since 1970; 0 for the engine's "never", a day of the year 1."""
    return max(0, calendar.timegm(time.strptime(moment[:_MOMENT], "%Y-%m-%dT%H:%M:%S")))


def _a_moment(moment: str) -> str:
    if moment:
        seconds_of(moment)
    return moment


Moment = Annotated[Line, AfterValidator(_a_moment)]
"""Empty for a moment that has not come."""


def variables_of(environment: list[str]) -> dict[str, str]:
    """`NAME=value` each."""
    return {name: value for name, _, value in (each.partition("=") for each in environment)}


def parsed(shape: type[S], found: Any) -> S:
    """Raises ValueError that names the first field that is not as it has to be."""
    try:
        return shape.model_validate(found)
    except ValidationError as error:
        first = error.errors(include_url=False, include_input=False)[0]
        where = ".".join(map(str, first["loc"])) or "the answer"
        # Never the value itself: there are secrets in an environment.
        raise ValueError(f"{where}: {first['msg']}") from None


def listed(found: Any) -> list[Any]:
    """The list that was found; null is an empty one. Raises ValueError for anything else."""
    if found is None:
        return []
    if not isinstance(found, list):
        raise ValueError("it is no list")  # noqa: TRY004 - as the others
    return found
