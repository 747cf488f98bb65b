"""Whatever a Jenkins server answers: a value of the promised type, or one error that says what is wrong with it."""

from __future__ import annotations

import copy
import json
import re
from dataclasses import replace
from typing import TYPE_CHECKING, Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from job_examples import FROM_GIT, INLINE, MULTIBRANCH, desired
from recorded_jobs import cases

from jenkinsgen.edge.jenkins.reason import reason
from jenkinsgen.errors import JenkinsError
from jenkinsgen.jobs.answers import server as answers
from jenkinsgen.jobs.answers import world as answers_of_world
from jenkinsgen.jobs.answers.lint import lint_errors
from jenkinsgen.jobs.config_xml.reading import read_job
from jenkinsgen.jobs.config_xml.writing import config_xml
from jenkinsgen.jobs.marker import has_broken_marker, split_marker, with_marker
from jenkinsgen.jobs.ownership import as_written
from jenkinsgen.jobs.plan import plan_job
from jenkinsgen.jobs.plan_text import as_text

if TYPE_CHECKING:
    from collections.abc import Callable

PIPELINE = "org.jenkinsci.plugins.workflow.job.WorkflowJob"
BUILD = {"building": False, "number": 3, "result": "SUCCESS", "timestamp": 1_764_000_000_000}
JOB = {"_class": PIPELINE, "name": "shop", "description": "x", "color": "blue", "inQueue": False, "lastBuild": BUILD}

# Each reader, with an answer of the shape that Jenkins has.
READERS: dict[str, tuple[Callable[[Any], Any], Any]] = {
    "listed": (lambda answer: answers.listed(answer, "team"), {"jobs": [JOB]}),
    "names": (lambda answer: answers.names(answer, "team"), {"jobs": [JOB]}),
    "folder class": (answers.folder_class, {"_class": PIPELINE}),
    "activity": (answers.activity, {**JOB, "jobs": [JOB]}),
    "parameters": (answers.parameter_names, {"property": [{}, {"parameterDefinitions": [{"name": "TAG"}]}]}),
    "queue item": (answers.queue_item, {"why": None, "cancelled": False, "executable": {"number": 3}}),
    "build": (answers.build_result, BUILD),
    "stages": (answers.stages, {"stages": [{"name": "Deploy", "status": "SUCCESS", "durationMillis": 5}]}),
    "crumb": (answers.crumb_header, {"crumb": "a1", "crumbRequestField": "Jenkins-Crumb"}),
    "plugins": (
        answers_of_world.plugins,
        {"plugins": [{"active": True, "enabled": True, "shortName": "git", "version": "5.7.0"}]},
    ),
    "nodes": (answers_of_world.nodes, {"computer": [{"assignedLabels": [{"name": "linux"}], "offline": False}]}),
    "credentials": (answers_of_world.credentials, {"credentials": [{"id": "key", "typeName": "Secret text"}]}),
    "domains": (answers_of_world.has_only_global_domain, {"domains": {"_": {"urlName": "_"}}}),
    "linter": (lint_errors, {"data": {"result": "failure", "errors": [{"error": ["x @ line 1, column 2."]}]}}),
}
JUNK = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(), inner, max_size=3),
    max_leaves=8,
)


def places(value: Any) -> list[tuple[Any, Any]]:
    """Every place in an answer: what holds it, and its key."""
    keys = value.keys() if isinstance(value, dict) else range(len(value)) if isinstance(value, list) else ()
    return [place for key in keys for place in ((value, key), *places(value[key]))]


@pytest.mark.parametrize("name", READERS)
def test_an_answer_of_the_right_shape_is_read(name: str):
    read, answer = READERS[name]

    read(answer)


@pytest.mark.parametrize("name", READERS)
@given(data=st.data())
def test_an_answer_of_any_shape_is_read_or_refused(name: str, data: st.DataObject):
    read, right = READERS[name]
    answer = {"": copy.deepcopy(right)}
    holder, key = data.draw(st.sampled_from(places(answer)))
    if data.draw(st.booleans()) and isinstance(holder, dict):
        del holder[key]
    else:
        holder[key] = data.draw(JUNK)

    try:
        read(answer.get(""))
    except answers.UnexpectedAnswer as error:
        assert str(error)  # noqa: PT017 - both ways are right


@given(st.text() | JUNK.map(json.dumps) | st.integers(1, 200_000).map(lambda depth: "[" * depth))
def test_what_is_no_json_is_refused(text: str):
    try:
        answers.read_json(text)
    except answers.UnexpectedAnswer as error:
        assert str(error) == "the answer is not JSON"  # noqa: PT017 - both ways are right


@given(st.text(), st.dictionaries(st.sampled_from(["X-Text-Size", "X-More-Data"]), st.text()), st.integers(0))
def test_a_log_goes_on_or_is_refused(text: str, headers: dict[str, str], position: int):
    try:
        part = answers.log_part(text, headers, position)
    except answers.UnexpectedAnswer:
        return
    assert part.position >= position
    assert part.position > position or not part.text


@pytest.mark.parametrize(
    "answer",
    [{"data": {"result": "failure", "errors": []}}, {"data": {"result": "ok"}}, {"data": {"result": "success?"}}, {}],
)
def test_the_linter_said_yes_only_if_it_said_success(answer: Any):
    with pytest.raises(answers.UnexpectedAnswer):
        lint_errors(answer)


