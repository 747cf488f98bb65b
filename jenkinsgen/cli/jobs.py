"""`jenkinsgen jobs`: plan, apply, prune, run, list, show."""

from __future__ import annotations

from datetime import datetime, timezone
from typing import TYPE_CHECKING

import click

from jenkinsgen.cli.options.jenkins import (
    CHANGES,
    DRY_RUN,
    NOTHING_TO_DO,
    PATHS,
    PROBLEMS,
    YES,
    a_person_is_here,
    agreed,
    with_jenkins,
)
from jenkinsgen.cli.options.pairs import read_pairs
from jenkinsgen.cli.output import Lines, agree, hand_over_json, say
from jenkinsgen.edge.git_history import History
from jenkinsgen.edge.jenkins.builds import JenkinsBuilds
from jenkinsgen.edge.jenkins.server import JenkinsServer
from jenkinsgen.errors import CheckFailed, JenkinsError, JenkinsgenError
from jenkinsgen.jenkinsfile.render.write import FOLDER, path_in_repository
from jenkinsgen.jobs import job_text, outcome, plan_text
from jenkinsgen.jobs import prune as pruning
from jenkinsgen.jobs.answers.build import exit_code
from jenkinsgen.jobs.config_xml.reading import read_job
from jenkinsgen.jobs.plan import Verdict
from jenkinsgen.jobs.prune import Fate, Scope
from jenkinsgen.report import Report
from jenkinsgen.stages.jobs.apply import apply_plans, plan_jobs
from jenkinsgen.stages.jobs.prune import managed_jobs, prune_job
from jenkinsgen.stages.jobs.prune import plan as plan_prune
from jenkinsgen.stages.jobs.run import Pauses, Watcher, await_start, follow
from jenkinsgen.stages.jobs.wanted import load_specs, only_named, refuse_conflicts, wanted_jobs

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path

    from jenkinsgen.edge.jenkins.settings import JenkinsSettings
    from jenkinsgen.jobs.plan import Desired, JobPlan

_FORMATS = {"text": plan_text.as_text, "markdown": plan_text.as_markdown, "json": plan_text.as_json}
_ONLY = click.option("--only", multiple=True, metavar="NAME", help="Only jobs of this name; * stands for anything.")


@click.group()
def jobs() -> None:
    """Plan, write and run the jobs on the Jenkins server."""


@jobs.command()
@PATHS
@_ONLY
@click.option("--format", "form", type=click.Choice(sorted(_FORMATS)), default="text", help="For whom to write.")
@with_jenkins
def plan(paths: tuple[Path, ...], only: tuple[str, ...], form: str, settings: JenkinsSettings) -> int:
    """Show what apply would change on the server.

    PATHS are specs or folders of specs; pipelines/ without any. Ends with 0 if there is nothing to do, with 2 if
    there are changes, with 1 if a job cannot be made what its spec says, or nothing can be said at all.
    """
    try:
        plans = plan_jobs(settings, _wanted(paths, only))
    except JenkinsgenError as error:
        # A caller of plan tells three answers apart: nothing, changes, none.
        raise CheckFailed(error.message, hint=error.hint) from error
    text = _FORMATS[form](plans)
    if form == "json":
        hand_over_json(text)
    else:
        say(text)
    return _plan_code(plans)


@jobs.command()
@PATHS
@_ONLY
@DRY_RUN
@YES
@click.option("--take-over", is_flag=True, help="Take over jobs that exist and are not ours, without asking.")
@with_jenkins
def apply(
    *,
    paths: tuple[Path, ...],
    only: tuple[str, ...],
    dry_run: bool,
    yes: bool,
    take_over: bool,
    settings: JenkinsSettings,
) -> int:
    """Make the jobs on the server what the specs say.

    Every field is read back, to prove that it arrived. PATHS are specs or folders of specs; pipelines/ without
    any. Ends with 0 if every job is as wanted, else with 1.
    """
    plans = plan_jobs(settings, _wanted(paths, only))
    say(plan_text.as_text(plans))
    if dry_run:
        return _plan_code(plans)
    taken_over = frozenset(each.name for each in plans if each.takes_over and _takes_over(each, take_over=take_over))
    to_write = [each for each in plans if each.writes or each.name in taken_over]
    if to_write and not agreed(_question(to_write, settings.url), yes=yes):
        raise CheckFailed("nothing was changed")
    applied = apply_plans(settings, plans, taken_over=taken_over)
    for folder in applied.folders:
        say(f"{folder}: folder created")
    say(outcome.as_text(applied.outcomes))
    return NOTHING_TO_DO if all(each.result.good for each in applied.outcomes) else PROBLEMS


