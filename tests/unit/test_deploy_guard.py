"""When a new colour does badly, and when it is only chance, a client, or the old one's habit."""

from __future__ import annotations

import json
import random

import pytest
from hypothesis import given
from hypothesis import strategies as st

from jenkinsgen.deploy.guard.judgement import UNKNOWN, Baseline, baseline_of, judge, percentile_95
from jenkinsgen.errors import StateError
from jenkinsgen.nginx.access_log import Request
from jenkinsgen.spec.colour import Colour
from jenkinsgen.spec.guard import Guard

GUARD = Guard()
USUAL = Baseline(requests=1000, error_percent=0.0, p95_seconds=0.1)


def request(status: int = 200, seconds: float = 0.05, *, received: int = 100) -> Request:
    return Request(1.0, Colour.BLUE, status, seconds, received)


def some(count: int, status: int = 200, seconds: float = 0.05, *, received: int = 100) -> list[Request]:
    return [request(status, seconds, received=received)] * count


def test_a_good_window_has_no_reason():
    assert judge(some(1000), USUAL, GUARD) is None


def test_the_reason_has_the_numbers():
    reason = judge(some(90) + some(10, 500), USUAL, GUARD)
    assert reason == (
        "10 of 100 answers (10 %) were of status 5xx; 2 % are allowed (0 % before the switch, and guard.errors 2)"
    )
    reason = judge(some(50) + some(50, seconds=1.25), USUAL, GUARD)
    assert reason == (
        "5 % of the requests waited 1.2 s or longer for an answer, 50 of 100 longer than the allowed 300 ms "
        "(100 ms before the switch, and guard.latency 3)"
    )


@pytest.mark.parametrize(("count", "failed"), [(20, 3), (100, 7), (1000, 34), (10_000, 243)])
def test_more_bad_answers_than_chance_explains_are_a_reason(count: int, failed: int):
    assert judge(some(count - failed + 1) + some(failed - 1, 502), USUAL, GUARD) is None
    assert judge(some(count - failed) + some(failed, 502), USUAL, GUARD)


@pytest.mark.parametrize(("count", "slow"), [(20, 4), (100, 12), (1000, 71), (10_000, 566)])
def test_more_slow_answers_than_chance_explains_are_a_reason(count: int, slow: int):
    assert judge(some(count - slow + 1) + some(slow - 1, seconds=0.31), USUAL, GUARD) is None
    assert judge(some(count - slow) + some(slow, seconds=0.31), USUAL, GUARD)


def test_with_no_errors_allowed_a_single_one_is_a_reason():
    strict = Guard(errors=0)
    assert judge(some(999) + some(1, 500), USUAL, strict)
    assert judge(some(999) + some(1, 404), USUAL, strict) is None


def test_errors_that_the_old_colour_had_are_allowed():
    bad = some(80) + some(20, 500)
    assert judge(bad, Baseline(1000, 20.0, 0.1), GUARD) is None
    assert judge(some(50) + some(50, 500), Baseline(1000, 20.0, 0.1), GUARD)
    assert judge(some(100, 500), Baseline(1000, 100.0, 0.1), GUARD) is None


def test_too_few_requests_say_nothing():
    assert judge(some(19, 500), USUAL, GUARD) is None
    assert judge(some(20, 500), USUAL, GUARD)
    assert judge([], USUAL, GUARD) is None


def test_a_client_that_left_is_no_error():
    assert judge(some(100, 499), USUAL, GUARD) is None
    # Nor does it make up the number that says something.
    assert judge(some(100, 499) + some(19, 500), USUAL, GUARD) is None


def test_clients_that_left_after_waiting_too_long_say_that_it_is_slow():
    reason = judge(some(100, 499, 5.0), USUAL, GUARD)
    assert reason is not None
    assert "100 of 100 longer than the allowed 300 ms" in reason


def test_clients_that_left_soon_do_not_hide_those_that_waited():
    window = some(80) + some(20, seconds=1.0)
    assert judge(window, USUAL, GUARD)
    assert judge(some(1000, 499, 0.01) + window, USUAL, GUARD)


