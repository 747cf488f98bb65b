"""The lease as somebody sees it who only looks."""

from __future__ import annotations

from dataclasses import replace

import pytest

from jenkinsgen.deploy.state.holding import holding, holding_data, holding_lines
from jenkinsgen.deploy.state.lease import LEASE_SECONDS, FoundLease, Holder, Lease, Process, given_back

HOLDER = Holder("https://ci/job/shop/7/", "jenkins", "agent1", "deploy-colour", Process("boot", "pid:[1]", 42, 99))
LEASE = Lease("token", HOLDER, since=1_000_000)


def found(lease: Lease | None = LEASE, age: int = 3) -> FoundLease:
    return FoundLease(lease, age, "text")


def test_who_has_it_since_when_and_for_how_long():
    seen = holding(found(), 1_000_090, None)

    assert seen is not None
    assert holding_lines(seen) == [
        "the lease is held by https://ci/job/shop/7/",
        "  stage    deploy-colour, process 42",
        "  by       jenkins on agent1",
        "  since    1970-01-12 13:46:40 UTC (1 min)",
        "  renewed  3 s ago; expires in 27 s",
        "  free     no: not known to be dead, and not expired",
    ]
    assert seen.line == "held by https://ci/job/shop/7/ (deploy-colour, jenkins on agent1) for 1 min"


@pytest.mark.parametrize("lease", [None, given_back(LEASE)])
def test_a_lease_that_is_not_there_damaged_or_given_back_is_nobodys(lease: Lease | None):
    assert holding(found(lease), 1_000_090, None) is None
    assert holding_data(None) is None


def test_a_dead_holder_and_one_that_expired_are_said_to_be():
    dead = holding(found(), 1_000_090, "its process 42 on this agent has ended")
    expired = holding(found(age=LEASE_SECONDS), 1_000_090, None)

    assert dead is not None
    assert expired is not None
    assert "  free     yes: its process 42 on this agent has ended" in holding_lines(dead)
    assert expired.free_because == "it was not renewed for 30 s"
    assert f"expired (it lasts {LEASE_SECONDS} s)" in "\n".join(holding_lines(expired))


def test_a_clock_that_was_set_back_makes_no_time_negative():
    seen = holding(found(age=-500), 999_000, None)

    assert seen is not None
    assert seen.held == 0
    assert "renewed  0 s ago" in "\n".join(holding_lines(seen))
    assert seen.free_because is None


def test_nobody_renews_it_between_two_stages():
    between = holding(found(replace(LEASE, holder=replace(HOLDER, process=None))), 1_000_090, None)

    assert between is not None
    assert "between two stages" in "\n".join(holding_lines(between))
    assert holding_data(between) == {
        "build": "https://ci/job/shop/7/",
        "user": "jenkins",
        "host": "agent1",
        "stage": "deploy-colour",
        "process": None,
        "since": 1_000_000,
        "held_seconds": 90,
        "renewed_seconds_ago": 3,
        "expires_in_seconds": 27,
        "free_because": None,
    }