@jobs.command()
@PATHS
@DRY_RUN
@YES
@click.option("--days", type=click.IntRange(min=0), default=14, show_default=True, help="Between disable and delete.")
@click.option("--max-percent", type=click.IntRange(0, 100), default=20, show_default=True, help="Refuse above it.")
@with_jenkins
def prune(
    *, paths: tuple[Path, ...], dry_run: bool, yes: bool, days: int, max_percent: int, settings: JenkinsSettings
) -> int:
    """Put jobs aside that no spec asks for, and delete them later.

    Only jobs that carry the marker of this repository and of a spec in PATHS, which are folders of specs;
    pipelines/ without any.
    """
    folders = paths or (FOLDER,)
    scope, history, today = _scope(folders), History(folder=folders[0]), datetime.now(timezone.utc).date()
    prunings = plan_prune(settings, scope, history, today=today, keep_days=days, max_percent=max_percent)
    say(pruning.as_text(prunings))
    to_do = [each for each in prunings if each.fate in {Fate.QUARANTINE, Fate.DELETE}]
    if dry_run or not to_do:
        return CHANGES if to_do else NOTHING_TO_DO
    if not agreed(f"Disable or delete {len(to_do)} jobs on {settings.url}?", yes=yes):
        raise CheckFailed("nothing was changed")
    problems = []
    for each in to_do:
        try:
            prune_job(settings, scope, history, each, today=today)
        except JenkinsgenError as error:
            problems.append(error.message)
        else:
            say(f"{each.name}: {'disabled' if each.fate is Fate.QUARANTINE else 'deleted'}")
    if problems:
        raise JenkinsError("\n".join(problems))
    return NOTHING_TO_DO


@jobs.command()
@click.argument("name")
@click.option(
    "-p", "parameters", multiple=True, callback=read_pairs, metavar="NAME=VALUE", help="A parameter of the build."
)
@click.option("--follow", "following", is_flag=True, help="Show the log, and end with the build's result.")
@with_jenkins
def run(name: str, parameters: dict[str, str], following: bool, settings: JenkinsSettings) -> int:
    """Start a build of the job NAME.

    With --follow it ends with 0 for SUCCESS, 10 FAILURE, 11 UNSTABLE, 12 NOT_BUILT, 13 ABORTED.
    """
    builds, report = JenkinsBuilds(settings), Report()
    item = builds.start(name, parameters)
    report.line(f"{name}: waits in the queue as item {item}")
    if not following:
        return 0
    try:
        number = await_start(builds, item, report, Pauses())
    except KeyboardInterrupt:
        if _stops("Take the build out of the queue?"):
            builds.cancel(item)
        raise
    report.line(f"{name} #{number}: {builds.address(name, number)}")
    log = Lines()
    try:
        result = follow(builds, name, number, Watcher(write=log.write, report=report, pauses=Pauses()))
    except KeyboardInterrupt:
        if _stops(f"Stop {name} #{number}?"):
            builds.stop(name, number)
        raise
    finally:
        log.end()
    report.line(f"{name} #{number}: {result}")
    return exit_code(result)


@jobs.command("list")
@with_jenkins
def list_(settings: JenkinsSettings) -> None:
    """List the jobs that jenkinsgen manages.

    Of whichever repository.
    """
    managed = managed_jobs(JenkinsServer(settings))
    rows = [job_text.row(entry.name, owned.marker, entry.result) for entry, owned in managed]
    say(job_text.table(sorted(rows)) if rows else "no job on the server is managed by jenkinsgen")


@jobs.command()
@click.argument("name")
@with_jenkins
def show(name: str, settings: JenkinsSettings) -> None:
    """Show what the job NAME is on the server.

    What jenkinsgen would own in it, and what it leaves alone.
    """
    config = JenkinsServer(settings).config(name)
    if config is None:
        raise JenkinsError(f"{name}: there is no such job, or user {settings.user} may not see it")
    say(job_text.details(read_job(name, config)))


def _wanted(paths: Sequence[Path], only: Sequence[str]) -> list[Desired]:
    specs = load_specs(paths or (FOLDER,))
    wanted = wanted_jobs(specs)
    # Specs that `only` leaves out count, too: what is on the server already would be replaced.
    refuse_conflicts(specs)
    return only_named(wanted, only)


def _question(to_write: Sequence[JobPlan], url: str) -> str:
    deploying = sum(each.consequence is not None for each in to_write)
    more = f" ({deploying} of them then deploy by themselves)" if deploying else ""
    return f"Write {len(to_write)} of these jobs to {url}{more}?"


def _plan_code(plans: Sequence[JobPlan]) -> int:
    stuck = {Verdict.OTHER_OWNER, Verdict.REPLACE, Verdict.FAILED}
    if any(each.verdict in stuck for each in plans):
        return PROBLEMS
    return NOTHING_TO_DO if all(each.verdict is Verdict.UNCHANGED for each in plans) else CHANGES


def _takes_over(job: JobPlan, *, take_over: bool) -> bool:
    if take_over:
        return True
    # Where no person can answer, the job stays as it is, and the summary says so.
    return a_person_is_here() and agree(f"{job.name} {job.note}. Take it over?")


def _scope(paths: Sequence[Path]) -> Scope:
    """The jobs that folders of specs ask for. Raises CheckFailed for a single spec: the others would seem unwanted."""
    files = [path for path in paths if not path.is_dir()]
    if files:
        raise CheckFailed(f"{files[0]}: prune needs folders, and reads all specs in them")
    wanted = wanted_jobs(load_specs(paths))
    owners = {each.owner for each in wanted}
    if len(owners) != 1:
        raise CheckFailed(f"the specs are of different repositories: {', '.join(sorted(owners))}")
    return Scope(
        owner=owners.pop(),
        folders=tuple(path_in_repository(path / "any").rpartition("/")[0] for path in paths),
        wanted=frozenset(each.job.name for each in wanted),
    )


def _stops(question: str) -> bool:
    # Without a person, the build goes on: it may be in the middle of a switch.
    return a_person_is_here() and agree(question)
