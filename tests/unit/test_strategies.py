"""One interface for all strategies: what each of them answers."""

from __future__ import annotations

from typing import get_args

import pytest
from examples import container, pipeline, release, world

from jenkinsgen.deploy.observed import ServerState
from jenkinsgen.deploy.state.journal import Entry, Journal
from jenkinsgen.deploy.strategies.registry import STRATEGIES, strategy_of
from jenkinsgen.spec.colour import Colour
from jenkinsgen.spec.pipeline import Pipeline

GREEN, BLUE = Colour.GREEN, Colour.BLUE
CANARY = "strategy: canary\ncanary: {steps: [{percent: 5, hold: 10m}]}\nguard: {}\nbake: 30m\ntimeouts: {cleanup: 1h}"
SPECS = {"blue-green": "strategy: blue-green", "canary": CANARY, "rolling": "strategy: rolling"}
ENTRIES = (Entry(release(GREEN, number=7), 2), Entry(release(GREEN, number=6), 1))
JOURNAL = Journal(ENTRIES, release(number=7).version)


def test_every_value_of_the_key_has_its_strategy():
    assert set(STRATEGIES) == set(SPECS) == set(get_args(Pipeline.model_fields["strategy"].annotation))


@pytest.mark.parametrize(
    ("strategy", "stages", "abort"),
    [
        ("blue-green", ["deploy-colour", "switch-nginx"], None),
        ("canary", ["deploy-colour", "canary step 5", "switch-nginx"], "canary abort"),
        ("rolling", ["roll-out"], None),
    ],
)
def test_what_jenkins_calls(strategy: str, stages: list[str], abort: str | None):
    found = strategy_of(pipeline(SPECS[strategy]))
    assert [each.call.command for each in found.stages()] == stages
    ending = found.abort()
    assert (ending.command if ending else None) == abort


@pytest.mark.parametrize(("strategy", "colour"), [("blue-green", BLUE), ("canary", BLUE), ("rolling", GREEN)])
def test_the_colour_of_the_next_release_and_of_the_one_that_a_rollback_goes_back_to(strategy: str, colour: Colour):
    found = strategy_of(pipeline(SPECS[strategy]))
    assert found.in_place is (colour is GREEN)
    assert found.colour(GREEN, JOURNAL) is colour
    back = found.target(world(GREEN, {}, JOURNAL), "")
    assert (back.version, back.colour) == (release(number=6).version, colour)


def test_a_roll_out_that_is_half_way_goes_back_to_its_beginning():
    spec = pipeline(SPECS["rolling"])
    there = {"192.0.2.11": ServerState("192.0.2.11", (container(GREEN, number=8),))}
    half = world(GREEN, there, JOURNAL)
    assert strategy_of(spec).target(half, "").version == release(number=7).version
    assert strategy_of(spec).target(half, release(number=6).version).version == release(number=6).version
