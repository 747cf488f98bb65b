"""The last line of a job's description: who owns the job, and what was last applied.

    [managed by jenkinsgen version=0.1.0 owner=git.test/shop spec=pipelines/shop.yaml digest=… base=…]

`base` holds a short digest of every unit as it was applied. With it a comparison is three-way: spec, server,
and what both were when they last agreed. So a plan can tell "the spec changed" from "somebody changed the job".
"""

from __future__ import annotations

import hashlib
import re
from dataclasses import dataclass
from typing import TYPE_CHECKING
from urllib.parse import quote, unquote

from jenkinsgen.jobs.units import digest, units

if TYPE_CHECKING:
    from collections.abc import Mapping

    from jenkinsgen.jobs.model import Job

_MARKER = re.compile(r"(?:\n\n|\A)\[managed by jenkinsgen ([^\[\]\n]*)\]")
_FIELD = re.compile(r"(\S+?)=(\S*)")
_SAFE = "/:.@-_~"
_DIGEST_LENGTH = 12


@dataclass(frozen=True, kw_only=True)
class Marker:
    """`quarantined` is the ISO date on which prune disabled the job, `was_disabled` whether it already was."""

    owner: str
    spec: str
    version: str
    digest: str
    base: Mapping[str, str]
    quarantined: str | None = None
    was_disabled: bool = False


def marker_of(job: Job, *, owner: str, spec: str, version: str) -> Marker:
    """The marker that says: this job, in this form, comes from this spec of this owner."""
    base = {name: digest(unit) or "" for name, unit in units(job).items()}
    whole = hashlib.sha256("\n".join(f"{name} {base[name]}" for name in sorted(base)).encode())
    return Marker(owner=owner, spec=spec, version=version, digest=whole.hexdigest()[:_DIGEST_LENGTH], base=base)


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
        fields["quarantined"] = marker.quarantined
        fields["was-disabled"] = str(marker.was_disabled).lower()
    line = f"[managed by jenkinsgen {' '.join(f'{key}={value}' for key, value in fields.items())}]"
    return f"{description}\n\n{line}" if description else line


def split_marker(description: str) -> tuple[str, Marker | None]:
    """A description without its marker, and the marker; None if there is none, or nobody can read it."""
    match = _MARKER.search(description)
    if match is None:
        return description, None
    marker = _read(dict(_FIELD.findall(match[1])))
    return (description, None) if marker is None else (_MARKER.sub("", description), marker)


def _read(fields: Mapping[str, str]) -> Marker | None:
    if not fields.keys() >= {"version", "owner", "spec", "digest", "base"}:
        return None
    pairs = (pair.rpartition(":") for pair in fields["base"].split(",") if pair)
    return Marker(
        owner=unquote(fields["owner"]),
        spec=unquote(fields["spec"]),
        version=unquote(fields["version"]),
        digest=fields["digest"],
        base={unquote(name): short for name, _, short in pairs},
        quarantined=fields.get("quarantined"),
        was_disabled=fields.get("was-disabled") == "true",
    )


def _quoted(text: str) -> str:
    # A colon separates a unit from its digest: the last one counts. `%`, blanks, commas and brackets are quoted.
    return quote(text, safe=_SAFE)
