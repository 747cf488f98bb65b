"""No false difference, and every true one, on what a real Jenkins made of 84 configurations."""

from __future__ import annotations

import pytest
from recorded_jobs import REFUSED, answers, cases, posted

from jenkinsgen.jobs.comparison import compare
from jenkinsgen.jobs.config_xml.reading import read_job

# What Jenkins really changed in the meaning of a job. Everything else must compare as equal.
TRUE_DIFFERENCES = {
    # An unknown value, a missing plugin, an unreadable cron spec: dropped at the first save.
    ("durability-bad-value", "resaved"): {"durability": ("FAST", None)},
    ("missing-plugin-definition-class", "resaved"): {"definition/kind": ("com.example.missing.Definition", "nothing")},
    ("trigger-bad-cron-spec", "resaved"): {"triggers/cron": ("every day", None)},
    # A trigger of the old form is moved to where a new one stands; nobody writes the old form any more.
    ("trigger-legacy-root-element", "read"): {"triggers/cron": (None, "H 4 * * *")},
    ("trigger-legacy-root-element", "resaved"): {"triggers/cron": (None, "H 4 * * *")},
    # The job and its Jenkinsfile disagree about TAG, and the Jenkinsfile's own parameters come first.
    ("inline-xml-and-jenkinsfile-parameters", "built"): {
        "parameters/TAG/default": ("xml-default", "latest"),
        "parameters/TAG/description": ("", "image tag"),
        "parameters/TAG/trim": (False, True),
        "parameter-order": (("FROM_XML", "TAG"), ("TAG", "TARGET", "FROM_XML")),
    },
}


def test_the_recorded_configurations_are_all_there():
    assert len(cases()) == 84
    assert len(answers()) == 83 * 2 + 31


@pytest.mark.parametrize(("case", "form"), answers(), ids=map("-".join, answers()))
def test_only_true_differences(case: str, form: str):
    wanted = read_job(case, posted(case)).job
    found = read_job(case, cases()[case][form])

    changes = compare(wanted, found).changes

    assert {change.path: (change.new, change.old) for change in changes} == TRUE_DIFFERENCES.get((case, form), {})


def test_what_the_jenkinsfile_declares_is_kept_and_named():
    case = cases()["inline-declares-everything"]

    comparison = compare(read_job("x", case["posted"]).job, read_job("x", case["built"]))

    assert comparison.kept == {"triggers/cron", "parameters/TAG", "parameters/TARGET", "discarder", "concurrency"}


@pytest.mark.parametrize("case", sorted(set(cases()) - {REFUSED}))
def test_only_what_jenkins_wrote_itself_counts_as_understood(case: str):
    forms = cases()[case]

    assert read_job(case, forms["resaved"]).understood
    # A trigger of the old form makes Jenkins save at once; old plugin attributes were part of what was posted.
    if case not in {"trigger-legacy-root-element", "inline-comments-and-old-plugin-attributes"}:
        assert not read_job(case, forms["read"]).understood
