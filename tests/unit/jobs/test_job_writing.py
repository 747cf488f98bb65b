"""A job that is written is read back the same, whatever Jenkins had there before."""

from __future__ import annotations

import re
from dataclasses import replace
from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st
from job_examples import FROM_GIT, INLINE, MULTIBRANCH, MUTATIONS, desired
from recorded_jobs import REFUSED, cases

from jenkinsgen.errors import JenkinsError
from jenkinsgen.jobs.comparison import compare
from jenkinsgen.jobs.config_xml.document import parse, serialise
from jenkinsgen.jobs.config_xml.reading import read_job
from jenkinsgen.jobs.config_xml.writing import Base, config_xml, quarantine_xml
from jenkinsgen.jobs.marker import split_marker
from jenkinsgen.jobs.model import InlineScript, Job
from jenkinsgen.jobs.plan import plan_job
from jenkinsgen.jobs.proof import prove

DAY = date(2026, 11, 23)
JOBS = {"from git": FROM_GIT, "inline": INLINE, "multibranch": MULTIBRANCH}
PIPELINES = [
    (case, form)
    for case, forms in cases().items()
    for form in ("read", "resaved", "built")
    if form in forms and case != REFUSED and not case.startswith(("folder", "multibranch"))
]


@pytest.mark.parametrize("job", JOBS.values(), ids=JOBS)
def test_a_new_job_is_read_back_the_same(job: Job):
    wanted = desired(job)

    assert prove(wanted, read_job(job.name, config_xml(job, wanted.marker))) == ()


@pytest.mark.parametrize(("case", "form"), PIPELINES, ids=map("-".join, PIPELINES))
@pytest.mark.parametrize("job", [FROM_GIT, INLINE], ids=["from git", "inline"])
def test_an_update_brings_ours_and_keeps_the_rest(case: str, form: str, job: Job):
    wanted = desired(job)
    before = cases()[case][form]
    plan = plan_job(wanted, before)

    after = read_job(job.name, plan.config_to_post())

    found = read_job(job.name, before)
    assert prove(wanted, after) == ()
    assert after.disabled == found.disabled
    assert after.declared == found.declared
    # Another definition has no place for the extensions of the git that was there.
    lost = {words for words in found.foreign if words.startswith("git extension") and job is INLINE}
    assert set(after.foreign) == set(found.foreign) - lost


@pytest.mark.parametrize("case", [case for case in cases() if case.startswith("multibranch")])
def test_a_multibranch_update_keeps_the_id_of_the_source(case: str):
    before = cases()[case]["resaved"]
    wanted = desired(MULTIBRANCH)

    after = config_xml(MULTIBRANCH, wanted.marker, Base(config=before))

    assert re.findall("<id>.*</id>", after) == re.findall("<id>.*</id>", before)
    assert prove(wanted, read_job("x", after)) == ()


def test_all_four_numbers_of_the_discarder_are_written():
    text = config_xml(FROM_GIT, desired(FROM_GIT).marker)

    for number in ("daysToKeep", "numToKeep", "artifactDaysToKeep", "artifactNumToKeep"):
        assert f"<{number}>" in text


@pytest.mark.parametrize(("name", "mutation"), MUTATIONS.items(), ids=MUTATIONS)
def test_every_owned_field_that_differs_is_found(name: str, mutation: tuple[Job, str]):
    job, path = mutation
    original = JOBS[name.partition(":")[0]]
    config = config_xml(job, desired(job).marker)

    changes = compare(original, read_job(job.name, config)).changes

    assert path in [change.path for change in changes]


def test_a_quarantined_job_is_disabled_and_comes_back_enabled():
    wanted = desired(FROM_GIT)
    aside = quarantine_xml(FROM_GIT.name, config_xml(FROM_GIT, wanted.marker), on=DAY)

    plan = plan_job(wanted, aside)

    assert read_job("x", aside).disabled
    assert [change.path for change in plan.changes] == ["quarantine"]
    assert not read_job("x", plan.config_to_post()).disabled


def test_a_job_disabled_before_its_quarantine_stays_disabled():
    wanted = desired(FROM_GIT)
    disabled = config_xml(FROM_GIT, wanted.marker).replace("<disabled>false", "<disabled>true")

    back = plan_job(wanted, quarantine_xml(FROM_GIT.name, disabled, on=DAY)).config_to_post()

    assert read_job("x", back).disabled
    assert split_marker(read_job("x", back).job.description)[1] == wanted.marker


def test_a_job_without_a_marker_is_never_put_aside():
    with pytest.raises(JenkinsError, match="lost its marker"):
        quarantine_xml("x", "<flow-definition><description>mine</description></flow-definition>", on=DAY)


# CR is left out: a script's line ends are LF (see xml_values.lines).
@given(st.text(st.characters(exclude_categories=["Cs"], exclude_characters="\x00\r\ufffe\uffff")))
def test_any_script_arrives_character_for_character(text: str):
    job = replace(INLINE, definition=InlineScript(script=text))

    assert read_job("x", config_xml(job, desired(job).marker)).job.definition == job.definition


@given(st.text(st.characters(exclude_categories=["Cs"], exclude_characters="\x00\ufffe\uffff")))
def test_any_text_survives_the_document(text: str):
    root = parse("<a><b/></a>")
    root[0].text = text

    assert (parse(serialise(root))[0].text or "") == text


@pytest.mark.parametrize("character", ["\x00", "\ufffe", "\ud800"])
def test_a_character_that_xml_cannot_carry_is_named(character: str):
    job = replace(INLINE, definition=InlineScript(script=f"a{character}b"))

    with pytest.raises(JenkinsError, match=f"U\\+{ord(character):04X}"):
        config_xml(job, desired(job).marker)


@pytest.mark.parametrize("text", ["<a>", "", "<!DOCTYPE a [<!ENTITY b 'c'>]><a>&b;</a>"])
def test_what_is_not_a_configuration_is_refused(text: str):
    with pytest.raises(JenkinsError):
        parse(text)


def test_plain_text_is_xml_1_0_where_no_character_ends_a_line_by_surprise():
    root = parse("<a><b/></a>")
    root[0].text = "plain \u2028 text"
    assert serialise(root).startswith("<?xml version='1.0'")

    root[0].text = "bell \x07 and \u2028"
    assert serialise(root).startswith("<?xml version='1.1'")
    assert "<b>bell &#7; and &#8232;</b>" in serialise(root)


def test_a_poll_keeps_what_an_operator_set_beside_its_cron_spec():
    wanted = desired(FROM_GIT)
    before = config_xml(FROM_GIT, wanted.marker).replace("Hooks>false", "Hooks>true").replace("H/5", "H/7")

    after = plan_job(wanted, before).config_to_post()

    assert "<spec>H/5 * * * *</spec>" in after
    assert "<ignorePostCommitHooks>true<" in after
