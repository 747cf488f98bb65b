"""One setting of a container: how engines write it, how people read it, and what of a change a reviewer must see."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Generic, TypeVar

from pydantic import TypeAdapter, ValidationError

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping

    from jenkinsgen.weakening import Weakening

T = TypeVar("T")


@dataclass(frozen=True, slots=True)
class Field(Generic[T]):
    """The place of a setting in the API of an engine."""

    path: tuple[str, ...]
    """The names from the outermost object to the field."""
    kind: Any
    """The type of the field, for pydantic in strict mode. It may be absent or null as well."""
    write: Callable[[T], Any]
    """Turns the value of a spec that sets it into the field."""
    read: Callable[[Any], T]
    """Turns what the engine says, which is of that `kind`, into the value of a spec."""

    def put(self, body: dict[str, Any], value: T) -> None:
        """Write it into the body of a request."""
        *objects, name = self.path
        for each in objects:
            body = body.setdefault(each, {})
        body[name] = self.write(value)

    def get(self, found: Any, unset: T) -> T:
        """Read it from an answer; `unset` where it has none. Raises ValueError that names the field, not its value."""
        for depth, name in enumerate(self.path):
            if not isinstance(found, dict):
                raise ValueError(f"{'.'.join(self.path[:depth]) or 'the answer'}: it is no object")  # noqa: TRY004
            found = found.get(name)
            if found is None:
                return unset
        try:
            known = TypeAdapter(self.kind).validate_python(found, strict=True)
        except ValidationError as error:
            said = error.errors(include_url=False, include_input=False)[0]["msg"]
            raise ValueError(f"{'.'.join(self.path)}: {said}") from None
        return self.read(known)


@dataclass(frozen=True, slots=True)
class Setting(Generic[T]):
    """`service.KEY` of a spec, as a property of a container."""

    key: str
    """Its name in the section `service`, and in ContainerSettings."""
    unset: T
    """The value of a spec that does not have the key."""
    docker: Field[T]
    """Its place in the body of `POST /containers/create`."""
    inspected: Field[T]
    """Its place in the answer of `GET /containers/ID/json`."""
    task: Field[T]
    """Its place in `TaskTemplate` of a service, and in `Spec` of a task."""
    shown: Callable[[T], str]
    """Its value in one line, as `status` and `doctor` show it; two values look the same if, and only if, they
    mean the same.
    """
    words: tuple[str, str]
    """For a reviewer: the kind of thing (one word, for counting), and its name."""
    entries: Callable[[T], Mapping[str | None, str]]
    """For a reviewer: what it says, by the name of the entry; under None where it has no entries."""
    weakened: Callable[[T, T], Iterator[Weakening]]
    """Parts of a change from one value to another that a reviewer must see: the container gets something of its server,
    loses something, or may do less. Any other change is in the list of changes, without an alert.
    """
    many: bool = False
    """Is it a list, or a map?"""
    given: bool = False
    """Does the engine, or the image, give a value where the spec has none? Then any value is as the spec wants it."""

    @property
    def path(self) -> str:
        """The key as reviews have it; lists and maps end in `[]`."""
        return f"service.{self.key}{'[]' if self.many else ''}"
