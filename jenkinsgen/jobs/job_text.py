"""One job, or all managed ones, for a person to read."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from jenkinsgen.jobs.marker import split_marker
from jenkinsgen.jobs.plan import FOREIGN_MARKER, UNREADABLE_MARKER
from jenkinsgen.jobs.units import shown, units

if TYPE_CHECKING:
    from collections.abc import Sequence

    from jenkinsgen.jobs.config_xml.reading import Found
    from jenkinsgen.jobs.marker import Marker

_HEADINGS = ("job", "spec", "repository", "version", "last build")


def row(name: str, marker: Marker | None, result: str | None) -> tuple[str, ...]:
    """One line of `jobs list`; a marker that cannot be read is None."""
    if marker is None:
        return (name, "-", "-", "-", UNREADABLE_MARKER)
    if not marker.fits(name):
        return (name, marker.spec, marker.owner, marker.version, FOREIGN_MARKER)
    state = f"disabled by prune since {marker.quarantined}" if marker.quarantined else (result or "-").lower()
    return (name, marker.spec, marker.owner, marker.version, state)


def table(rows: Sequence[tuple[str, ...]]) -> str:
    """Rows under headings, in columns."""
    widths = [max(map(len, column)) for column in zip(_HEADINGS, *rows, strict=True)]
    lines = [
        "  ".join(cell.ljust(width) for cell, width in zip(each, widths, strict=True)) for each in [_HEADINGS, *rows]
    ]
    return "\n".join(line.rstrip() for line in lines)


def details(found: Found) -> str:
    """The text that `jobs show` prints."""
    description, marker = split_marker(found.job.description)
    if marker is None:
        owner = "nobody: not made by jenkinsgen"
    else:
        doubt = "" if marker.fits(found.job.name) else f" ({FOREIGN_MARKER})"
        owner = f"{marker.spec} of {marker.owner}{doubt}"
    lines = [found.job.name, f"    owned by: {owner}"]
    for unit, fields in units(replace(found.job, description=description)).items():
        for field, value in fields.items():
            path = unit if field == "value" else f"{unit}/{field}"
            lines.append(f"    {path}: {shown(value)}")
            if isinstance(value, str) and "\n" in value:
                lines[-1] = f"    {path}:"
                lines += [f"        {line}".rstrip() for line in value.splitlines()]
    lines += [f"    left alone: {words}" for words in found.foreign]
    lines += [f"    declared by the Jenkinsfile of the last build: {unit}" for unit in sorted(found.declared)]
    return "\n".join(lines)
