"""What a person is told about a container that is not healthy."""

from __future__ import annotations

import re

import pytest
from examples import pipeline

from jenkinsgen.deploy.health import SHOWN_BODY, Answer, Ended, Looks, advice, verdict
from jenkinsgen.deploy.steps import AwaitHealthy

STEP = AwaitHealthy("shop-blue", "192.0.2.11", 8081, "shop.example.com", pipeline().service.health)


@pytest.mark.parametrize(("status", "healthy"), [(200, True), (204, False), (302, False), (503, False), (None, False)])
def test_only_200_is_healthy(status: int | None, healthy: bool):
    assert Answer(status).healthy is healthy


@pytest.mark.parametrize(
    ("answer", "shown"),
    [
        (Answer(None, error="connection refused"), "no answer: connection refused"),
        (Answer(503, "  starting\n"), "status 503, body: starting"),
        (Answer(302, "", "/login"), "status 302 to /login, an empty body"),
        (Answer(500, "x" * 301), f"status 500, body: {'x' * SHOWN_BODY} …"),
    ],
)
def test_an_answer_is_shown_in_one_phrase(answer: Answer, shown: str):
    assert str(answer) == shown


@pytest.mark.parametrize(
    ("last", "ended", "said"),
    [
        (None, Ended(137, out_of_memory=True), "raise service.memory"),
        (Answer(503), Ended(1, out_of_memory=False), "the log above says why it ended"),
        (None, None, r"listen on all addresses .* service.health.timeout \(100s\)"),
        (Answer(None, error="refused"), None, "listen on all addresses"),
        (Answer(302, location="/login"), None, "/health redirects to /login; only 200"),
        (Answer(401), None, "/health wants a login"),
        (Answer(403), None, "/health wants a login"),
        (Answer(404), None, "is service.health.path right"),
        (Answer(503), None, "says that it is not ready"),
    ],
)
def test_the_advice_names_the_setting_or_the_place_to_look_at(last: Answer | None, ended: Ended | None, said: str):
    assert re.search(said, advice(STEP, Looks(1, last=last), ended))


def test_how_a_container_ended_is_shown():
    assert str(Ended(137, out_of_memory=True)) == "was killed: out of memory"
    assert str(Ended(3, out_of_memory=False)) == "ended with exit code 3"


def looks(*statuses: int) -> Looks:
    seen = Looks()
    for status in statuses:
        seen.add(Answer(status))
    return seen


def test_looks_in_a_row_begin_anew_after_an_unhealthy_one():
    assert looks(200, 200, 503, 200).in_a_row == 1


def test_health_that_comes_and_goes_is_called_that():
    flapping = looks(200, 503, 200, 503)

    assert verdict(STEP, flapping, None) == "was healthy at 2 of 4 looks within 100s, but never 3 times in a row"
    assert "comes and goes" in advice(STEP, flapping, None)
    assert verdict(STEP, looks(503, 503), None) == "was not healthy within 100s"
    assert verdict(STEP, flapping, Ended(3, out_of_memory=False)) == "ended with exit code 3"
