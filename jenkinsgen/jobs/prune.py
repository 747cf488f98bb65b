"""Which jobs may go: ours, no longer asked for, put aside first, deleted days later."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, timedelta
from enum import Enum
from typing import TYPE_CHECKING

from jenkinsgen.errors import CheckFailed

if TYPE_CHECKING:
    from collections.abc import Sequence

    from jenkinsgen.jobs.marker import Marker


class Fate(str, Enum):
    QUARANTINE = "disable"
    WAIT = "wait"
    DELETE = "delete"
    BUSY = "busy"


@dataclass(frozen=True, kw_only=True)
class Owned:
    """A job on the server that carries our marker. `busy`: a build runs or waits."""

    name: str
    marker: Marker
    busy: bool


@dataclass(frozen=True, kw_only=True)
class Scope:
    """What this repository asks for. `folders` are the folders of specs that were read, all of them, from
    the root of the repository, which is `""` itself.

    A job of a spec elsewhere in the repository is somebody else's to prune.
    """

    owner: str
    folders: tuple[str, ...]
    wanted: frozenset[str]

    def holds(self, marker: Marker) -> bool:
        inside = any(not folder or marker.spec.startswith(f"{folder}/") for folder in self.folders)
        return marker.owner == self.owner and inside


@dataclass(frozen=True, kw_only=True)
class Pruning:
    """What to do with one job. `until` is the first day on which it may be deleted."""

    name: str
    fate: Fate
    until: date


def plan_prune(owned: Sequence[Owned], scope: Scope, *, today: date, keep_days: int, max_percent: int) -> list[Pruning]:
    """What to do with each job that no spec asks for.

    Raises CheckFailed when more than `max_percent` of our jobs would go in this run: then the specs are more
    likely missing than unwanted.
    """
    ours = [job for job in owned if scope.holds(job.marker)]
    prunings = [_fate(job, today, keep_days) for job in ours if job.name not in scope.wanted]
    going = [each.name for each in prunings if each.fate in {Fate.QUARANTINE, Fate.DELETE}]
    if len(going) * 100 > len(ours) * max_percent:
        raise CheckFailed(
            f"{len(going)} of the {len(ours)} jobs of {scope.owner} would go, more than {max_percent} %: "
            f"{', '.join(going)}",
            hint="check that all specs are here; if they are, allow more with --max-percent",
        )
    return prunings


def _fate(job: Owned, today: date, keep_days: int) -> Pruning:
    since = today if job.marker.quarantined is None else date.fromisoformat(job.marker.quarantined)
    until = since + timedelta(days=keep_days)
    if job.busy:
        fate = Fate.BUSY
    elif job.marker.quarantined is None:
        fate = Fate.QUARANTINE
    else:
        fate = Fate.DELETE if today >= until else Fate.WAIT
    return Pruning(name=job.name, fate=fate, until=until)


def as_text(prunings: Sequence[Pruning]) -> str:
    """One line for each job that no spec asks for."""
    words = {
        Fate.QUARANTINE: "disable it now, delete it from {until} on",
        Fate.WAIT: "disabled; delete it from {until} on",
        Fate.DELETE: "delete it with all its builds",
        Fate.BUSY: "a build runs or waits: leave it alone this time",
    }
    lines = [f"- {each.name}: {words[each.fate].format(until=each.until)}" for each in prunings]
    return "\n".join(lines) or "no job to prune"
