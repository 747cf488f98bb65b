"""cleanup with a guard: what it does when it has refused a release, or when the next build has begun meanwhile."""

from __future__ import annotations

import pytest
from examples import pipeline
from in_memory.house import House

from jenkinsgen.errors import HostError, ReleaseRefused
from jenkinsgen.stages.cleanup import cleanup

SPEC = pipeline("{bake: 1m, guard: {}, timeouts: {cleanup: 15m}}")


def two_releases() -> House:
    """The first is warm, the second has the traffic, and its bake has just begun."""
    house = House(SPEC)
    house.deploy()
    house.build()
    house.run("build-image", "deploy-colour", "switch-nginx")
    return house


def test_a_rollback_waits_for_a_build_that_has_begun_and_is_from_the_judged_release():
    house = two_releases()
    house.failing.add(2)
    house.holds_the_lease(build=3, seconds=120)

    with pytest.raises(ReleaseRefused, match=r"(?s)blue does badly.*0123456789ab-1 is live again"):
        cleanup(SPEC, house.report, house, wait=True)

    # The other build went on in peace for its two minutes.
    assert house.clock.now() >= 120
    assert house.observed()["taken back"] == [2]
    assert house.served_by() == {1}


def test_a_release_that_baked_well_is_no_failure_because_the_next_build_has_begun():
    house = two_releases()
    house.holds_the_lease(build=3, seconds=1000)

    cleanup(SPEC, house.report, house, wait=True)

    assert "the old colour is left to it" in house.text
    assert house.served_by() == {2}


def test_what_cannot_be_looked_at_is_no_verdict_on_the_release():
    house = two_releases()
    house.before = raising(HostError("gone"), "ask NGINX what is live")

    with pytest.raises(HostError, match="gone"):
        cleanup(SPEC, house.report, house, wait=True)

    house.before = lambda _: None
    assert house.served_by() == {2}
    assert house.observed()["taken back"] == []


def raising(error: Exception, *calls: str):
    def before(call: str) -> None:
        if call in calls:
            raise error

    return before
