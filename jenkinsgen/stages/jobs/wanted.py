"""The jobs that the specs ask for."""

from __future__ import annotations

from fnmatch import fnmatchcase
from typing import TYPE_CHECKING

from jenkinsgen.errors import SpecError
from jenkinsgen.jenkinsfile.render.rollback import rollback_of
from jenkinsgen.jenkinsfile.render.write import (
    jenkinsfile_path,
    path_in_repository,
    read_specs,
    render,
    render_rollback,
    rollback_path,
)
from jenkinsgen.jobs.desired import desired_job
from jenkinsgen.spec.job_names import job_key
from jenkinsgen.spec.together import SHARED, conflicts

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence
    from pathlib import Path

    from jenkinsgen.jobs.plan import Desired
    from jenkinsgen.spec.reading.load import Spec


def load_specs(paths: Sequence[Path]) -> list[Spec]:
    """Every spec at the paths. Raises SpecError with the problems of all of them."""
    specs, problems = read_specs(paths)
    if problems:
        raise SpecError("\n".join(error.message for error in problems), hint=problems[0].hint)
    return specs


def refuse_conflicts(specs: Sequence[Spec]) -> None:
    """Raises SpecError with every two specs that cannot both be deployed: a job may bring its Jenkinsfile itself, past
    what `render` checks.
    """
    found = conflicts(specs)
    if found:
        raise SpecError("\n".join(each.message for each in found), hint=SHARED)


def wanted_jobs(specs: Sequence[Spec]) -> list[Desired]:
    """The job of each spec and, with `job.rollback`, the one that rolls back.

    Raises SpecError when two specs ask for the same job, or one cannot be rendered.
    """
    wanted: dict[str, Desired] = {}
    for spec in specs:
        for key, desired in _jobs_of(spec):
            name = job_key(desired.job.name)
            if name in wanted:
                other = wanted[name]
                raise SpecError(
                    f"{spec.document.position(('job', key))}: job.{key}: {other.spec} asks for {other.job.name} too",
                    hint="two specs cannot share one job; give one of them another name (at the root of a Jenkins "
                    "server, names that differ in upper and lower case alone are one)",
                )
            wanted[name] = desired
    return list(wanted.values())


def _jobs_of(spec: Spec) -> Iterator[tuple[str, Desired]]:
    """Each with the key of `job` that names it."""
    pipeline = spec.pipeline
    inline = pipeline.job.kind == "inline"
    path = path_in_repository(spec.path)
    script_path = path_in_repository(jenkinsfile_path(spec.path))
    script = render(spec) if inline else None
    yield "name", desired_job(pipeline, spec_path=path, script_path=script_path, script=script)
    if pipeline.job.rollback is not None:
        script_path = path_in_repository(rollback_path(spec.path))
        script = render_rollback(spec) if inline else None
        yield "rollback", desired_job(rollback_of(pipeline), spec_path=path, script_path=script_path, script=script)


def only_named(wanted: Sequence[Desired], patterns: Sequence[str]) -> list[Desired]:
    """The jobs whose names match a pattern, all without one. Raises SpecError for a pattern that matches none."""
    for pattern in patterns:
        if not any(fnmatchcase(each.job.name, pattern) for each in wanted):
            names = ", ".join(each.job.name for each in wanted)
            raise SpecError(f"--only {pattern}: no spec asks for such a job", hint=f"the specs ask for {names}")
    return [each for each in wanted if not patterns or any(fnmatchcase(each.job.name, pattern) for pattern in patterns)]