def test_websockets_and_uploads_do_not_make_it_slow():
    assert judge(some(100, 101, 3600.0) + some(100), USUAL, GUARD) is None
    assert judge(some(100, seconds=30.0, received=1_000_000) + some(100), USUAL, GUARD) is None


def test_nobody_feels_the_floor():
    assert judge(some(100, seconds=0.05), Baseline(1000, 0.0, 0.0005), GUARD) is None
    assert judge(some(100, seconds=0.06), Baseline(1000, 0.0, 0.0005), GUARD)


def test_without_a_baseline_thresholds_are_absolute():
    for nothing in (UNKNOWN, Baseline(19, 50.0, 0.001)):
        assert judge(some(100, seconds=2.9), nothing, GUARD) is None
        slow, failed = judge(some(100, seconds=3.1), nothing, GUARD), judge(some(100, 503), nothing, GUARD)
        assert slow is not None
        assert failed is not None
        assert "nothing to compare with" in slow
        assert "nothing to compare with" in failed


@pytest.mark.slow
def test_a_release_that_is_like_the_old_one_is_hardly_ever_refused():
    chance = random.Random(7)  # noqa: S311 - the same in each run, and no secret
    refused = 0
    for _ in range(2000):
        window = [request(500 if chance.random() < 0.01 else 200, chance.expovariate(30)) for _ in range(100)]
        # 95 % of this distribution are within 0.0999 s.
        refused += judge(window, Baseline(1000, 1.0, 0.0999), Guard(latency=1)) is not None
    assert refused <= 2


@given(
    st.lists(st.builds(request, st.sampled_from([101, 200, 404, 499, 500, 502]), st.floats(0, 100)), max_size=80),
    st.floats(0, 100),
    st.floats(0, 10),
)
def test_one_more_bad_answer_never_makes_it_better(window: list[Request], percent: float, p95: float):
    usual = Baseline(1000, percent, p95)
    if judge(window, usual, Guard(latency=1000)):
        assert judge([*window, request(500)], usual, Guard(latency=1000))


@given(st.lists(st.floats(0, 100), min_size=1))
def test_the_percentile_is_the_smallest_that_nineteen_of_twenty_do_not_exceed(numbers: list[float]):
    found = percentile_95(sorted(numbers))
    assert sum(number <= found for number in numbers) >= 0.95 * len(numbers)
    assert sum(number < found for number in numbers) < 0.95 * len(numbers)


def test_what_was_usual():
    found = baseline_of([*some(94), *some(4, seconds=0.2), *some(2, 500, 0.3), *some(9, 101, 99), *some(9, 499, 99)])
    assert found == Baseline(100, 2.0, 0.2)
    assert str(found) == "100 answers, 2 % of status 5xx, 95 % of them within 200 ms"
    assert baseline_of([]) == UNKNOWN
    assert baseline_of(some(5, 499)) == UNKNOWN
    assert str(UNKNOWN) == "nothing is known of its requests"


@given(st.builds(Baseline, st.integers(0, 10**9), st.floats(0, 100), st.floats(0, 1e6)))
def test_a_baseline_survives_a_json_file(baseline: Baseline):
    assert Baseline.from_dict(json.loads(json.dumps(baseline.to_dict()))) == baseline


@pytest.mark.parametrize(
    "data",
    [
        {},
        {"requests": 1, "error_percent": 1},
        {"requests": None, "error_percent": 0, "p95_seconds": 0},
        {"requests": -1, "error_percent": 0, "p95_seconds": 0},
        {"requests": 1, "error_percent": 101, "p95_seconds": 0},
        {"requests": 1, "error_percent": 0, "p95_seconds": float("nan")},
    ],
)
def test_a_damaged_baseline_is_told(data: dict[str, object]):
    with pytest.raises(StateError, match="baseline of the guard is damaged"):
        Baseline.from_dict(data)
