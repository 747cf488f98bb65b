"""What the sections of a spec have in common."""

from __future__ import annotations

import re
from typing import Annotated, Any

from pydantic import BaseModel, BeforeValidator, ConfigDict, Field

from jenkinsgen.spec.values import Text

_LOOKS_SECRET = re.compile(
    r"(?:^|_)(?:PASSWORD|PASSWD|PASSPHRASE|SECRET|TOKEN|CREDENTIALS?|(?:API|PRIVATE|ACCESS)_?KEY)(?:_|$)"
)

Port = Annotated[int, Field(ge=1, le=65535)]


class Section(BaseModel):
    """A mapping of the YAML file: immutable, no unknown keys, no silent conversions."""

    model_config = ConfigDict(frozen=True, extra="forbid", strict=True, populate_by_name=True)


def no_secret_names(values: dict[str, str], instead: str) -> dict[str, str]:
    for name in values:
        if _LOOKS_SECRET.search(name.upper()):
            raise ValueError(f"{name} looks like a secret; {instead}")
    return values


def as_tuple(value: Any) -> Any:
    return tuple(value) if isinstance(value, list) else value


def _as_written(value: Any) -> Any:
    if isinstance(value, (bool, int, float)):
        raise ValueError(f"{value!r} is not text; put it in quotes, so that it arrives as it is written")  # noqa: TRY004
    return value


EnvironmentValue = Annotated[Text, BeforeValidator(_as_written)]
