"""The last line of a job's description: who owns the job, and what was last applied.

    [managed by jenkinsgen version=0.1.0 owner=git.test/shop spec=pipelines/shop.yaml digest=… base=…]

`base` holds a short digest of every unit as it was applied. With it a comparison is three-way: spec, server,
and what both were when they last agreed. So a plan can tell "the spec changed" from "a person changed the job".

`digest` is of the whole marker and of the job's name, so it shows when a marker was copied or edited by hand. It is no
signature: a person who may configure the job can compute it. So a marker alone decides nothing that cannot be undone
(docs/ownership.md).
"""

from __future__ import annotations

import hashlib
import re
from dataclasses import dataclass, replace
from datetime import date
from typing import TYPE_CHECKING
from urllib.parse import quote, unquote

from jenkinsgen.jobs.units import digest, units
from jenkinsgen.spec.job_names import job_key

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from jenkinsgen.jobs.model import Job

_BEGINNING = "[managed by jenkinsgen "
_MARKER = re.compile(r"(?:\n\n|\A)\[managed by jenkinsgen ([^\[\]\n]*)\]")
_NEEDED = frozenset({"version", "owner", "spec", "digest", "base"})
_SAFE = "/:.@-_~"
_DIGEST_LENGTH = 12


@dataclass(frozen=True, kw_only=True)
class Marker:
    """`quarantined` is the day on which prune disabled the job, `was_disabled` whether it already was."""

    owner: str
    spec: str
    version: str
    digest: str
    base: Mapping[str, str]
    quarantined: date | None = None
    was_disabled: bool = False

    def fits(self, name: str) -> bool:
        """Whether it was written, as it is, for the job of this full name: not copied from another, not edited."""
        return self.digest == _digest(self, name)


def marker_of(job: Job, *, owner: str, spec: str, version: str) -> Marker:
    """The marker that says: this job, in this form, comes from this spec of this owner."""
    base = {name: digest(unit) or "" for name, unit in units(job).items()}
    return _sealed(Marker(owner=owner, spec=spec, version=version, digest="", base=base), job.name)


def put_aside(marker: Marker, name: str, *, on: date, was_disabled: bool) -> Marker:
    """The marker, which now says that prune disabled the job."""
    return _sealed(replace(marker, quarantined=on, was_disabled=was_disabled), name)


def _sealed(marker: Marker, name: str) -> Marker:
    return replace(marker, digest=_digest(marker, name))


def _digest(marker: Marker, name: str) -> str:
    """The digest of all but the version: a newer jenkinsgen rewrites no job for its own sake."""
    aside = [] if marker.quarantined is None else [marker.quarantined.isoformat(), str(marker.was_disabled)]
    about = [job_key(name), marker.owner, marker.spec, *aside]
    lines = [*map(_quoted, about), *(f"{_quoted(unit)} {marker.base[unit]}" for unit in sorted(marker.base))]
    return hashlib.sha256("\n".join(lines).encode(errors="replace")).hexdigest()[:_DIGEST_LENGTH]


def with_marker(description: str, marker: Marker) -> str:
    """A description with the marker as its last line."""
    fields = {
        "version": _quoted(marker.version),
        "owner": _quoted(marker.owner),
        "spec": _quoted(marker.spec),
        "digest": marker.digest,
        "base": ",".join(f"{_quoted(name)}:{short}" for name, short in marker.base.items()),
    }
    if marker.quarantined is not None:
        fields["quarantined"] = marker.quarantined.isoformat()
        fields["was-disabled"] = str(marker.was_disabled).lower()
    line = f"[managed by jenkinsgen {' '.join(f'{key}={value}' for key, value in fields.items())}]"
    return f"{description}\n\n{line}" if description else line


def split_marker(description: str) -> tuple[str, Marker | None]:
    """A description without its marker, and the marker; None if there is none, or it cannot be read."""
    matches = [*_MARKER.finditer(description)]
    # Two markers count as none: either may be the true one.
    marker = _read([field.partition("=") for field in matches[0][1].split()]) if len(matches) == 1 else None
    return (description, None) if marker is None else (_MARKER.sub("", description), marker)


def has_broken_marker(description: str) -> bool:
    """Whether something in it looks like a marker and cannot be read as one."""
    return _BEGINNING in description and split_marker(description)[1] is None


def _read(written: Sequence[tuple[str, str, str]]) -> Marker | None:
    fields = {name: value for name, _, value in written}
    if not fields.keys() >= _NEEDED or len(fields) < len(written):
        return None
    try:
        quarantined = date.fromisoformat(fields["quarantined"]) if "quarantined" in fields else None
    except ValueError:
        return None
    pairs = (pair.rpartition(":") for pair in fields["base"].split(",") if pair)
    return Marker(
        owner=unquote(fields["owner"]),
        spec=unquote(fields["spec"]),
        version=unquote(fields["version"]),
        digest=fields["digest"],
        base={unquote(name): short for name, _, short in pairs},
        quarantined=quarantined,
        was_disabled=fields.get("was-disabled") == "true",
    )


def _quoted(text: str) -> str:
    # A colon separates a unit from its digest: the last one counts. `%`, blanks, commas and brackets are quoted.
    return quote(text, safe=_SAFE, errors="replace")
