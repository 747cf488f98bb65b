"""Plans: what apply would do with each job, as data. A plan is made from the server's answers, and nothing else."""

from __future__ import annotations

from dataclasses import dataclass
from enum import Enum
from typing import TYPE_CHECKING

from jenkinsgen.errors import JenkinsgenError
from jenkinsgen.jobs.comparison import Change, Origin, compare
from jenkinsgen.jobs.config_xml import classes
from jenkinsgen.jobs.config_xml.reading import read_job
from jenkinsgen.jobs.config_xml.writing import Base, config_xml
from jenkinsgen.jobs.marker import Marker, has_broken_marker, marker_of, split_marker
from jenkinsgen.jobs.model import Multibranch

if TYPE_CHECKING:
    from jenkinsgen.jobs.model import Job


UNREADABLE_MARKER = "has a marker that cannot be read"
FOREIGN_MARKER = "has a marker that was written for another job, or changed by hand"


class Verdict(str, Enum):
    """The state of one job, in the words of a plan."""

    CREATE = "create"
    UPDATE = "update"
    CHANGED_BY_HAND = "changed on the server"
    NOT_OURS = "exists, not managed"
    OTHER_OWNER = "owned by somebody else"
    REPLACE = "needs replacing"
    UNCHANGED = "unchanged"
    FAILED = "failed"


@dataclass(frozen=True, kw_only=True)
class Desired:
    """A job as a spec wants it; `owner` is the repository, `spec` the file in it."""

    job: Job
    owner: str
    spec: str
    version: str

    @property
    def marker(self) -> Marker:
        return marker_of(self.job, owner=self.owner, spec=self.spec, version=self.version)


@dataclass(frozen=True, kw_only=True)
class JobPlan:
    """`config` is what the server answered: the base of an update. `foreign` is set there and left alone."""

    desired: Desired
    verdict: Verdict
    changes: tuple[Change, ...] = ()
    foreign: tuple[str, ...] = ()
    kept: frozenset[str] = frozenset()
    config: str | None = None
    note: str | None = None

    @property
    def name(self) -> str:
        return self.desired.job.name

    @property
    def writes(self) -> bool:
        """Whether apply would POST without asking."""
        return self.verdict in {Verdict.CREATE, Verdict.UPDATE, Verdict.CHANGED_BY_HAND}

    @property
    def takes_over(self) -> bool:
        """Whether apply would POST after a yes."""
        return self.verdict in {Verdict.NOT_OURS, Verdict.OTHER_OWNER}

    @property
    def consequence(self) -> str | None:
        """What Jenkins does by itself once the job is written; None if it only waits for a person or for its triggers.

        Measured on 2.504.3: a multibranch job is indexed whenever it is written, and builds what it finds. By the
        source of workflow-job, a poll builds a job that has no build yet.
        """
        job = self.desired.job
        if not self.writes and not self.takes_over:
            return None
        if isinstance(job.definition, Multibranch):
            when = "" if self.verdict is Verdict.CREATE else " if it has a commit that was not built yet"
            return f"Jenkins then scans the repository at once and builds {job.definition.include}{when}: this deploys"
        if self.verdict is Verdict.CREATE and job.triggers.poll is not None:
            return f"Jenkins builds it at its first poll ({job.triggers.poll}), for it has no build yet: this deploys"
        return None

    def config_to_post(self) -> str:
        """The configuration that makes the server's job the desired one."""
        if self.config is None:
            return config_xml(self.desired.job, self.desired.marker)
        return config_xml(self.desired.job, self.desired.marker, Base(config=self.config, kept=self.kept))


def plan_job(desired: Desired, config: str | None) -> JobPlan:
    """Compare one job with its `config.xml`, None where the server has none."""
    if config is None:
        return JobPlan(desired=desired, verdict=Verdict.CREATE)
    try:
        found = read_job(desired.job.name, config)
    except JenkinsgenError as error:
        return failed(desired, error)
    marker = split_marker(found.job.description)[1]
    if found.root != _root(desired.job):
        note = f"is a {_kind(found.root)} on the server; a {_kind(_root(desired.job))} cannot be made of it"
        return JobPlan(desired=desired, verdict=Verdict.REPLACE, foreign=found.foreign, note=note)
    comparison = compare(desired.job, found)
    changes = comparison.changes + _housekeeping(desired, marker)
    kept = tuple(f"{unit}, declared by the Jenkinsfile" for unit in sorted(comparison.kept))
    return JobPlan(
        desired=desired,
        verdict=_verdict(desired, marker, changes),
        changes=changes,
        foreign=found.foreign + kept,
        kept=comparison.kept,
        config=config,
        note=_note(desired, marker, found.job.description),
    )


def failed(desired: Desired, error: JenkinsgenError) -> JobPlan:
    """The plan for a job that could not be looked at."""
    return JobPlan(desired=desired, verdict=Verdict.FAILED, note=error.message)


def _verdict(desired: Desired, marker: Marker | None, changes: tuple[Change, ...]) -> Verdict:
    if marker is None:
        return Verdict.NOT_OURS
    if marker.owner != desired.owner:
        return Verdict.OTHER_OWNER
    if not marker.fits(desired.job.name):
        return Verdict.NOT_OURS
    if not changes:
        return Verdict.UNCHANGED
    by_hand = all(change.origin is Origin.SERVER for change in changes)
    return Verdict.CHANGED_BY_HAND if by_hand else Verdict.UPDATE


def _note(desired: Desired, marker: Marker | None, description: str) -> str | None:
    if marker is None:
        return UNREADABLE_MARKER if has_broken_marker(description) else "was not made by jenkinsgen"
    if marker.owner != desired.owner:
        return f"belongs to {marker.spec} of {marker.owner}"
    return None if marker.fits(desired.job.name) else FOREIGN_MARKER


def _housekeeping(desired: Desired, marker: Marker | None) -> tuple[Change, ...]:
    """Changes of the marker alone: the spec was renamed, or prune had put the job aside."""
    if marker is None:
        return ()
    changes = []
    if marker.owner == desired.owner and marker.spec != desired.spec:
        changes.append(_bookkeeping("spec", marker.spec, desired.spec))
    if marker.quarantined is not None:
        changes.append(_bookkeeping("quarantine", f"since {marker.quarantined}", None))
    return tuple(changes)


def _bookkeeping(unit: str, old: str, new: str | None) -> Change:
    return Change(unit=unit, field="value", old=old, new=new, origin=Origin.SPEC)


def _root(job: Job) -> str:
    return classes.MULTIBRANCH if isinstance(job.definition, Multibranch) else classes.PIPELINE


_KINDS = {
    classes.PIPELINE: "pipeline",
    classes.MULTIBRANCH: "multibranch pipeline",
    classes.FOLDER: "folder",
    "project": "freestyle project",
}


def _kind(root: str) -> str:
    return _KINDS.get(root, root)
