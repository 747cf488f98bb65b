"""cleanup: what is not live goes, after its connections ended."""

from __future__ import annotations

import ipaddress

import pytest
from examples import container, pipeline, release, servers, world

from jenkinsgen.deploy.observed import StoredImage
from jenkinsgen.deploy.plan_cleanup import plan_cleanup
from jenkinsgen.deploy.steps import NGINX, Drain, RemoveContainer, RemoveImage
from jenkinsgen.errors import StateError
from jenkinsgen.spec.colour import Colour

GREEN, BLUE = Colour.GREEN, Colour.BLUE
REMOTES = ((ipaddress.ip_address("10.0.0.11"), 8080),)
IMAGES = tuple(StoredImage(f"sha256:{number}", f"0123456789ab-{number}") for number in (7, 6, 5, 4))


def test_the_old_colour_drains_stops_and_goes_with_its_images():
    found = servers(container(BLUE), container(GREEN, number=6), images=IMAGES)
    plan = plan_cleanup(pipeline(), release(), world(BLUE, found))
    drain, remove = plan.phases
    assert drain.steps == {NGINX: (Drain(REMOTES, GREEN, 60.0),)}
    assert remove.steps["10.0.0.12"] == (
        RemoveContainer("id-green-6", "shop-green", 30.0),
        RemoveImage("sha256:6", "0123456789ab-6"),
        RemoveImage("sha256:5", "0123456789ab-5"),
        RemoveImage("sha256:4", "0123456789ab-4"),
    )


def test_older_releases_are_kept_newest_first_and_the_one_that_serves_always():
    found = servers(container(BLUE, number=5), images=IMAGES)
    plan = plan_cleanup(pipeline("cleanup: {keep_releases: 2}"), None, world(BLUE, found))
    assert plan.phases[1].steps["10.0.0.11"] == (RemoveImage("sha256:4", "0123456789ab-4"),)


def test_with_nothing_to_remove_nobody_waits():
    plan = plan_cleanup(pipeline(), release(), world(BLUE, servers(container(BLUE))))
    assert (plan.phases, plan.note) == ((), "green has nothing left to remove")


def test_before_the_switch_nothing_is_removed():
    with pytest.raises(StateError, match="the switch has not happened"):
        plan_cleanup(pipeline(), release(), world(GREEN, servers(container(BLUE), container(GREEN, number=6))))


def test_when_nothing_is_live_nothing_is_removed():
    with pytest.raises(StateError, match="nothing may be removed"):
        plan_cleanup(pipeline(), None, world(None, servers(container(BLUE))))
