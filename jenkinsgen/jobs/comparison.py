"""Spec, server, and what both were at the last apply: what differs, and who changed it."""

from __future__ import annotations

from dataclasses import dataclass, replace
from enum import Enum
from typing import TYPE_CHECKING

from jenkinsgen.jobs.marker import split_marker
from jenkinsgen.jobs.units import ORDER, digest, units

if TYPE_CHECKING:
    from jenkinsgen.jobs.config_xml.reading import Found
    from jenkinsgen.jobs.marker import Marker
    from jenkinsgen.jobs.model import Job
    from jenkinsgen.jobs.units import Unit, Value


class Origin(Enum):
    """The side that changed since the two last agreed."""

    SPEC = "the spec changed"
    SERVER = "changed on the server since the last apply"
    BOTH = "the spec changed, and the server too since the last apply"
    UNKNOWN = "never applied by jenkinsgen"


@dataclass(frozen=True, kw_only=True)
class Change:
    """One field that differs: `old` is on the server, `new` in the spec; None is absent.

    `declared`: the Jenkinsfile of the last build writes this unit into the job at each build, so what is on the
    server may come from a Jenkinsfile that is older than the spec.
    """

    unit: str
    field: str
    old: Value | None
    new: Value | None
    origin: Origin
    declared: bool = False

    @property
    def path(self) -> str:
        return self.unit if self.field == "value" else f"{self.unit}/{self.field}"


@dataclass(frozen=True, kw_only=True)
class Comparison:
    """`kept` are units that only the Jenkinsfile declares: they are its own, and stay."""

    changes: tuple[Change, ...]
    kept: frozenset[str]


def compare(desired: Job, found: Found) -> Comparison:
    """Every field in which the job on the server is not what the spec asks for."""
    description, marker = split_marker(found.job.description)
    if marker is not None and not marker.fits(desired.name):
        # A marker of another job, or one written by hand, says nothing about this one.
        marker = None
    wanted = units(desired)
    there = units(replace(found.job, description=description))
    kept = frozenset(
        unit
        for unit in there.keys() - wanted.keys()
        if unit in found.declared and (marker is None or unit not in marker.base)
    )
    _order_of_common_parameters(wanted, there)
    changes = [
        change
        for unit in [*wanted, *(unit for unit in there if unit not in wanted)]
        if unit not in kept
        for change in _changes(unit, wanted.get(unit), there.get(unit), marker, found.declared)
    ]
    return Comparison(changes=tuple(changes), kept=kept)


def _order_of_common_parameters(wanted: dict[str, dict[str, Value]], there: dict[str, dict[str, Value]]) -> None:
    """Leave an order to compare only where the parameters that both sides have stand in another order."""
    mine, theirs = wanted.get(ORDER), there.get(ORDER)
    if mine is None or theirs is None or mine == theirs:
        ordered = False
    else:
        ours, others = _names(mine), _names(theirs)
        ordered = [name for name in ours if name in others] != [name for name in others if name in ours]
    if not ordered:
        wanted.pop(ORDER, None)
        there.pop(ORDER, None)


def _names(unit: Unit) -> tuple[str, ...]:
    value = unit["value"]
    return value if isinstance(value, tuple) else ()


def _changes(
    unit: str, wanted: Unit | None, there: Unit | None, marker: Marker | None, declared: frozenset[str]
) -> list[Change]:
    if wanted == there:
        return []
    origin = _origin(unit, wanted, there, marker)
    new, old = wanted or {}, there or {}
    return [
        Change(
            unit=unit,
            field=field,
            old=old.get(field),
            new=new.get(field),
            origin=origin,
            declared=unit in declared,
        )
        for field in [*new, *(field for field in old if field not in new)]
        if old.get(field) != new.get(field)
    ]


def _origin(unit: str, wanted: Unit | None, there: Unit | None, marker: Marker | None) -> Origin:
    if marker is None:
        return Origin.UNKNOWN
    base = marker.base.get(unit)
    spec_changed, server_changed = digest(wanted) != base, digest(there) != base
    if spec_changed and server_changed:
        return Origin.BOTH
    return Origin.SPEC if spec_changed else Origin.SERVER
