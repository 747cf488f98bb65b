"""Which build may follow which, as the journal has them."""

from __future__ import annotations

from dataclasses import replace

import pytest
from examples import release

from jenkinsgen.deploy.release import Build
from jenkinsgen.deploy.state.journal import Journal, became_live, refuse_older, was_left
from jenkinsgen.errors import StateError

JOB = "https://jenkins.example.com/job/shop"


def build(number: int, job: str = JOB) -> Build:
    return Build(number, f"{job}/{number}/")


def journal(*numbers: int) -> Journal:
    found = Journal()
    for time, number in enumerate(numbers):
        found = became_live(found, release(number=number), time)
    return found


def test_an_older_build_does_not_overtake_a_newer_one():
    refuse_older(journal(6, 7), build(8))
    refuse_older(journal(6, 7), build(7))
    with pytest.raises(StateError, match="build 7 of "):
        refuse_older(journal(6, 7), build(6))


def test_going_back_does_not_let_an_older_one_in():
    back = became_live(
        was_left(journal(5, 7), release(number=7).version, release(number=5).version, "bad"), release(number=5), 9
    )
    with pytest.raises(StateError, match="build 7"):
        refuse_older(back, build(6))


def test_a_job_that_was_made_anew_is_insisted_on_once():
    with pytest.raises(StateError, match="build 900"):
        refuse_older(journal(899, 900), build(1))
    # It was insisted on; the ones after it need nobody.
    refuse_older(journal(899, 900, 1), build(2))


def test_another_job_and_a_person_have_no_numbers_to_compare():
    refuse_older(journal(7), build(6, "https://jenkins.example.com/job/team/job/shop"))
    refuse_older(journal(7), Build(6, ""))
    refuse_older(journal(7), None)
    refuse_older(became_live(Journal(), replace(release(number=7), build_url=""), 1), build(6))
