"""What a plan says about a job, and who is said to have changed it."""

from __future__ import annotations

import json
from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st
from job_examples import FROM_GIT, INLINE, MULTIBRANCH, desired
from recorded_jobs import cases

from jenkinsgen.jobs.comparison import Origin
from jenkinsgen.jobs.config_xml.reading import read_job
from jenkinsgen.jobs.config_xml.writing import config_xml
from jenkinsgen.jobs.job_text import details
from jenkinsgen.jobs.marker import Marker, split_marker, with_marker
from jenkinsgen.jobs.model import Discarder, Job, StringParameter, Triggers
from jenkinsgen.jobs.plan import JobPlan, Verdict, plan_job
from jenkinsgen.jobs.plan_text import as_json, as_markdown, as_text
from jenkinsgen.jobs.proof import prove

WANTED = desired(FROM_GIT)
APPLIED = config_xml(FROM_GIT, WANTED.marker)


def plan(config: str | None, job: Job = FROM_GIT, **changes: str) -> JobPlan:
    return plan_job(desired(job, **changes), config)


def origins(planned: JobPlan) -> dict[str, Origin]:
    return {change.path: change.origin for change in planned.changes}


def test_a_job_that_is_not_there_is_created():
    assert plan(None).verdict is Verdict.CREATE


def test_a_job_as_applied_is_unchanged():
    planned = plan(APPLIED)

    assert (planned.verdict, planned.changes, planned.writes) == (Verdict.UNCHANGED, (), False)


def test_a_newer_jenkinsgen_alone_changes_nothing():
    assert plan(APPLIED, version="9.9").verdict is Verdict.UNCHANGED


def test_a_changed_spec_is_an_update():
    planned = plan(APPLIED, replace(FROM_GIT, discarder=Discarder(builds=5, artifact_builds=5)))

    assert planned.verdict is Verdict.UPDATE
    assert origins(planned) == {"discarder/builds": Origin.SPEC}


def test_a_change_by_hand_is_told_from_a_changed_spec():
    planned = plan(APPLIED.replace("H 4 * * *", "H 5 * * *"))

    assert planned.verdict is Verdict.CHANGED_BY_HAND
    assert origins(planned) == {"triggers/cron": Origin.SERVER}


def test_both_at_once_are_told_apart_field_by_field():
    by_hand = APPLIED.replace("H 4 * * *", "H 5 * * *").replace("image tag", "?")
    spec = replace(FROM_GIT, triggers=Triggers(cron="H 6 * * *", poll="H/5 * * * *"), durability=None)

    planned = plan(by_hand, spec)

    assert planned.verdict is Verdict.UPDATE
    assert origins(planned) == {
        "triggers/cron": Origin.BOTH,
        "parameters/TAG/description": Origin.SERVER,
        "durability": Origin.SPEC,
    }


def test_a_hand_that_did_what_the_spec_now_says_leaves_nothing_to_do():
    planned = plan(APPLIED.replace("H 4 * * *", "H 5 * * *"), replace(FROM_GIT, triggers=Triggers(cron="H 5 * * *")))

    assert origins(planned) == {"triggers/poll": Origin.SPEC}


def test_a_parameter_added_by_hand_is_a_change_on_the_server():
    more = replace(FROM_GIT, parameters=(*FROM_GIT.parameters, StringParameter(name="DEBUG")))

    planned = plan(config_xml(more, WANTED.marker))

    assert set(origins(planned)) == {
        f"parameters/DEBUG/{field}" for field in ("type", "default", "description", "trim")
    }
    assert set(origins(planned).values()) == {Origin.SERVER}


def test_what_only_the_jenkinsfile_declares_is_left_alone_and_survives_an_update():
    job = replace(INLINE, parameters=(), triggers=Triggers(), discarder=None, durability=None, description="")
    wanted = desired(job)
    built = cases()["inline-declares-everything"]["built"]
    marked = built.replace("Deploy of shop", with_marker("", wanted.marker))

    planned = plan_job(wanted, marked)

    assert "parameters/TAG, declared by the Jenkinsfile" in planned.foreign
    assert not [change for change in planned.changes if change.unit.startswith("parameters")]
    assert "<name>TAG</name>" in planned.config_to_post()
    assert prove(wanted, read_job("x", planned.config_to_post())) == ()


def test_what_the_spec_no_longer_says_goes_even_if_a_jenkinsfile_once_declared_it():
    built = cases()["inline-declares-everything"]["built"]
    before = replace(INLINE, parameters=(StringParameter(name="TAG"),))
    marked = built.replace("Deploy of shop", with_marker("", desired(before).marker))

    planned = plan_job(desired(replace(before, parameters=())), marked)

    assert "parameters/TAG/default" in origins(planned)
    assert "<name>TAG</name>" not in planned.config_to_post()


@pytest.mark.parametrize(
    ("config", "owner", "verdict"),
    [
        (APPLIED, "git.test/other", Verdict.OTHER_OWNER),
        (cases()["inline-minimal"]["resaved"], "git.test/shop", Verdict.NOT_OURS),
        (cases()["folder-full"]["resaved"], "git.test/shop", Verdict.REPLACE),
        (cases()["multibranch-full"]["resaved"], "git.test/shop", Verdict.REPLACE),
        ("<project/>", "git.test/shop", Verdict.REPLACE),
        ("not xml", "git.test/shop", Verdict.FAILED),
    ],
)
def test_what_apply_may_not_do_unasked(config: str, owner: str, verdict: Verdict):
    planned = plan(config, owner=owner)

    assert planned.verdict is verdict
    assert not planned.writes
    assert planned.note


