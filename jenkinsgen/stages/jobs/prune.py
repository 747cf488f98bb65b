"""Prune: find our jobs on the server, put aside what no spec asks for, delete what was put aside long ago."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Protocol

from jenkinsgen.edge.jenkins.server import JenkinsServer
from jenkinsgen.errors import JenkinsError
from jenkinsgen.jobs.config_xml.reading import read_job
from jenkinsgen.jobs.config_xml.writing import quarantine_xml
from jenkinsgen.jobs.marker import has_broken_marker, split_marker
from jenkinsgen.jobs.ownership import as_written
from jenkinsgen.jobs.prune import Fate, Owned, Pruning, Scope, Unasked, fate, plan_prune, unwanted

if TYPE_CHECKING:
    from collections.abc import Iterator
    from datetime import date

    from jenkinsgen.edge.jenkins.settings import JenkinsSettings
    from jenkinsgen.jobs.answers.server import Listed


class History(Protocol):
    """The memory of the repository."""

    def unasked(self, spec: str, name: str) -> Unasked:
        """Since when the spec does not ask for the job any more. Never raises."""


def managed_jobs(server: JenkinsServer) -> Iterator[tuple[Listed, Owned]]:
    """Every job on the server with a marker of jenkinsgen, of any owner, and those whose marker cannot be read.

    Goes through folders, one request each, and not into multibranch jobs: their branches carry no marker. A folder, or
    a job of a kind that jenkinsgen does not make, has no owner, whatever its description says.
    """
    folders = [""]
    while folders:
        for entry in server.children(folders.pop()):
            if entry.is_folder:
                folders.append(entry.name)
            description = entry.description.replace("\r\n", "\n")
            marker = split_marker(description)[1]
            if entry.is_one_of_ours and (marker is not None or has_broken_marker(description)):
                yield entry, Owned(name=entry.name, marker=marker, busy=entry.busy, disabled=entry.disabled)


def plan(
    settings: JenkinsSettings, scope: Scope, history: History, *, today: date, keep_days: int, max_percent: int
) -> list[Pruning]:
    server = JenkinsServer(settings)
    owned = [owned for _, owned in managed_jobs(server)]
    looked_at = {each.name: _look(server, each, history) for each in unwanted(owned, scope)}
    known = [looked_at.get(each.name, each) for each in owned]
    return sorted(
        plan_prune(known, scope, today=today, keep_days=keep_days, max_percent=max_percent),
        key=lambda each: each.name,
    )


def _look(server: JenkinsServer, owned: Owned, history: History) -> Owned:
    """The job with all that decides about it. One that cannot be read is reported, and the others go on."""
    try:
        return owned if owned.marker is None else _owned(server, owned.name, history) or owned
    except JenkinsError as error:
        return replace(owned, trouble=error.message)


def _owned(server: JenkinsServer, name: str, history: History) -> Owned | None:
    """The job on the server now; None if there is none, or none with a marker."""
    config = server.config(name)
    found = None if config is None else read_job(name, config)
    marker = None if found is None else split_marker(found.job.description)[1]
    if found is None or marker is None or not found.is_one_of_ours:
        return None
    activity = server.activity(name)
    return Owned(
        name=name,
        marker=marker,
        busy=activity.busy,
        disabled=found.disabled,
        edited=not as_written(found),
        last_build=activity.last_build,
        unasked=history.unasked(marker.spec, name),
    )


def prune_job(settings: JenkinsSettings, scope: Scope, history: History, pruning: Pruning, *, today: date) -> None:
    """Do what was planned with one job, after looking again. Raises JenkinsError when it is no longer so."""
    if pruning.fate not in {Fate.QUARANTINE, Fate.DELETE}:
        return
    server, name = JenkinsServer(settings), pruning.name
    owned = _owned(server, name, history)
    if owned is None or owned.marker is None or not scope.holds(owned.marker):
        raise JenkinsError(f"{name}: is gone, or no longer ours; it was left alone")
    if owned.busy:
        raise JenkinsError(f"{name}: a build runs or waits; it was left alone")
    if pruning.fate is Fate.DELETE and owned.marker.quarantined is None:
        raise JenkinsError(f"{name}: came back from its quarantine; it was left alone")
    # The days were counted when it was planned.
    now = fate(owned, today, 0)
    if now.fate is Fate.KEEP:
        raise JenkinsError(f"{name}: {now.reason}; it was left alone")
    if pruning.fate is Fate.QUARANTINE and now.fate is Fate.QUARANTINE:
        _put_aside(server, name, today)
    elif pruning.fate is Fate.DELETE and now.fate is Fate.DELETE:
        server.delete(name)
        if server.config(name) is not None:
            raise JenkinsError(f"{name}: Jenkins took the request, and the job is still there")
    else:
        raise JenkinsError(f"{name}: changed on the server since it was looked at; it was left alone")


def _put_aside(server: JenkinsServer, name: str, today: date) -> None:
    config = server.config(name)
    if config is None:
        raise JenkinsError(f"{name}: is gone")
    server.update(name, quarantine_xml(name, config, on=today))
    after = server.config(name)
    if after is None or not read_job(name, after).disabled:
        raise JenkinsError(f"{name}: Jenkins took the change, and the job is not disabled")
