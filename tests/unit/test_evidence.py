"""No evidence is not good news: a step or a bake without requests is a result of its own, never "did well"."""

from __future__ import annotations

import time
from types import SimpleNamespace
from typing import Any

import pytest
from examples import pipeline, release
from in_memory.house import House

from jenkinsgen.deploy.guard.evidence import Counted, Evidence
from jenkinsgen.deploy.guard.judgement import UNKNOWN
from jenkinsgen.edge.nginx.access_log import Look
from jenkinsgen.errors import Unproven
from jenkinsgen.nginx.access_log import Request
from jenkinsgen.nginx.canary import Gate
from jenkinsgen.report import Report
from jenkinsgen.spec.colour import Colour
from jenkinsgen.stages.canary import step as canary
from jenkinsgen.stages.canary import watch as canary_watch
from jenkinsgen.stages.canary.give import Given

CANARY = """
strategy: canary
guard: {{requests: 3, window: 1s}}
canary: {{steps: [{{percent: 10, hold: 1s}}], unjudged: {unjudged}}}
"""


def requests(count: int, status: int = 200, *, received: int = 100) -> tuple[Request, ...]:
    return (Request(99.0, Colour.BLUE, status, 0.01, received),) * count


@pytest.mark.parametrize(
    ("found", "said"),
    [
        ((), "no request to judge by; guard.requests wants 3 together"),
        (requests(1), "1 request to judge by; guard.requests wants 3 together"),
        (requests(2), "2 requests to judge by; guard.requests wants 3 together"),
        # A client that left and a WebSocket are no answers.
        (
            (*requests(2), *requests(9, 499), *requests(9, 101)),
            "2 requests to judge by; guard.requests wants 3 together",
        ),
        (requests(3), "3 requests"),
        (requests(3, received=10**6), "3 requests, too few of them to judge latency"),
    ],
)
def test_too_few_requests_are_no_evidence(found: tuple[Request, ...], said: str):
    assert str(Counted(3).and_more(found, found)) == said


def test_requests_that_never_were_enough_together_were_never_judged():
    counted = Counted(3)
    for _ in range(9):
        counted = counted.and_more(requests(1), requests(1))

    assert (counted.answers, counted.judged) == (9, False)
    assert counted.and_more(requests(3), requests(3)).and_more((), ()).judged


def test_servers_that_nobody_could_look_at_are_no_evidence():
    judged = Counted(1).and_more(requests(1), requests(1))

    assert Evidence(judged, ["192.0.2.11", "192.0.2.12"], 2).lacking == "no server's health could be looked at"
    assert not Evidence(judged, ["192.0.2.11"], 2).lacking
    assert "192.0.2.11 could not be looked at once" in Evidence(judged, ["192.0.2.11"], 2).lines[1]
    # Mode reload, or no guard.
    assert not Evidence(None).lacking


def test_a_prometheus_without_a_number_is_said():
    assert "never gave a number" in Evidence(None, numberless=True).lines[0]


class Step:
    """A step of a canary whose log has these requests in its looks."""

    def __init__(self, monkeypatch: pytest.MonkeyPatch, *looks: tuple[Request, ...]) -> None:
        self.looks = list(looks)
        self.seconds = 0.0
        self.now = time.monotonic()
        self.said: list[str] = []
        monkeypatch.setattr(canary_watch, "Watch", self._watch)
        monkeypatch.setattr(canary_watch, "watch_with", self._watch_with)

    def _watch(self, *arguments: Any) -> Any:
        self.traffic = arguments[-1]
        return SimpleNamespace(look=self.traffic.look)

    def _watch_with(self, watching: Any, seconds: float, enough: Any = lambda: False) -> None:
        for _ in range(round(seconds)):
            self.seconds += 1
            watching.look()
            watching.evidence = Evidence(self.traffic.counted)
            if enough():
                return

    def _look(self, *_: object) -> Look:
        return Look(self.looks.pop(0) if self.looks else (), 100.0)

    def run(self, unjudged: str) -> Evidence:
        spec = pipeline(CANARY.format(unjudged=unjudged))
        log = SimpleNamespace(path="/var/log/shop", recent=self._look, look=self._look)
        nginx = SimpleNamespace(access_log=lambda _: log)
        report = Report()
        session: Any = SimpleNamespace(pipeline=spec, nginx=nginx, report=report)
        report.line = lambda text, host=None: self.said.append(text)  # type: ignore[method-assign]  # noqa: ARG005
        assert spec.canary is not None
        given = Given(Gate(Colour.GREEN, 10), UNKNOWN)
        return canary._watch(session, given, spec.canary.steps[0], release())


def test_a_step_without_requests_is_refused(monkeypatch: pytest.MonkeyPatch):
    with pytest.raises(Unproven, match=r"nobody can tell how .* does with 10 % of the clients: no request") as caught:
        Step(monkeypatch).run("refuse")

    assert caught.value.exit_code == 10
    assert "canary.unjudged" in str(caught.value)


def test_a_step_may_wait_for_requests_and_ends_when_they_came(monkeypatch: pytest.MonkeyPatch):
    step = Step(monkeypatch, (), requests(3))

    assert not step.run("wait").lacking
    assert "held on for at most 1s more" in step.said[0]


def test_a_step_does_not_wait_for_ever(monkeypatch: pytest.MonkeyPatch):
    step = Step(monkeypatch)

    with pytest.raises(Unproven):
        step.run("wait")
    assert step.seconds == 2


def test_a_step_that_goes_on_without_requests_says_that_it_knows_nothing(monkeypatch: pytest.MonkeyPatch):
    step = Step(monkeypatch)

    assert step.run("continue").lacking
    assert step.said == ["no request to judge by; guard.requests wants 3 together"]


def test_a_step_with_enough_requests_is_not_held_up(monkeypatch: pytest.MonkeyPatch):
    step = Step(monkeypatch, requests(3))

    assert not step.run("wait").lacking
    assert step.seconds == 1


@pytest.mark.parametrize("unjudged", ["continue", "refuse"])
def test_a_bake_without_requests_says_so_and_may_be_refused(unjudged: str):
    spec = pipeline(f"{{bake: 1m, guard: {{unjudged: {unjudged}}}}}")
    house = House(spec)
    house.deploy()
    house.build()
    house.run("build-image", "deploy-colour", "switch-nginx")
    house.share = 0.0

    if unjudged == "refuse":
        with pytest.raises(Unproven, match=r"nobody can tell how blue does: no request .*; green stays warm"):
            house.run("cleanup", wait=True)
        assert house.observed()["servers"][0] == [["shop-blue", 2, True], ["shop-green", 1, True]]
    else:
        house.run("cleanup", wait=True)
        assert "so nobody can tell how blue does with its requests; green goes (guard.unjudged)" in house.text
        assert house.observed()["servers"][0] == [["shop-blue", 2, True]]
    assert "    no request to judge by" in house.text
