"""The demo's verdict: what it promises, and that it can fail."""

from __future__ import annotations

import json
from dataclasses import replace
from pathlib import Path

import pytest

from jenkinsgen.sandbox.clients.traffic_result import Connections, LoadResult, Sample, summarise
from jenkinsgen.sandbox.demo_result import DemoResult, OrderCount, ReleaseResult, count_orders
from jenkinsgen.sandbox.jenkinsfile import BuildResult, StageResult


def build(number: int, result: str) -> BuildResult:
    stages = (StageResult("Deploy", result, 5.25),)
    return BuildResult(number, result, 9.5, stages, Path(f"/builds/{number}"))


def release(number: int, *, healthy: bool, result: str, switch_ms: float | None) -> ReleaseResult:
    return ReleaseResult(number, f"{number}.0.0", healthy, build(number, result), switch_ms)


def load(*samples: Sample) -> LoadResult:
    return summarise(samples, {"order": Connections(1, 0)}, began=0, ended=60, marks=[], usual={})


def order(name: str, failure: str | None = None, at: float = 1, version: str = "3.0.0") -> Sample:
    return Sample("order", at, at + 0.1, version, failure, name)


RELEASES = (
    release(1, healthy=True, result="SUCCESS", switch_ms=2.5),
    release(2, healthy=True, result="SUCCESS", switch_ms=7.25),
    release(3, healthy=True, result="SUCCESS", switch_ms=1),
    release(4, healthy=False, result="FAILURE", switch_ms=None),
)
GOOD = DemoResult(
    seconds=70,
    releases=RELEASES,
    load=load(order("a"), order("b")),
    orders=OrderCount(duplicated=0, lost=0),
    answering=frozenset({"3.0.0"}),
)


def test_a_demo_as_promised_has_no_problems_and_says_so_in_one_line():
    assert GOOD.problems() == []
    assert GOOD.line() == (
        "demo: deployments=3 refused=1 requests=2 failed=0 duplicated=0 switch_ms=7.2"
        " late=0 idle_closed=0 websockets_cut=0"
    )


def test_the_same_as_json():
    said = json.loads(json.dumps(GOOD.as_dict()))

    assert {name: said[name] for name in ("deployments", "refused", "requests", "failed", "problems")} == {
        "deployments": 3,
        "refused": 1,
        "requests": 2,
        "failed": 0,
        "problems": [],
    }
    assert said["releases"][1]["stages"] == {"Deploy": 5.25}
    assert said["load"]["order"]["connections"] == {"opened": 1, "closed_while_idle": 0, "cut": 0}


@pytest.mark.parametrize(
    ("wrong", "problem"),
    [
        ({"load": load(order("a"), order("b", "status 502"))}, "1 requests failed: status 502"),
        ({"orders": OrderCount(duplicated=2, lost=0)}, "2 orders were handled twice"),
        ({"orders": OrderCount(duplicated=0, lost=1)}, "1 orders were answered but are in no server's log"),
        ({"answering": frozenset({"3.0.0", "4.0.0"})}, "at the end 3.0.0, 4.0.0 answers, not 3.0.0"),
        ({"answering": frozenset({None})}, "at the end None answers, not 3.0.0"),
        (
            {"load": load(order("a", at=1, version="2.0.0"), order("b", at=2), order("c", at=3, version="2.0.0"))},
            "two versions answered at the same time for 0.900 s",
        ),
        (
            {"releases": (*RELEASES[:3], release(4, healthy=False, result="SUCCESS", switch_ms=1))},
            "release 4 (4.0.0) should have been refused; its log is /builds/4/log",
        ),
    ],
)
def test_whatever_is_not_as_promised_is_said(wrong: dict[str, object], problem: str):
    assert replace(GOOD, **wrong).problems() == [problem]


def test_a_failed_release_ends_the_demo_with_two_problems():
    releases = (RELEASES[0], release(2, healthy=True, result="FAILURE", switch_ms=None))

    problems = replace(GOOD, releases=releases, answering=frozenset({"1.0.0"})).problems()

    assert problems == [
        "release 2 (2.0.0) should have been deployed; its log is /builds/2/log",
        "only 2 of 4 releases were tried",
        "at the end 1.0.0 answers, not 2.0.0",
    ]


def test_orders_are_counted_over_all_servers_and_only_those_of_this_load():
    logs = ["a 1.0.0 app1\nb 1.0.0 app1\nolder 0.9 app1\nolder 0.9 app1\n", "b 1.0.0 app2\nd 1.0.0 app2\n"]
    seen = load(order("a"), order("b"), order("c"), order("d", "RemoteDisconnected"), order("e", "timeout"))

    # b was handled twice; c was answered and is nowhere; d and e had no answer, so either is right.
    assert count_orders(logs, seen) == OrderCount(duplicated=1, lost=1)
