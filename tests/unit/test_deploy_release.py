"""release.json: what one stage hands to the next."""

from __future__ import annotations

import json

import pytest
from examples import pipeline, release

from jenkinsgen.deploy.release import Build, check_release, coloured_repository, dump_release, parse_release, version_of
from jenkinsgen.errors import StateError
from jenkinsgen.spec.colour import Colour


def test_a_release_is_read_back_as_it_was_written():
    for colour in Colour:
        assert parse_release(dump_release(release(colour))) == release(colour)


@pytest.mark.parametrize(
    "text",
    ["", "{", "null", "[]", "{}", '"x"', '{"colour": "red"}', json.dumps({"colour": "blue"}), "\x00"],
)
def test_a_damaged_file_says_what_to_do(text: str):
    with pytest.raises(StateError, match=r"release\.json is damaged") as caught:
        parse_release(text)
    assert "run build-image again" in str(caught.value.hint)


def test_more_than_there_should_be_is_damage_too():
    with pytest.raises(StateError, match="damaged"):
        parse_release(json.dumps({**json.loads(dump_release(release())), "more": 1}))


def test_names_are_made_of_the_commit_the_build_and_the_colour():
    assert version_of("0123456789abcdef", 7) == "0123456789ab-7"
    assert coloured_repository(pipeline(), Colour.GREEN) == "registry.example.com/shop-green"
    assert release().reference == f"registry.example.com/shop-blue@sha256:{'d' * 64}"


def test_a_release_of_this_build_and_service_is_taken_with_and_without_jenkins():
    check_release(release(number=7), pipeline(), Build(7, ""))
    check_release(release(number=7), pipeline(), None)


def test_a_release_of_another_build_or_service_is_refused():
    with pytest.raises(StateError, match="was written by build 6, this is build 7"):
        check_release(release(number=6), pipeline(), Build(7, ""))
    with pytest.raises(StateError, match="of the service cart, the spec of shop"):
        check_release(release(service="cart"), pipeline(), None)
