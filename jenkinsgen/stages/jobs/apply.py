"""Plan and apply: read the server, decide, write, read back, prove."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from jenkinsgen.edge.jenkins.server import JenkinsServer
from jenkinsgen.edge.jenkins.workers import on_each
from jenkinsgen.errors import JenkinsError, JenkinsgenError
from jenkinsgen.jobs.config_xml.reading import read_job
from jenkinsgen.jobs.marker import with_marker
from jenkinsgen.jobs.outcome import Outcome, Result
from jenkinsgen.jobs.plan import Desired, JobPlan, Verdict, failed, plan_job
from jenkinsgen.jobs.proof import prove
from jenkinsgen.spec.job_names import job_key

if TYPE_CHECKING:
    from collections.abc import Sequence

    from jenkinsgen.edge.jenkins.settings import JenkinsSettings


def plan_jobs(settings: JenkinsSettings, desired: Sequence[Desired]) -> list[JobPlan]:
    """At most one GET for each job and each folder. A job that cannot be read is a failed plan; a server that
    cannot be reached is an error.
    """
    absent = _Absent()

    def plan(server: JenkinsServer, each: Desired) -> JobPlan:
        return plan_job(each, absent.config(server, each.job.name))

    def plan_or_fail(server: JenkinsServer, each: Desired) -> JobPlan:
        try:
            return plan(server, each)
        except JenkinsgenError as error:
            return failed(each, error)

    # The first one alone: a wrong token or URL is one error, not one for each job.
    first = [plan(JenkinsServer(settings), each) for each in desired[:1]]
    return [*first, *on_each(settings, desired[1:], plan_or_fail)]


class _Absent:
    """Remembers, for all workers, which jobs a folder has, once one of them was not there.

    For each job that is not there, Jenkins makes a page of HTML: one list of the folder is cheaper than many.
    """

    def __init__(self) -> None:
        self._keys: dict[str, frozenset[str]] = {}

    def config(self, server: JenkinsServer, name: str) -> str | None:
        key, folder = job_key(name), name.rpartition("/")[0]
        if key not in self._keys.get(job_key(folder), {key}):
            return None
        config = server.config(name)
        if config is None and job_key(folder) not in self._keys:
            self._keys[job_key(folder)] = frozenset(map(job_key, server.names(folder)))
        return config


@dataclass(frozen=True, kw_only=True)
class Applied:
    outcomes: tuple[Outcome, ...]
    folders: tuple[str, ...]
    """Folders that had to be made."""


def apply_plans(settings: JenkinsSettings, plans: Sequence[JobPlan], *, taken_over: frozenset[str]) -> Applied:
    """Make the server what the plans say. One job that fails does not stop the others.

    `taken_over` names jobs of others that a person agreed to take over.
    """
    made, broken = _folders(settings, plans)

    def work(server: JenkinsServer, plan: JobPlan) -> Outcome:
        folder = plan.name.rpartition("/")[0]
        if plan.verdict is Verdict.CREATE and job_key(folder) in broken:
            return Outcome(name=plan.name, result=Result.FAILED, note=broken[job_key(folder)])
        try:
            return _apply(server, plan, take_over=plan.name in taken_over)
        except JenkinsgenError as error:
            return Outcome(name=plan.name, result=Result.FAILED, note=error.message)

    return Applied(outcomes=tuple(on_each(settings, plans, work)), folders=tuple(made))


def _folders(settings: JenkinsSettings, plans: Sequence[JobPlan]) -> tuple[list[str], dict[str, str]]:
    """Make the folders of new jobs, parents first; the ones made, and by their keys why others could not be."""
    server = JenkinsServer(settings)
    made: list[str] = []
    broken = {job_key(plan.name): f"{plan.name} is to be a job and cannot be a folder too" for plan in plans}
    for key, folder in _needed_folders(plans).items():
        parent = key.rpartition("/")[0]
        if key in broken:
            continue
        if parent in broken:
            broken[key] = broken[parent]
            continue
        try:
            if server.ensure_folder(folder):
                made.append(folder)
        except JenkinsgenError as error:
            broken[key] = error.message
    return made, broken


def _needed_folders(plans: Sequence[JobPlan]) -> dict[str, str]:
    """Key -> name, parents first."""
    folders: dict[str, str] = {}
    for plan in plans:
        if plan.verdict is Verdict.CREATE:
            parts = plan.name.split("/")[:-1]
            for folder in ("/".join(parts[:depth]) for depth in range(1, len(parts) + 1)):
                folders.setdefault(job_key(folder), folder)
    return dict(sorted(folders.items()))


def _apply(server: JenkinsServer, plan: JobPlan, *, take_over: bool) -> Outcome:
    if plan.verdict is Verdict.UNCHANGED:
        return Outcome(name=plan.name, result=Result.UNCHANGED)
    if not plan.writes and not (plan.takes_over and take_over):
        result = Result.FAILED if plan.verdict is Verdict.FAILED else Result.REFUSED
        return Outcome(name=plan.name, result=result, note=f"{plan.verdict.value}: {plan.note}")
    if plan.verdict is Verdict.CREATE:
        _create(server, plan)
        done = Result.CREATED
    else:
        _update(server, plan)
        done = Result.TAKEN_OVER if plan.takes_over else Result.UPDATED
    return _proven(server, plan.desired, done)


def _create(server: JenkinsServer, plan: JobPlan) -> None:
    try:
        server.create(plan.name, plan.config_to_post())
    except JenkinsError:
        # A connection that broke after Jenkins made the job looks like a failure; the job tells.
        config = server.config(plan.name)
        if config is None or plan_job(plan.desired, config).verdict is not Verdict.UNCHANGED:
            raise


def _update(server: JenkinsServer, plan: JobPlan) -> None:
    """Update from what is there now; refuse if that is no longer what the plan showed."""
    now = plan_job(plan.desired, server.config(plan.name))
    if (now.verdict, now.changes) != (plan.verdict, plan.changes):
        raise JenkinsError(f"{plan.name}: changed on the server since it was planned; plan again")
    server.update(plan.name, now.config_to_post())


def _proven(server: JenkinsServer, desired: Desired, done: Result) -> Outcome:
    name = desired.job.name
    config = server.config_in_force(name, with_marker(desired.job.description, desired.marker))
    if config is None:
        raise JenkinsError(f"{name}: was written, but cannot be read back: it is gone, or we may not see it")
    missing = prove(desired, read_job(name, config))
    return Outcome(name=name, result=Result.NOT_PROVEN if missing else done, missing=missing)
