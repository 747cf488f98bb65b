"""Which jobs may go: ours, no longer asked for, put aside first, deleted days later.

To put a job aside can be taken back, and a marker that fits is enough for it. To delete one cannot, and everybody who
may configure a job can write any marker. So a deletion needs what such a person cannot write: the history of the
repository says that the spec asked for this job, and since when it does not; Jenkins says when it was last built.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, timedelta
from enum import Enum
from functools import cached_property
from typing import TYPE_CHECKING

from jenkinsgen.errors import CheckFailed
from jenkinsgen.jobs.plan import FOREIGN_MARKER, UNREADABLE_MARKER
from jenkinsgen.spec.job_names import job_key

if TYPE_CHECKING:
    from collections.abc import Sequence

    from jenkinsgen.jobs.marker import Marker


class Fate(str, Enum):
    QUARANTINE = "disable"
    WAIT = "wait"
    DELETE = "delete"
    BUSY = "busy"
    KEEP = "keep"


@dataclass(frozen=True, kw_only=True)
class Unasked:
    """Since when no spec asks for a job, by the history of the repository; None if it does not say, and why not."""

    since: date | None
    reason: str = ""


@dataclass(frozen=True, kw_only=True)
class Owned:
    """A job on the server that carries a marker; None for one that cannot be read. `busy`: a build runs or waits.

    `edited`: what is ours in it is not what we wrote. `last_build` is the day on which its last build began.
    """

    name: str
    marker: Marker | None
    busy: bool
    disabled: bool = False
    edited: bool = False
    last_build: date | None = None
    unasked: Unasked = Unasked(since=None)
    trouble: str | None = None
    """Why it could not be read."""


@dataclass(frozen=True, kw_only=True)
class Scope:
    """The jobs that this repository asks for. `folders` are the folders of specs that were read, all of them, from
    the root of the repository, which is `""` itself.

    A job of a spec elsewhere in the repository is left alone.
    """

    owner: str
    folders: tuple[str, ...]
    wanted: frozenset[str]

    def holds(self, marker: Marker | None) -> bool:
        """Whether the marker names our repository, and a spec of these folders."""
        if marker is None:
            return False
        inside = any(not folder or marker.spec.startswith(f"{folder}/") for folder in self.folders)
        return marker.owner == self.owner and inside

    def wants(self, name: str) -> bool:
        """Whether a spec asks for the job, whichever way Jenkins writes its name."""
        return job_key(name) in self._keys

    @cached_property
    def _keys(self) -> frozenset[str]:
        return frozenset(map(job_key, self.wanted))


@dataclass(frozen=True, kw_only=True)
class Pruning:
    """The decision on one job. `until` is the first day on which it may be deleted, `reason` why it is kept."""

    name: str
    fate: Fate
    until: date
    reason: str = ""


def unwanted(owned: Sequence[Owned], scope: Scope) -> list[Owned]:
    """Jobs of this repository that no spec asks for, and those whose marker cannot be read."""
    return [job for job in owned if job.marker is None or (scope.holds(job.marker) and not scope.wants(job.name))]


def plan_prune(owned: Sequence[Owned], scope: Scope, *, today: date, keep_days: int, max_percent: int) -> list[Pruning]:
    """Decide about each job that no spec asks for.

    Raises CheckFailed when more than `max_percent` of our jobs would go in this run: then the specs are more
    likely missing than unwanted.
    """
    prunings = [fate(job, today, keep_days) for job in unwanted(owned, scope)]
    going = [each.name for each in prunings if each.fate in {Fate.QUARANTINE, Fate.DELETE}]
    # Only those that specs ask for and those that would go: others may carry our marker to be counted.
    ours = [job for job in owned if scope.holds(job.marker) and (scope.wants(job.name) or job.name in going)]
    if len(going) * 100 > len(ours) * max_percent:
        raise CheckFailed(
            f"{len(going)} of the {len(ours)} jobs of {scope.owner} would go, more than {max_percent} %: "
            f"{', '.join(going)}",
            hint="check that all specs are here; if they are, allow more with --max-percent",
        )
    return prunings


def fate(job: Owned, today: date, keep_days: int) -> Pruning:
    """Decide about one job that no spec asks for."""
    since = max(day for day in (_put_aside(job) or today, job.last_build, job.unasked.since) if day is not None)
    until = _days_later(since, keep_days)
    reason = _why_kept(job)
    if reason is not None:
        return Pruning(name=job.name, fate=Fate.KEEP, until=until, reason=reason)
    if job.busy:
        return Pruning(name=job.name, fate=Fate.BUSY, until=until)
    if _put_aside(job) is None:
        return Pruning(name=job.name, fate=Fate.QUARANTINE, until=until)
    if today < until:
        return Pruning(name=job.name, fate=Fate.WAIT, until=until)
    if job.unasked.since is None:
        return Pruning(name=job.name, fate=Fate.KEEP, until=until, reason=f"disabled; {job.unasked.reason}")
    return Pruning(name=job.name, fate=Fate.DELETE, until=until)


def _put_aside(job: Owned) -> date | None:
    return None if job.marker is None else job.marker.quarantined


def _why_kept(job: Owned) -> str | None:
    """Why nothing is done with a job, whatever the day."""
    if job.trouble is not None:
        return job.trouble
    if job.marker is None:
        return UNREADABLE_MARKER
    if not job.marker.fits(job.name):
        return FOREIGN_MARKER
    if job.marker.quarantined is None:
        return None
    if not job.disabled:
        return f"prune disabled it on {job.marker.quarantined}, and somebody enabled it again"
    return (
        "was changed since jenkinsgen wrote it: look at it, and delete it by hand if nobody needs it"
        if job.edited
        else None
    )


def _days_later(day: date, days: int) -> date:
    try:
        return day + timedelta(days=days)
    except OverflowError:
        return date.max


def as_text(prunings: Sequence[Pruning]) -> str:
    """One line for each job that no spec asks for."""
    words = {
        Fate.QUARANTINE: "disable it now, delete it from {until} on",
        Fate.WAIT: "disabled; delete it from {until} on",
        Fate.DELETE: "delete it with all its builds",
        Fate.BUSY: "a build runs or waits: leave it alone this time",
        Fate.KEEP: "left alone: {reason}",
    }
    lines = [f"- {each.name}: {words[each.fate].format(until=each.until, reason=each.reason)}" for each in prunings]
    return "\n".join(lines) or "no job to prune"
