"""Plan, apply and prune on a server: the fake one, and a real one where there is one."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import date
from typing import TYPE_CHECKING

import pytest

from jenkinsgen.edge.jenkins.server import job_path
from jenkinsgen.jobs.config_xml.reading import read_job
from jenkinsgen.jobs.marker import split_marker
from jenkinsgen.jobs.model import (
    BooleanParameter,
    ChoiceParameter,
    Concurrency,
    Discarder,
    InlineScript,
    Job,
    Multibranch,
    Remote,
    ScriptFromGit,
    StringParameter,
    Triggers,
)
from jenkinsgen.jobs.outcome import Outcome, Result
from jenkinsgen.jobs.plan import Desired, JobPlan, Verdict
from jenkinsgen.jobs.prune import Fate, Scope, Unasked
from jenkinsgen.stages.jobs.apply import apply_plans, plan_jobs
from jenkinsgen.stages.jobs.prune import managed_jobs, prune_job
from jenkinsgen.stages.jobs.prune import plan as plan_prune

if TYPE_CHECKING:
    from conftest import World

# The job and its Jenkinsfile say the same, as those of one spec do.
SCRIPT = """pipeline {
    agent any
    options {
        buildDiscarder(logRotator(daysToKeepStr: '', numToKeepStr: '30', artifactNumToKeepStr: '5'))
        disableConcurrentBuilds(abortPrevious: false)
    }
    parameters {
        string(name: 'TAG', defaultValue: 'latest', description: 'image tag')
        booleanParam(name: 'DRY_RUN', defaultValue: true, description: '')
        choice(name: 'TARGET', choices: ['staging', 'production'], description: 'where')
    }
    triggers {
        cron('H 4 1 1 *')
    }
    stages {
        stage('Say') {
            steps {
                echo 'hello'
            }
        }
    }
}
"""


def inline(world: World, **changes: object) -> Job:
    job = Job(
        name=world.name("shop (co) 店"),
        description="Deploys the shop\nwith care",
        parameters=(
            StringParameter(name="TAG", default="latest", description="image tag"),
            BooleanParameter(name="DRY_RUN", default=True),
            ChoiceParameter(name="TARGET", choices=("staging", "production"), description="where"),
        ),
        triggers=Triggers(cron="H 4 1 1 *"),
        discarder=Discarder(builds=30, artifact_builds=5),
        concurrency=Concurrency.QUEUED,
        durability="MAX_SURVIVABILITY",
        definition=InlineScript(script=SCRIPT),
    )
    return replace(job, **changes)


def from_git(world: World, **changes: object) -> Job:
    definition = ScriptFromGit(
        remotes=(Remote(url="https://git.invalid/shop.git", credentials_id="git-login"),),
        branches=("*/main",),
        script_path="pipelines/shop.Jenkinsfile",
    )
    return inline(world, **{"name": world.name("deep/er/from git"), "definition": definition, **changes})


def multibranch(world: World) -> Job:
    definition = Multibranch(
        source_id="7d3b6f0e-0000-5000-8000-000000000001",
        remote=Remote(url="https://git.invalid/shop.git"),
        script_path="pipelines/shop.Jenkinsfile",
        include="main release-*",
        orphan_days=7,
    )
    return Job(name=world.name("branches"), description="All branches", definition=definition)


def wanted(*jobs: Job, owner: str) -> list[Desired]:
    return [Desired(job=job, owner=owner, spec="pipelines/shop.yaml", version="0.1.0") for job in jobs]


def plan(world: World, *jobs: Job, owner: str | None = None) -> list[JobPlan]:
    return plan_jobs(world.settings, wanted(*jobs, owner=owner or world.owner))


def apply(world: World, *jobs: Job, take_over: bool = False, owner: str | None = None) -> list[Outcome]:
    plans = plan(world, *jobs, owner=owner)
    taken = frozenset(each.name for each in plans) if take_over else frozenset()
    return list(apply_plans(world.settings, plans, taken_over=taken).outcomes)


def verdicts(plans: list[JobPlan]) -> list[Verdict]:
    return [each.verdict for each in plans]


def results(outcomes: list[Outcome]) -> list[Result]:
    return [each.result for each in outcomes]


def test_every_kind_is_created_proven_and_then_unchanged(world: World):
    jobs = [inline(world), from_git(world), multibranch(world)]

    assert verdicts(plan(world, *jobs)) == [Verdict.CREATE] * 3
    outcomes = apply(world, *jobs)
    assert [(each.result, each.missing, each.note) for each in outcomes] == [(Result.CREATED, (), None)] * 3
    assert verdicts(plan(world, *jobs)) == [Verdict.UNCHANGED] * 3
    assert results(apply(world, *jobs)) == [Result.UNCHANGED] * 3


def test_unchanged_after_saves_and_builds(world: World):
    job = inline(world)
    apply(world, job)
    world.save(job.name)
    assert plan(world, job)[0].changes == ()

    for _ in range(2):
        assert world.build(job.name) == "SUCCESS"
        planned = plan(world, job)[0]
        assert (planned.verdict, planned.changes) == (Verdict.UNCHANGED, ())


def test_the_first_build_has_its_parameters(world: World):
    job = inline(world)
    apply(world, job)

    world.build(job.name, TAG="v1", DRY_RUN="false", TARGET="production")

    answer = world.server.get_json(f"{job_path(job.name)}1/api/json?tree=actions[parameters[name,value]]")
    given = {each["name"]: str(each["value"]) for action in answer["actions"] for each in action.get("parameters", [])}
    assert (given["TAG"], given["DRY_RUN"].lower(), given["TARGET"]) == ("v1", "false", "production")


def test_a_changed_spec_is_applied_and_proven(world: World):
    job = inline(world)
    apply(world, job)
    world.build(job.name)
    changed = replace(job, parameters=job.parameters[1:], discarder=Discarder(builds=3), triggers=Triggers())

    planned = plan(world, changed)[0]

    assert planned.verdict is Verdict.UPDATE
    assert {change.unit for change in planned.changes} == {"parameters/TAG", "discarder", "triggers/cron"}
    assert results(apply(world, changed)) == [Result.UPDATED]
    assert verdicts(plan(world, changed)) == [Verdict.UNCHANGED]


def test_a_change_by_hand_is_seen_and_undone(world: World):
    job = inline(world)
    apply(world, job)
    world.build(job.name)
    world.edit(job.name, "<numToKeep>30<", "<numToKeep>3<")
    world.save(job.name)

    planned = plan(world, job)[0]

    assert planned.verdict is Verdict.CHANGED_BY_HAND
    assert [change.path for change in planned.changes] == ["discarder/builds"]
    assert results(apply(world, job)) == [Result.UPDATED]
    assert verdicts(plan(world, job)) == [Verdict.UNCHANGED]


def test_what_an_operator_set_stays(world: World):
    job = from_git(world)
    apply(world, job)
    world.edit(
        job.name, "<disabled>false<", "<displayName>The shop</displayName><quietPeriod>7</quietPeriod><disabled>true<"
    )
    world.edit(
        job.name, "<extensions/>", "<extensions><hudson.plugins.git.extensions.impl.CleanBeforeCheckout/></extensions>"
    )
    changed = replace(job, description="changed")

    assert results(apply(world, changed)) == [Result.UPDATED]

    found = read_job(job.name, world.config(job.name))
    assert found.disabled
    assert {"display name", "quiet period", "disabled"} <= set(found.foreign)
    assert "git extension hudson.plugins.git.extensions.impl.CleanBeforeCheckout" in found.foreign


def test_the_tracker_of_declarative_survives_an_update(world: World):
    job = inline(world)
    apply(world, job)
    world.build(job.name)
    before = read_job(job.name, world.config(job.name)).declared

    apply(world, replace(job, description="changed"))

    assert before == read_job(job.name, world.config(job.name)).declared
    assert "parameters/TAG" in before


def test_parameters_that_only_the_jenkinsfile_declares_are_left_alone(world: World):
    job = inline(world, parameters=(), triggers=Triggers(), discarder=None, concurrency=Concurrency.ALLOWED)
    apply(world, job)
    world.build(job.name)

    assert verdicts(plan(world, job)) == [Verdict.UNCHANGED]
    assert results(apply(world, replace(job, description="changed"))) == [Result.UPDATED]
    assert "<name>TAG</name>" in world.config(job.name)


def test_a_job_of_others_is_taken_over_only_when_told(world: World):
    job = inline(world)
    world.server.ensure_folder(world.folder)
    world.server.create(job.name, "<flow-definition><description>by hand</description></flow-definition>")

    assert verdicts(plan(world, job)) == [Verdict.NOT_OURS]
    assert results(apply(world, job)) == [Result.REFUSED]
    assert "by hand" in world.config(job.name)
    assert results(apply(world, job, take_over=True)) == [Result.TAKEN_OVER]
    assert verdicts(plan(world, job, owner="git.invalid/other")) == [Verdict.OTHER_OWNER]
    assert results(apply(world, job, owner="git.invalid/other")) == [Result.REFUSED]


def test_another_kind_is_never_replaced(world: World):
    job = inline(world)
    apply(world, job)

    planned = plan(world, replace(multibranch(world), name=job.name))

    assert verdicts(planned) == [Verdict.REPLACE]
    assert results(apply(world, replace(multibranch(world), name=job.name))) == [Result.REFUSED]
    assert verdicts(plan(world, job)) == [Verdict.UNCHANGED]


def test_what_jenkins_drops_is_named_and_the_others_go_on(world: World):
    bad = inline(world, name=world.name("bad cron"), triggers=Triggers(cron="every day"))
    good = inline(world)
    impossible = inline(world, name=f"{good.name}/below a job")

    outcomes = apply(world, good, bad, impossible)

    assert results(outcomes) == [Result.CREATED, Result.NOT_PROVEN, Result.FAILED]
    assert [missing.path for missing in outcomes[1].missing] == ["triggers/cron"]
    assert "mend job.triggers.cron" in outcomes[1].missing[0].remedy
    assert outcomes[2].note


def test_what_changes_between_plan_and_apply_is_not_overwritten(world: World):
    job = inline(world)
    apply(world, job)
    changed = replace(job, description="changed")
    plans = plan(world, changed)
    world.edit(job.name, "<numToKeep>30<", "<numToKeep>3<")

    outcomes = apply_plans(world.settings, plans, taken_over=frozenset()).outcomes

    assert results(list(outcomes)) == [Result.FAILED]
    assert "plan again" in (outcomes[0].note or "")


@pytest.mark.parametrize("text", ["a & b <c> \"d\" 'e'", "tab\tand\nlines\n", "\x07 bell", "🚀 \u2028 \x85", "]]>"])
def test_any_text_arrives(world: World, text: str):
    job = inline(world, description=text, definition=InlineScript(script=f"// {text}\n{SCRIPT}"))

    assert [(each.result, each.missing) for each in apply(world, job)] == [(Result.CREATED, ())]
    world.save(job.name)
    assert verdicts(plan(world, job)) == [Verdict.UNCHANGED]


@dataclass(frozen=True)
class Remembered:
    """A repository whose history says since when no spec asks for any job."""

    since: date

    def unasked(self, spec: str, name: str) -> Unasked:
        assert spec == "pipelines/shop.yaml"
        assert name
        return Unasked(since=self.since)


LONG_AGO = Remembered(date(2020, 1, 1))


def test_prune_disables_first_and_deletes_later_and_only_ours(world: World):
    ours = [inline(world, name=world.name(f"shop {index}")) for index in range(6)]
    apply(world, *ours)
    apply(world, inline(world, name=world.name("other's")), owner="git.invalid/other")
    scope = Scope(owner=world.owner, folders=("pipelines",), wanted=frozenset(job.name for job in ours[1:]))
    day = date(2026, 11, 1)

    def prune(today: date) -> list[tuple[str, Fate]]:
        prunings = plan_prune(world.settings, scope, LONG_AGO, today=today, keep_days=14, max_percent=20)
        for each in prunings:
            prune_job(world.settings, scope, LONG_AGO, each, today=today)
        return [(each.name, each.fate) for each in prunings]

    assert prune(day) == [(ours[0].name, Fate.QUARANTINE)]
    assert read_job("", world.config(ours[0].name)).disabled
    assert prune(date(2026, 11, 14)) == [(ours[0].name, Fate.WAIT)]
    assert prune(date(2026, 11, 15)) == [(ours[0].name, Fate.DELETE)]
    assert world.server.config(ours[0].name) is None
    assert prune(date(2026, 12, 31)) == []
    assert world.config(world.name("other's"))


def test_a_job_that_comes_back_leaves_its_quarantine(world: World):
    jobs = [inline(world, name=world.name(f"shop {index}")) for index in range(5)]
    apply(world, *jobs)
    scope = Scope(owner=world.owner, folders=("pipelines",), wanted=frozenset(job.name for job in jobs[1:]))
    today = date(2026, 11, 1)
    for each in plan_prune(world.settings, scope, LONG_AGO, today=today, keep_days=14, max_percent=20):
        prune_job(world.settings, scope, LONG_AGO, each, today=today)

    assert [change.path for change in plan(world, jobs[0])[0].changes] == ["quarantine"]
    assert results(apply(world, jobs[0])) == [Result.UPDATED]
    found = read_job("", world.config(jobs[0].name))
    assert not found.disabled
    marker = split_marker(found.job.description)[1]
    assert marker is not None
    assert marker.quarantined is None


def test_managed_jobs_are_found_in_every_folder(world: World):
    jobs = [inline(world), from_git(world)]
    apply(world, *jobs)

    found = {owned.name for _, owned in managed_jobs(world.server) if owned.name.startswith(world.folder)}

    assert found == {job.name for job in jobs}


def test_names_ignore_case_at_the_root_and_nowhere_else(world: World):
    """What tests/data/jenkins/names.json says; the folder is the one thing of ours at the root."""
    job = inline(world, name=world.name("shop"))
    apply(world, job)
    shouted = replace(job, name=f"{world.folder.upper()}/shop")
    other = replace(job, name=world.name("Shop"))

    assert verdicts(plan(world, shouted)) == [Verdict.UNCHANGED]
    assert verdicts(plan(world, other)) == [Verdict.CREATE]
    assert results(apply(world, other)) == [Result.CREATED]
    assert world.server.names(world.folder) == {job.name, other.name}