XML = st.sampled_from([case[form] for case in cases().values() for form in case if form in {"read", "resaved"}])
PIECES = st.sampled_from(
    ["<", ">", "</", "&", "&#x1;", "&#99999999999999999999;", "]]>", "\0", "\ud800", "-1", "9" * 5000, "<a>" * 500, "²"]
)


@given(XML, st.lists(st.tuples(st.integers(0, 5000), st.integers(0, 40), PIECES | st.text(max_size=20)), max_size=4))
def test_a_configuration_is_read_or_refused(config: str, cuts: list[tuple[int, int, str]]):
    for start, length, piece in cuts:
        config = config[:start] + piece + config[start + length :]
    try:
        found = read_job("team/shop", config)
    except JenkinsError as error:
        assert error.message.startswith("team/shop: ")  # noqa: PT017 - both ways are right
    else:
        as_written(found)
    for job in (FROM_GIT, MULTIBRANCH):
        planned = plan_job(desired(job), config)
        try:
            planned.config_to_post()
        except JenkinsError as error:
            assert error.message  # noqa: PT017 - both ways are right


@pytest.mark.parametrize("number", ["--5", "²", "9" * 5000, "-", "1.5", "\u0661", ""])
def test_a_number_that_is_none_counts_as_missing(number: str):
    config = config_xml(FROM_GIT, desired(FROM_GIT).marker)
    missing = re.sub("<numToKeep>.*</numToKeep>", "", config)

    found = read_job("x", re.sub("(<numToKeep>).*(<)", rf"\g<1>{number}\2", config))

    assert found.job.discarder == read_job("x", missing).job.discarder


@pytest.mark.parametrize(
    "config",
    [
        "<!DOCTYPE a [<!ENTITY b SYSTEM 'file:///etc/passwd'>]><a>&b;</a>",
        "<!DOCTYPE a [<!ENTITY b 'x'><!ENTITY c '&b;&b;&b;&b;&b;&b;&b;&b;&b;'>]><a>&c;</a>",
        "<?xml version='1.0'?>\n<!DOCTYPE flow-definition>\n<flow-definition/>",
        "<!doctype a><a/>",
        "<a>&b;</a>",
        "<a>" * 100_000,
    ],
)
def test_entities_and_depths_of_a_configuration_are_refused(config: str):
    with pytest.raises(JenkinsError, match=r"^x: the configuration"):
        read_job("x", config)


APPLIED = with_marker("Deploys the shop", desired(FROM_GIT).marker)


@given(st.text(), st.lists(st.tuples(st.integers(0, 300), st.integers(0, 9), st.text(max_size=9)), max_size=4))
def test_a_marker_is_read_or_is_none(description: str, cuts: list[tuple[int, int, str]]):
    text = APPLIED
    for start, length, piece in cuts:
        text = text[:start] + piece + text[start + length :]
    for each in (description, text, f"{text}\n\n{description}"):
        marker = split_marker(each)[1]
        assert marker is None or not has_broken_marker(each)
        assert marker is None or marker == desired(FROM_GIT).marker or not marker.fits(f"{FROM_GIT.name}?")


# What takes the square of such a length takes hours: the timeout of a test ends it.
@pytest.mark.parametrize(
    "text", ["x" * 1_000_000, "x=" * 500_000, "= " * 500_000, "\n\n[managed by jenkinsgen " * 50_000]
)
def test_a_marker_of_any_length_is_read_at_once(text: str):
    assert split_marker(f"[managed by jenkinsgen {text}]")[1] is None


@pytest.mark.parametrize("body", ["<title>" * 1_000_000, "<" * 5_000_000, "<title>Error " + "1" * 5_000_000])
def test_the_reason_in_a_page_of_any_length_is_read_at_once(body: str):
    assert len(reason(500, {"X-Error": "<" * 60_000}, body)) < 300
    assert len(reason(500, {}, body)) < 300


@pytest.mark.slow
def test_a_script_of_any_length_is_compared_at_once():
    long = replace(INLINE, definition=replace(INLINE.definition, script="    }\n" * 1_000_000))
    planned = plan_job(desired(INLINE), config_xml(long, desired(INLINE).marker))

    assert "too long to show: 6000000 characters on the server" in as_text([planned])


@pytest.mark.parametrize(
    "change",
    [
        ("version=0.1.0", "version=0.1.0 owner=git.test/shop"),
        ("digest=", "quarantined=2026-02-30 digest="),
        ("digest=", "quarantined=%00 digest="),
        ("base=", "bass="),
        ("Deploys the shop", APPLIED),
    ],
)
def test_a_marker_that_can_be_read_in_two_ways_is_none(change: tuple[str, str]):
    text = APPLIED.replace(*change)

    assert text != APPLIED
    assert split_marker(text)[1] is None
    assert has_broken_marker(text)


@pytest.mark.parametrize(
    ("old", "new"),
    [("owner=git.test/shop", "owner=git.test/x"), ("spec=pipelines/shop", "spec=pipelines/x"), ("base=", "base=x:1,")],
)
def test_a_marker_that_was_edited_does_not_fit(old: str, new: str):
    config = config_xml(FROM_GIT, desired(FROM_GIT).marker)
    assert read_marker_fits(config)

    assert old in config
    assert not read_marker_fits(config.replace(old, new))


def read_marker_fits(config: str) -> bool:
    marker = split_marker(read_job(FROM_GIT.name, config).job.description)[1]
    assert marker is not None
    return marker.fits(FROM_GIT.name)
