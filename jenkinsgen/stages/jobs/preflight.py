"""Preflight of one spec: ask the server, and git, whether everything that its pipeline needs is there."""

from __future__ import annotations

from typing import TYPE_CHECKING

from jenkinsgen.edge.git import ask_git
from jenkinsgen.edge.jenkins.world import JenkinsWorld
from jenkinsgen.errors import JenkinsError
from jenkinsgen.jenkinsfile.render.write import path_in_repository, render_all
from jenkinsgen.jobs.preflight import (
    Answer,
    Finding,
    check_credentials,
    check_label,
    check_plugins,
    needed_credentials,
    needed_plugins,
)

if TYPE_CHECKING:
    from pathlib import Path

    from jenkinsgen.edge.jenkins.settings import JenkinsSettings
    from jenkinsgen.spec.reading.load import Spec


def preflight(settings: JenkinsSettings, spec: Spec) -> list[Finding]:
    """Everything that was looked at. Raises JenkinsError if the server cannot be asked at all."""
    server = JenkinsWorld(settings)
    pipeline, jenkinsfiles = spec.pipeline, render_all(spec)
    return [
        *check_plugins(needed_plugins(pipeline), server.plugins()),
        *check_credentials(needed_credentials(pipeline), server.stores(pipeline.job.name)),
        check_label(pipeline.job.agent, server.nodes()),
        *(_lint(server, path_in_repository(path), text) for path, text in jenkinsfiles.items()),
        # An inline job holds its Jenkinsfile itself.
        *([] if pipeline.job.kind == "inline" else [_script_path(spec, path) for path in jenkinsfiles]),
    ]


def _lint(server: JenkinsWorld, path: str, text: str) -> Finding:
    what = f"the server's linter on {path}"
    try:
        errors = server.lint(text)
    except JenkinsError as error:
        return Finding(what=what, answer=Answer.CANNOT_TELL, detail=error.message)
    detail = "; ".join(f"line {error.line}: {error.message}" if error.line else error.message for error in errors)
    return Finding(what=what, answer=Answer.UNFIT if errors else Answer.FITS, detail=detail)


def _script_path(spec: Spec, jenkinsfile: Path) -> Finding:
    """Whether the branch that Jenkins reads has the Jenkinsfile, as far as this checkout knows the branch."""
    path = path_in_repository(jenkinsfile)
    branch = f"origin/{spec.pipeline.source.branch}"
    what = f"{path} in {branch}"
    folder = spec.path.resolve().parent
    if ask_git(folder, "rev-parse", "--verify", "--quiet", f"refs/remotes/{branch}") is None:
        return Finding(what=what, answer=Answer.CANNOT_TELL, detail="this checkout does not have the branch; git fetch")
    if ask_git(folder, "cat-file", "-e", f"refs/remotes/{branch}:{path}") is not None:
        return Finding(what=what, answer=Answer.FITS)
    return Finding(what=what, answer=Answer.UNFIT, detail="render it, commit and push it")
