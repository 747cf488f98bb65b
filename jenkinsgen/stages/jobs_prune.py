"""Prune: find our jobs on the server, put aside what no spec asks for, delete what was put aside long ago."""

from __future__ import annotations

from typing import TYPE_CHECKING

from jenkinsgen.edge.jenkins_server import JenkinsServer
from jenkinsgen.errors import JenkinsError
from jenkinsgen.jobs.marker import split_marker
from jenkinsgen.jobs.prune import Fate, Owned, Pruning, Scope, plan_prune
from jenkinsgen.jobs.reading import read_job
from jenkinsgen.jobs.writing import quarantine_xml

if TYPE_CHECKING:
    from collections.abc import Iterator
    from datetime import date

    from jenkinsgen.edge.jenkins_server import Listed
    from jenkinsgen.edge.jenkins_settings import JenkinsSettings


def managed_jobs(server: JenkinsServer) -> Iterator[tuple[Listed, Owned]]:
    """Every job on the server with a marker of jenkinsgen, whoever owns it.

    Goes through folders, one request each, and not into multibranch jobs: their branches carry no marker.
    """
    folders = [""]
    while folders:
        for entry in server.children(folders.pop()):
            if entry.is_folder:
                folders.append(entry.name)
            marker = split_marker(entry.description.replace("\r\n", "\n"))[1]
            if marker is not None:
                yield entry, Owned(name=entry.name, marker=marker, busy=entry.busy)


def plan(settings: JenkinsSettings, scope: Scope, *, today: date, keep_days: int, max_percent: int) -> list[Pruning]:
    owned = [owned for _, owned in managed_jobs(JenkinsServer(settings))]
    return sorted(
        plan_prune(owned, scope, today=today, keep_days=keep_days, max_percent=max_percent),
        key=lambda each: each.name,
    )


def prune_job(settings: JenkinsSettings, scope: Scope, pruning: Pruning, *, today: date) -> None:
    """Do what was planned with one job, after looking again. Raises JenkinsError when it is no longer so."""
    server = JenkinsServer(settings)
    config = server.config(pruning.name)
    marker = None if config is None else split_marker(read_job(pruning.name, config).job.description)[1]
    if config is None or marker is None or not scope.holds(marker):
        raise JenkinsError(f"{pruning.name}: is gone, or no longer ours; it was left alone")
    if server.is_busy(pruning.name):
        raise JenkinsError(f"{pruning.name}: a build runs or waits; it was left alone")
    if pruning.fate is Fate.QUARANTINE:
        server.update(pruning.name, quarantine_xml(config, date=today.isoformat()))
    elif pruning.fate is Fate.DELETE:
        if marker.quarantined is None:
            raise JenkinsError(f"{pruning.name}: came back from its quarantine; it was left alone")
        server.delete(pruning.name)
