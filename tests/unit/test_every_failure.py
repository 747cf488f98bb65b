"""Whatever fails, at whatever moment: users are served all the time, and the next build puts everything right.

Each call that a build makes to what is outside of it fails once, before it had its effect and behind it, alone or with
all that come after it. The house is in memory; make faults does the same on real servers, at fewer moments.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from examples import pipeline
from in_memory.house import House, counted

from jenkinsgen.errors import HostError, JenkinsgenError

if TYPE_CHECKING:
    from collections.abc import Callable

    from jenkinsgen.spec.pipeline import Pipeline

CANARY = """
strategy: canary
canary: {steps: [{percent: 5, hold: 10s}, {percent: 25, hold: 10s}]}
bake: 10s
guard: {requests: 1}
"""
SPECS = {
    "blue-green": pipeline("{}"),
    "bake": pipeline("bake: 10s\nguard: {requests: 1}"),
    "canary": pipeline(CANARY),
    "rolling": pipeline("strategy: rolling"),
}


class Trouble(HostError):
    """What a test lets happen."""


def release(house: House) -> None:
    """A whole build, as its Jenkinsfile runs it: also what that does in the end, when a stage has failed."""
    house.build()
    spec = house.pipeline
    try:
        house.run("build-image")
        if spec.strategy == "rolling":
            house.run("roll-out")
        else:
            house.run("deploy-colour")
            for step in spec.canary.steps if spec.canary and house.world.live else ():
                house.run("canary step", percent=step.percent)
            house.run("switch-nginx")
        house.run("cleanup", wait=spec.guard is not None)
    except JenkinsgenError:
        if spec.strategy == "canary":
            house.run("canary abort")
        raise


def calls_of(spec: Pipeline) -> list[tuple[str, int]]:
    """Those of the second build, which finds a live release; of many that are alike the first two and the last."""
    house = House(spec)
    release(house)
    house.calls.clear()
    release(house)
    found = counted(house.calls)
    last = dict(found)
    return [(call, which) for call, which in found if which in (0, 1, last[call])]


def failing_at(spec: Pipeline, call: str, which: int, *, behind: bool, lasting: bool) -> House:
    """A second build to which this happens. Returns the house after it, when the trouble is over."""
    house = House(spec)
    release(house)
    seen = 0
    where = call.partition(":")[0] if ":" in call else ""

    def trouble(happening: str) -> None:
        nonlocal seen
        fails = seen > which and lasting and happening.startswith(where)
        if happening == call:
            seen += 1
            fails = fails or seen == which + 1
        if fails:
            raise Trouble(f"{happening}: gone")

    served: Callable[[str], None] = lambda happening: _assert_served(house, happening)  # noqa: E731
    house.before = served if behind else trouble
    house.behind = trouble if behind else served
    try:
        release(house)
    except JenkinsgenError:
        _assert_served(house, call)
    house.before = house.behind = lambda _: None
    return house


def _assert_served(house: House, call: str) -> None:
    served = house.served_by()
    assert served, f"nobody serves users after {call!r}"
    if house.pipeline.strategy != "rolling":
        assert len(served) == 1, f"{served} serve users after {call!r}"


@pytest.mark.slow
@pytest.mark.parametrize("strategy", SPECS)
@pytest.mark.parametrize("lasting", [False, True])
@pytest.mark.parametrize("behind", [False, True])
def test_whatever_fails_users_are_served_and_the_next_build_puts_it_right(strategy: str, lasting: bool, behind: bool):
    spec = SPECS[strategy]
    for call, which in calls_of(spec):
        house = failing_at(spec, call, which, behind=behind, lasting=lasting)
        try:
            release(house)
        except JenkinsgenError as error:
            pytest.fail(f"after {call!r} ({which}) the next build fails: {error}\n{house.text[-3000:]}")
        assert house.served_by() == {3}, (call, which)
        found = house.observed()
        assert found["servers"] == [[[f"shop-{found['live']}", 3, True]]] * 2, (call, which)
        assert (found["journal"][0], found["canary"], found["out"], found["lease"]) == (3, 0, 0, False), (call, which)
