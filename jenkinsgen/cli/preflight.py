"""`jenkinsgen preflight`."""

from __future__ import annotations

from typing import TYPE_CHECKING

import click

from jenkinsgen.cli.options.jenkins import NOTHING_TO_DO, PATHS, PROBLEMS, with_jenkins
from jenkinsgen.cli.output import say
from jenkinsgen.jenkinsfile.render.write import FOLDER
from jenkinsgen.jobs.preflight import Answer, as_text
from jenkinsgen.stages.jobs.preflight import preflight as look
from jenkinsgen.stages.jobs.wanted import load_specs, refuse_conflicts, wanted_jobs

if TYPE_CHECKING:
    from pathlib import Path

    from jenkinsgen.edge.jenkins.settings import JenkinsSettings


@click.command()
@PATHS
@with_jenkins
def preflight(paths: tuple[Path, ...], settings: JenkinsSettings) -> int:
    """Ask the Jenkins server whether it has what pipelines need.

    Credentials, plugins and agents, before a build finds out in the middle.

    PATHS are specs or folders of specs; pipelines/ without any. Ends with 1 if something does not fit; what
    cannot be told does not count.
    """
    unfit = False
    specs = load_specs(paths or (FOLDER,))
    # Two specs that ask for one job, or for one service, are an error here, too.
    wanted_jobs(specs)
    refuse_conflicts(specs)
    for spec in specs:
        findings = look(settings, spec)
        say(as_text(f"{spec.pipeline.job.name} ({spec.path})", findings))
        unfit = unfit or any(finding.answer is Answer.UNFIT for finding in findings)
    return PROBLEMS if unfit else NOTHING_TO_DO
