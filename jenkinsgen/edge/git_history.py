"""Since when does a spec no longer ask for a job? Git answers, because it cannot be written through Jenkins."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime, timezone
from pathlib import Path
from typing import TYPE_CHECKING

from jenkinsgen.edge.git import Repository, Tree, run_git
from jenkinsgen.errors import JenkinsgenError
from jenkinsgen.failures import first_line
from jenkinsgen.jobs.prune import Unasked
from jenkinsgen.spec.job_names import job_key
from jenkinsgen.spec.reading.document import DocumentError
from jenkinsgen.spec.reading.inherit import read_with_bases

if TYPE_CHECKING:
    from collections.abc import Iterator

_MOST_COMMITS = 500


@dataclass(frozen=True, kw_only=True)
class History:
    """The commits of the branch that is checked out, as its first parents tell them: a merge counts on its own day."""

    folder: Path

    def unasked(self, spec: str, name: str) -> Unasked:
        """`spec` is a path from the root of the repository, `name` the full name of a job. Never raises."""
        try:
            repository = Repository.around(self.folder)
            if run_git("rev-parse", "--is-shallow-repository", folder=repository.folder).stdout.strip() != b"false":
                return Unasked(since=None, reason="this clone has not the whole history: git fetch --unshallow")
            return _unasked(repository, spec, name)
        except (JenkinsgenError, OSError, ValueError) as error:
            return Unasked(since=None, reason=f"the history cannot be asked: {first_line(str(error))}")


def _unasked(repository: Repository, spec: str, name: str) -> Unasked:
    newer: date | None = None
    first = True
    for commit, day in _commits(repository, spec):
        if _asks(repository.tree(commit), spec, name):
            if first:
                return Unasked(since=None, reason=f"the newest commit of {spec} still asks for it: commit the change")
            return Unasked(since=newer)
        newer, first = day, False
    return Unasked(since=None, reason=f"no commit of {spec} on this branch ever asked for it")


def _commits(repository: Repository, spec: str) -> Iterator[tuple[str, date]]:
    """The commits that touched the file, the newest first, each with its day."""
    done = run_git(
        *("log", "--first-parent", f"--max-count={_MOST_COMMITS}", "--format=%H %ct"),
        *("--", spec),
        folder=repository.folder,
    )
    for line in done.stdout.decode("ascii", "replace").splitlines():
        commit, _, seconds = line.partition(" ")
        yield commit, datetime.fromtimestamp(int(seconds), timezone.utc).date()


def _asks(tree: Tree, spec: str, name: str) -> bool:
    try:
        job = read_with_bases(Path(spec), tree).data.get("job")
    except (DocumentError, OSError, ValueError):
        # It was removed there, or is no spec.
        return False
    asked = [job.get("name"), job.get("rollback")] if isinstance(job, dict) else []
    return job_key(name) in [job_key(each) for each in asked if isinstance(each, str)]
