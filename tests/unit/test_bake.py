"""The bake when hosts do not answer for a while; the rest is in tests/integration/test_guard.py, on real ones."""

from __future__ import annotations

import threading
from dataclasses import dataclass, field
from types import SimpleNamespace
from typing import TYPE_CHECKING, Any

import pytest
from examples import pipeline
from in_memory.clock import QuickClock

from jenkinsgen.clock import CLOCK, Clock
from jenkinsgen.deploy.guard.judgement import UNKNOWN
from jenkinsgen.deploy.health import Answer, Ended
from jenkinsgen.deploy.steps import NGINX
from jenkinsgen.edge.nginx.access_log import Look
from jenkinsgen.errors import HostError, NginxError, ReleaseRefused, StateError
from jenkinsgen.nginx.access_log import Request
from jenkinsgen.report import Report
from jenkinsgen.spec.colour import Colour
from jenkinsgen.stages.watch import bake

if TYPE_CHECKING:
    from jenkinsgen.deploy.steps import AwaitHealthy

UP, DOWN = Answer(200), Answer(None, error="connection refused")
BLUE_PORT = 8081


@dataclass
class World:
    """What NGINX and two servers answer; exceptions are raised."""

    live: list[Any] = field(default_factory=lambda: [Colour.BLUE])
    """One after the other; the last again and again."""
    looks: list[Any] = field(default_factory=lambda: [Look((), 100.0)])
    blue: Answer = UP
    green: Answer = UP
    restarts: int | HostError = 0
    ended: Ended | None = None
    answers_when: threading.Event | None = None
    """Until then no look at health has an answer."""
    health_answers: int = 0
    said: list[str] = field(default_factory=list)
    log: Any = None
    guard: str = "{}"
    metric: Any = None
    clock: Clock = field(default_factory=QuickClock)

    def bake(self, seconds: float = 0.6) -> None:
        engine = SimpleNamespace(
            restarts=lambda _: given(self.restarts), ended=lambda _: self.ended, log=lambda _: "its last words"
        )
        session = SimpleNamespace(
            pipeline=pipeline(f"bake: 1m\nguard: {self.guard}"),
            nginx=SimpleNamespace(
                lives=lambda: {NGINX: following(self.live)},
                access_log=lambda _: self.log,
                address="192.0.2.10",
                look=self.health,
            ),
            clock=self.clock,
            outside=SimpleNamespace(clock=self.clock, ask_prometheus=lambda *_: self.metric()),
            engines={"192.0.2.11": engine, "192.0.2.12": engine},
        )
        session.report = Report()
        session.report.line = lambda text, host=None: self.said.append(f"{host}: {text}")
        bake.watch(session, Colour.BLUE, UNKNOWN, seconds)  # type: ignore[arg-type]

    def health(self, step: AwaitHealthy) -> Answer:
        if self.answers_when:
            self.answers_when.wait(600)
        self.health_answers += 1
        return self.blue if step.port == BLUE_PORT else self.green


def given(answer: Any) -> Any:
    if isinstance(answer, Exception):
        raise answer
    return answer


def following(answers: list[Any]) -> Any:
    return given(answers.pop(0) if len(answers) > 1 else answers[0])


@pytest.fixture
def world(monkeypatch: pytest.MonkeyPatch) -> World:
    made = World()
    log = SimpleNamespace(
        path="/var/log/shop", recent=lambda _: following(made.looks), look=lambda: following(made.looks)
    )
    made.log = log
    monkeypatch.setattr(bake, "LOOK_SECONDS", 0.03)
    return made


def bad(count: int, status: int = 500, colour: Colour = Colour.BLUE, moment: float = 99.0) -> tuple[Request, ...]:
    return (Request(moment, colour, status, 0.01, 100),) * count


def test_a_good_colour_bakes_as_long_as_it_shall(world: World):
    world.bake(0.3)
    assert world.clock.now() == pytest.approx(0.3)
    assert world.said == []


def test_looks_that_fail_for_a_while_are_told_once_and_forgiven(world: World):
    world.live = [HostError("gone"), None, NginxError("down"), *[Colour.BLUE] * 3, HostError("gone again"), Colour.BLUE]
    world.bake()
    assert world.said == [
        "None: warning: one look of the guard failed: gone",
        "None: warning: one look of the guard failed: gone again",
    ]


