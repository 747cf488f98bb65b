"""The base of all sections of a spec."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Annotated, Any, get_args, get_origin

from pydantic import BaseModel, ConfigDict, Field

if TYPE_CHECKING:
    from collections.abc import Collection, Iterator

    from jenkinsgen.spec.reading.document import KeyPath

_LOOKS_SECRET = re.compile(
    r"(?:^|_)(?:PASSWORD|PASSWD|PASSPHRASE|SECRET|TOKEN|CREDENTIALS?|(?:API|PRIVATE|ACCESS)_?KEY)(?:_|$)"
)

Port = Annotated[int, Field(ge=1, le=65535)]


class Section(BaseModel):
    """A mapping of the YAML file: immutable, no unknown keys, no silent conversions."""

    model_config = ConfigDict(frozen=True, extra="forbid", strict=True)


class ProblemAt(ValueError):
    """A problem, and the key inside the section that has it.

    `places` are key paths from the section; the problem stands at the first that the file has: a problem between two
    keys is shown at the one that was written.
    """

    def __init__(self, message: str, *places: KeyPath) -> None:
        super().__init__(message)
        self.places = places

    def path_in(self, section: KeyPath, known: Collection[KeyPath]) -> KeyPath:
        """The key path to show."""
        candidates = [section + place for place in self.places]
        return next((path for path in candidates if path in known), candidates[0])


def sections_in(annotation: Any) -> Iterator[type[BaseModel]]:
    """The models that an annotation names, however deep."""
    # Python 3.10 counts tuple[int, ...] as a type.
    if get_origin(annotation) is None and isinstance(annotation, type) and issubclass(annotation, BaseModel):
        yield annotation
    for argument in get_args(annotation):
        yield from sections_in(argument)


def no_secret_names(values: dict[str, str], instead: str) -> dict[str, str]:
    """Raises ProblemAt for a variable whose name says that its value is a secret."""
    for name in values:
        if _LOOKS_SECRET.search(name.upper()):
            raise ProblemAt(f"looks like a secret; {instead}", (name,))
    return values


def as_tuple(value: Any) -> Any:
    """YAML has lists, a frozen model has tuples."""
    return tuple(value) if isinstance(value, list) else value
