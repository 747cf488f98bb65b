"""The scenarios in memory: users are served at every moment, and nothing but what was asked for is changed."""

from __future__ import annotations

import pytest
from in_memory.driver import DriverInMemory
from scenarios import SCENARIOS


@pytest.mark.parametrize("name", SCENARIOS)
def test_users_are_served_from_the_first_switch_on(name: str):
    driver = DriverInMemory(spec=SCENARIOS[name].spec)
    house = driver.house
    served: list[set[int]] = []
    house.behind = lambda _: served.append(house.served_by())

    SCENARIOS[name].play(driver)

    first = next(index for index, each in enumerate(served) if each)
    assert all(served[first:])


def test_a_refused_stage_leaves_everything_as_it_was():
    for name, scenario in SCENARIOS.items():
        driver = DriverInMemory(spec=scenario.spec)
        scenario.play(driver)
        for before, after in zip(driver.told, driver.told[1:], strict=False):
            stage, code, found = after
            if code != 0:
                same = {key: found[key] for key in ("live", "canary", "out", "servers", "journal", "taken back")}
                assert same.items() <= before[2].items(), f"{name}: {stage}"