def test_prometheus_may_say_nonsense_for_a_while_but_not_for_ever(world: World):
    """The page of a proxy, a query that two series of the new colour make ambiguous: neither is a verdict at once."""
    world.guard = "{prometheus: {url: http://p, query: up, at_most: 1}}"
    answers: list[Any] = [StateError("no Prometheus"), StateError("no Prometheus"), (0.5,)]
    world.metric = lambda: following(answers)
    world.bake()
    assert world.said == ["None: warning: one look of the guard failed: no Prometheus"]

    answers[:] = [StateError("no Prometheus")]
    with pytest.raises(HostError, match="no Prometheus"):
        world.bake(5)


def test_a_number_that_is_too_large_is_a_verdict(world: World):
    world.guard = "{prometheus: {url: http://p, query: up, at_most: 1}}"
    answers: list[Any] = [(0.5,), (), (1.5,)]
    world.metric = lambda: following(answers)
    with pytest.raises(ReleaseRefused, match=r"^blue does badly: guard\.prometheus\.query gives 1\.5; 1 is allowed"):
        world.bake(5)


def test_a_prometheus_that_hangs_holds_nothing_up(world: World):
    world.guard = "{prometheus: {url: http://p, query: up, at_most: 1}}"
    over, answered = threading.Event(), []

    def hang(*_: object) -> tuple[float, ...]:
        over.wait(600)
        answered.append(1)
        return ()

    world.metric, world.clock = hang, CLOCK
    world.bake(0.3)
    assert answered == []
    over.set()


def test_a_host_that_stays_away_ends_the_bake(world: World):
    world.looks = [Look((), 100.0), HostError("gone")]
    with pytest.raises(HostError, match="gone"):
        world.bake(5)


def test_nginx_that_says_nothing_ends_the_bake(world: World):
    world.live = [None]
    with pytest.raises(NginxError, match="does not say which colour it serves"):
        world.bake(5)


def test_a_window_is_of_the_new_colour_and_of_now(world: World):
    others = bad(100, colour=Colour.GREEN) + bad(100, moment=94.9)
    world.looks = [Look(others + bad(19), 100.0), Look((), 100.0)]
    world.bake(0.2)
    world.looks = [Look(bad(10), 100.0), Look(bad(10, moment=100.5), 101.0), Look((), 101.0)]
    with pytest.raises(ReleaseRefused, match=r"^blue does badly: in 5s, 20 of 20 answers \(100 %\)"):
        world.bake()


def test_what_slides_out_of_the_window_is_forgotten(world: World):
    world.looks = [Look(bad(10), 100.0), Look(bad(10, moment=104.5), 105.0), Look((), 105.0)]
    world.bake(0.2)


def test_skipped_and_damaged_parts_of_the_log_are_told(world: World):
    world.looks = [Look((), 100.0, damaged=2), Look((), 100.0, damaged=3, skipped=1_000_000), Look((), 100.0)]
    world.bake(0.3)
    assert len(world.said) == 2
    assert "2 lines of the log are no requests" in world.said[0]
    assert "skipped 1,000,000 bytes" in world.said[1]


def test_a_colour_that_is_not_healthy_three_times_is_refused(world: World):
    world.blue = Answer(503, "database gone")
    with pytest.raises(ReleaseRefused) as caught:
        world.bake()
    assert caught.value.message == (
        "192.0.2.11: shop-blue is not healthy: http://192.0.2.11:8081/health: status 503, body: database gone "
        "(3 times in a row)\n  the end of its log:\n    its last words"
    )


def test_one_restart_is_enough(world: World):
    world.restarts = 1
    with pytest.raises(ReleaseRefused, match="ended by itself and was started again once\n"):
        world.bake()


def test_a_server_that_is_gone_with_both_colours_is_told_and_not_the_releases_doing(world: World):
    world.restarts, world.blue, world.green = HostError("no route"), DOWN, DOWN
    world.bake(0.4)
    assert sorted(world.said) == [
        f"{host}: warning: the guard cannot look at this server: no route" for host in ("192.0.2.11", "192.0.2.12")
    ]


def test_a_server_of_which_only_the_engine_is_gone_is_judged_by_health(world: World):
    world.restarts = HostError("no route")
    world.bake(0.2)
    world.blue = DOWN
    with pytest.raises(ReleaseRefused, match="connection refused"):
        world.bake()


def test_a_look_that_hangs_holds_nothing_up(world: World):
    over = world.answers_when = threading.Event()
    world.clock = CLOCK
    world.looks = [Look((), 100.0), Look(bad(20), 100.0)]
    with pytest.raises(ReleaseRefused, match="5xx"):
        world.bake(60)
    assert world.health_answers == 0
    over.set()
