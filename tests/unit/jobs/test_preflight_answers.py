"""What preflight concludes from what a server said."""

from __future__ import annotations

import pytest

from jenkinsgen.jobs.answers.lint import LintError, lint_errors
from jenkinsgen.jobs.desired import repository_name
from jenkinsgen.jobs.preflight import (
    SECRET_TEXT,
    SSH_KEY,
    Answer,
    Node,
    Store,
    check_credentials,
    check_label,
    check_plugins,
)

NODES = [
    Node(labels=frozenset({"linux", "docker"}), online=True),
    Node(labels=frozenset({"mac"}), online=False),
]


@pytest.mark.parametrize(
    ("expression", "answer"),
    [
        (None, Answer.FITS),
        ("linux", Answer.FITS),
        ("linux && docker", Answer.FITS),
        ("linux && mac", Answer.UNFIT),
        ("mac || linux", Answer.FITS),
        ("mac", Answer.UNFIT),
        ("windows", Answer.UNFIT),
        ("!windows", Answer.CANNOT_TELL),
        ("(linux || mac) && docker", Answer.CANNOT_TELL),
    ],
)
def test_labels(expression: str | None, answer: Answer):
    assert check_label(expression, NODES).answer is answer


def test_nodes_that_may_not_be_seen():
    assert check_label("linux", None).answer is Answer.CANNOT_TELL


@pytest.mark.parametrize(
    ("version", "lowest", "answer"),
    [
        ("4.8", "4.8", Answer.FITS),
        ("5.7.0", "4.8", Answer.FITS),
        ("4.7.2", "4.8", Answer.UNFIT),
        ("4169.vb_7e492a_1c7b_e", "", Answer.FITS),
        ("10.1", "9.9", Answer.FITS),
    ],
)
def test_versions(version: str, lowest: str, answer: Answer):
    assert [finding.answer for finding in check_plugins({"git": lowest}, {"git": version})] == [answer]


def test_a_plugin_that_is_not_there():
    assert check_plugins({"git": ""}, {})[0].answer is Answer.UNFIT
    assert check_plugins({"git": ""}, None)[0].answer is Answer.CANNOT_TELL


@pytest.mark.parametrize(
    ("stores", "answer"),
    [
        ([Store(place="", credentials={"key": SSH_KEY})], Answer.FITS),
        ([Store(place="team", credentials={}), Store(place="", credentials={"key": SSH_KEY})], Answer.FITS),
        # The nearer one counts, as in Jenkins.
        (
            [Store(place="team", credentials={"key": SECRET_TEXT}), Store(place="", credentials={"key": SSH_KEY})],
            Answer.UNFIT,
        ),
        ([Store(place="", credentials={})], Answer.UNFIT),
        ([Store(place="", credentials={}, complete=False)], Answer.CANNOT_TELL),
        ([Store(place="team", credentials=None), Store(place="", credentials={"key": SSH_KEY})], Answer.CANNOT_TELL),
        ([Store(place="", credentials={"key": "Something of a plugin"})], Answer.CANNOT_TELL),
    ],
)
def test_credentials(stores: list[Store], answer: Answer):
    assert [finding.answer for finding in check_credentials({"key": {SSH_KEY}}, stores)] == [answer]


def test_one_complaint_and_several():
    one = {"data": {"result": "failure", "errors": [{"error": "bad @ line 5, column 1."}]}}
    two = {"data": {"result": "failure", "errors": [{"error": ["bad @ line 5, column 1.", "worse"]}]}}

    assert lint_errors(one) == (LintError(message="bad", line=5, column=1),)
    assert lint_errors(two) == (LintError(message="bad", line=5, column=1), LintError(message="worse"))


@pytest.mark.parametrize(
    "url",
    [
        "https://git.test/team/shop.git",
        "https://git.test/team/shop/",
        "git@git.test:team/shop.git",
        "ssh://git@git.test:2222/team/shop",
        "https://token@git.test/team/shop.git",
    ],
)
def test_one_repository_is_one_owner(url: str):
    assert repository_name(url) == "git.test/team/shop"
