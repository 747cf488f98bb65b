"""What a person is told about a container that is not healthy."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

import pytest
from examples import pipeline

from jenkinsgen.deploy.health import SHOWN_BODY, Answer, Ended, Looks, advice, verdict
from jenkinsgen.deploy.plan.deploy import await_healthy
from jenkinsgen.nginx.site import render_site, upstreams_of, ways_to_ask
from jenkinsgen.spec.colour import Colour

if TYPE_CHECKING:
    from jenkinsgen.deploy.steps import AwaitHealthy


def step(changes: str = "") -> AwaitHealthy:
    spec = pipeline(changes)
    return await_healthy(spec.servers[0], spec, Colour.BLUE)


STEP = step()


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
        (Answer(403), None, r"without a login, to this Host \(shop.example.com\), or to this address"),
        (Answer(400), None, "accept the Host shop.example.com .* plain HTTP"),
        (Answer(404), None, "is service.health.path right .* service.container_port"),
        (Answer(204), None, "only 200 counts"),
        (Answer(301, location="https://shop.example.com/health"), None, "X-Forwarded-Proto: http, because .* no nginx"),
        (Answer(503), None, "says that it is not ready"),
    ],
)
def test_the_advice_names_the_setting_or_the_place_to_look_at(last: Answer | None, ended: Ended | None, said: str):
    assert re.search(said, advice(STEP, Looks(1, last=last), ended))


def test_an_application_that_redirects_although_it_was_told_https_is_told_apart():
    with_tls = step("nginx: {certificate: /etc/nginx/shop.pem, certificate_key: /etc/nginx/shop.key}")

    said = advice(with_tls, Looks(1, last=Answer(301, location="https://shop.example.com/health")), None)

    assert "told X-Forwarded-Proto: https" in said
    assert "trust a proxy's headers" in said


def test_a_look_at_health_says_what_nginx_will_say():
    """As site.conf.j2 does, so that an application which sends http away to https answers both alike."""
    with_tls = step("nginx: {certificate: /etc/nginx/shop.pem, certificate_key: /etc/nginx/shop.key}")

    assert STEP.headers["X-Forwarded-Proto"] == "http"
    assert with_tls.headers == {
        "Host": "shop.example.com",
        "X-Real-IP": "127.0.0.1",
        "X-Forwarded-For": "127.0.0.1",
        "X-Forwarded-Proto": "https",
    }
    spec = pipeline()
    site = render_site(spec, upstreams_of(spec)).text
    assert set(re.findall(r"proxy_set_header ([A-Z]\S+) ", site)) - {"Upgrade", "Connection"} == set(STEP.headers)


@pytest.mark.parametrize(
    ("server_name", "host", "sent"),
    [
        ("_", "deploy@nginx.example.com", "nginx.example.com"),
        ("_", "deploy@192.0.2.10", "192.0.2.10"),
        ("_", "deploy@[2001:db8::10]", "[2001:db8::10]"),
        ("'*.example.com'", "deploy@192.0.2.10", "jenkinsgen.example.com"),
        ("shop.example.com", "deploy@192.0.2.10", "shop.example.com"),
    ],
)
def test_the_host_that_is_sent_is_one_that_a_client_could_send(server_name: str, host: str, sent: str):
    """Application servers answer `Host: _` with 400 for ever."""
    spec = pipeline(f"nginx: {{server_name: {server_name}, host: '{host}'}}")

    assert step(f"nginx: {{server_name: {server_name}, host: '{host}'}}").headers["Host"] == sent
    assert ways_to_ask(spec, None)[0].name == sent
    assert ways_to_ask(spec, render_site(spec, upstreams_of(spec)).text)[0].name == sent


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