def test_a_pipeline_that_became_multibranch_needs_replacing():
    planned = plan(APPLIED, MULTIBRANCH)

    assert planned.verdict is Verdict.REPLACE
    assert planned.note == "is a pipeline on the server; a multibranch pipeline cannot be made of it"


def test_a_renamed_spec_keeps_its_job():
    planned = plan(APPLIED, spec="pipelines/renamed.yaml")

    assert planned.verdict is Verdict.UPDATE
    assert origins(planned) == {"spec": Origin.SPEC}


def test_what_others_set_is_left_alone_and_named():
    config = APPLIED.replace("<disabled>false", "<displayName>Shop</displayName><disabled>true")

    planned = plan(config)

    assert planned.verdict is Verdict.UNCHANGED
    assert planned.foreign == ("display name", "disabled")


@pytest.mark.parametrize(
    ("old", "new", "path", "remedy"),
    [
        ("<hint>MAX_SURVIVABILITY</hint>", "", "durability", "plugin workflow-job"),
        ("H 4 * * *", "", "triggers/cron", "mend job.triggers.cron"),
        ("hudson.plugins.git.GitSCM", "gone", "definition/kind", "plugin git"),
        ("org.jenkinsci.plugins.workflow.cps.CpsScmFlowDefinition", "", "definition/kind", "workflow-cps"),
        ("git managed", "", None, None),
        ("version=0.1.0", "version=0.0.9", "marker", "apply again"),
    ],
)
def test_what_did_not_arrive_is_named_with_its_remedy(old: str, new: str, path: str | None, remedy: str | None):
    missing = prove(WANTED, read_job("x", APPLIED.replace(old, new)))

    assert [each.path for each in missing] == ([] if path is None else [path])
    if remedy is not None:
        assert remedy in missing[0].remedy


LINE = st.text(st.characters(exclude_categories=["Cs", "Cc"]), min_size=1)


@given(
    st.text(),
    st.builds(
        Marker,
        owner=LINE,
        spec=LINE,
        version=LINE,
        digest=st.from_regex("[0-9a-f]{12}", fullmatch=True),
        base=st.dictionaries(LINE, st.from_regex("[0-9a-f]{6}", fullmatch=True)),
        quarantined=st.none() | st.dates(),
    ),
)
def test_a_marker_is_read_back_and_leaves_the_description_as_it_was(description: str, marker: Marker):
    assert split_marker(with_marker(description, marker)) == (description, marker)


@pytest.mark.parametrize(
    "text", ["", "mine", "[managed by jenkinsgen]", "[managed by jenkinsgen version=1 owner=x]", "x [managed"]
)
def test_what_is_not_a_marker_stays_text(text: str):
    assert split_marker(text) == (text, None)


def test_words_for_people_markdown_for_pull_requests_json_for_programs():
    by_hand = APPLIED.replace("H 4 * * *", "H 5 * * *")
    plans = [plan(None), plan(by_hand), plan(APPLIED), plan(APPLIED, owner="git.test/other")]

    assert as_text(plans).splitlines() == [
        "+ team/shop from git: create",
        "    attention: Jenkins builds it at its first poll (H/5 * * * *), for it has no build yet: this deploys",
        "~ team/shop from git: changed on the server",
        '    triggers/cron: "H 5 * * *" -> "H 4 * * *"  # changed on the server since the last apply',
        "? team/shop from git: owned by somebody else (belongs to pipelines/shop.yaml of git.test/shop)",
        "4 jobs: 1 create, 1 changed on the server, 1 owned by somebody else, 1 unchanged",
    ]
    assert as_markdown(plans).count("```diff") == 3
    assert [job["verdict"] for job in json.loads(as_json(plans))["jobs"]] == [
        "create",
        "changed-by-hand",
        "unchanged",
        "other-owner",
    ]


def test_a_changed_script_is_shown_as_a_diff():
    job = replace(INLINE, definition=replace(INLINE.definition, script="pipeline {\n    agent none\n}\n```\n"))

    planned = plan(config_xml(INLINE, desired(INLINE).marker), job)

    assert as_text([planned]).splitlines()[1:9] == [
        "    definition/script:",
        "      --- on the server",
        "      +++ in the spec",
        "      @@ -1,3 +1,4 @@",
        "       pipeline {",
        "      -    agent any",
        "      +    agent none",
        "       }",
    ]
    # The script has a fence of its own; the comment on the pull request must survive it.
    assert as_markdown([planned]).count("````") == 2


def test_details_of_a_job():
    lines = details(read_job(FROM_GIT.name, APPLIED)).splitlines()

    assert lines[1] == "    owned by: pipelines/shop.yaml of git.test/shop"
    assert lines[2:5] == ["    description:", "        Deploys the shop: 店 🚀", "        with care"]
    assert '    definition/url: "https://git.test/shop.git"' in lines
    assert details(read_job("x", "<flow-definition/>")).splitlines()[1].endswith("nobody: not made by jenkinsgen")


@pytest.mark.parametrize(
    ("old", "new", "remedy"),
    [
        ('<source class="jenkins.plugins.git.GitSCMSource">', '<source class="gone">', "plugin branch-api"),
        ("<data>", "<data/><gone>", "plugin git"),
    ],
)
def test_a_branch_source_that_did_not_arrive(old: str, new: str, remedy: str):
    wanted = desired(MULTIBRANCH)
    config = config_xml(MULTIBRANCH, wanted.marker)
    broken = config.replace(old, new).replace("</data>", "</gone>" if "gone>" in new else "</data>")

    missing = prove(wanted, read_job("x", broken))

    assert [each.path for each in missing] == ["definition/kind"]
    assert remedy in missing[0].remedy
