"""Plain data for a template: it has no methods, and the template cannot change it.

A template comes from a pull request. The models of a spec have methods that read files and run programs, so no
model, no class and no function of ours may be within its reach.
"""

from __future__ import annotations

from dataclasses import fields, is_dataclass
from enum import Enum
from types import MappingProxyType
from typing import Any

from pydantic import BaseModel

from jenkinsgen.spec.values import HostAddress


class Record:
    """Values by the names of their keys, which templates read with a dot; it has nothing else to read."""

    __slots__ = ("_values",)

    def __init__(self, values: dict[str, Any]) -> None:
        self._values = MappingProxyType(values)

    def __eq__(self, other: object) -> bool:
        return isinstance(other, Record) and self._values == other._values

    __hash__ = None  # type: ignore[assignment]

    @staticmethod
    def values(record: Record) -> MappingProxyType[str, Any]:
        """The values of a record; a method of the class, because a record may have a key of any name."""
        return record._values


def seconds(duration: float) -> int:
    """A duration of a spec as a whole number of seconds, at least one. The only function among the values."""
    return max(1, round(duration))


def plain(value: object) -> Any:
    """The value as text, numbers, None, tuples, read-only mappings and records. Raises TypeError for anything else.

    Sections get the names that their keys have in the file; a host is the text that stands there.
    """
    match value:
        case None | bool():
            return value
        case Enum():
            return plain(value.value)
        case HostAddress():
            return str(value)
        # The very types: a subclass may have methods of its own.
        case str():
            return str(value)
        case int():
            return int(value)
        case float():
            return float(value)
        case tuple() | list():
            return tuple(plain(item) for item in value)
        case dict():
            return MappingProxyType({plain(key): plain(item) for key, item in value.items()})
        case BaseModel():
            known = type(value).model_fields.items()
            return Record({field.alias or name: plain(getattr(value, name)) for name, field in known})
        case _ if is_dataclass(value) and not isinstance(value, type):
            return Record({field.name: plain(getattr(value, field.name)) for field in fields(value)})
        case _ if value is seconds:
            return value
        case _:
            raise TypeError(f"{type(value).__name__} is not for templates")
