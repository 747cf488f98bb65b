"""cleanup: what is not live goes, after its connections ended."""

from __future__ import annotations

import ipaddress

import pytest
from examples import container, pipeline, release, servers, world

from jenkinsgen.deploy.observed import StoredImage
from jenkinsgen.deploy.plan.cleanup import bake_left, check_live, plan_cleanup
from jenkinsgen.deploy.state.journal import Entry, Journal
from jenkinsgen.deploy.steps import NGINX, Drain, RemoveContainer, RemoveImage
from jenkinsgen.errors import StateError
from jenkinsgen.spec.colour import Colour

GREEN, BLUE = Colour.GREEN, Colour.BLUE
REMOTES = ((ipaddress.ip_address("192.0.2.11"), 8080),)
IMAGES = tuple(StoredImage(f"sha256:{number}", f"0123456789ab-{number}") for number in (7, 6, 5, 4))


def test_the_old_colour_drains_stops_and_goes_with_its_images():
    found = servers(container(BLUE), container(GREEN, number=6), images=IMAGES)
    plan = plan_cleanup(pipeline(), BLUE, world(BLUE, found), warm=False)
    drain, remove = plan.phases
    assert drain.steps == {NGINX: (Drain(REMOTES, GREEN, 60.0),)}
    assert remove.steps["192.0.2.12"] == (
        RemoveContainer("id-green-6", "shop-green", GREEN, 30.0),
        RemoveImage("sha256:6", "0123456789ab-6"),
        RemoveImage("sha256:5", "0123456789ab-5"),
        RemoveImage("sha256:4", "0123456789ab-4"),
    )


def test_older_releases_are_kept_newest_first_and_the_one_that_serves_always():
    found = servers(container(BLUE, number=5), images=IMAGES)
    plan = plan_cleanup(pipeline("cleanup: {keep_releases: 2}"), BLUE, world(BLUE, found), warm=False)
    assert plan.phases[0].steps["192.0.2.11"] == (RemoveImage("sha256:4", "0123456789ab-4"),)


def test_with_nothing_to_remove_nobody_waits():
    plan = plan_cleanup(pipeline(), BLUE, world(BLUE, servers(container(BLUE))), warm=False)
    assert (plan.phases, plan.note) == ((), "green has nothing left to remove")


def test_before_the_switch_nothing_is_removed():
    with pytest.raises(StateError, match="it was not switched to, or somebody went back"):
        check_live(release(), world(GREEN, servers(container(BLUE), container(GREEN, number=6))))


def test_when_nothing_is_live_nothing_is_removed():
    with pytest.raises(StateError, match="nothing may be removed"):
        check_live(None, world(None, servers(container(BLUE))))


def test_while_it_is_kept_warm_the_old_colour_stays_with_its_image():
    found = servers(container(BLUE), container(GREEN, number=6), images=IMAGES)
    plan = plan_cleanup(pipeline(), BLUE, world(BLUE, found), warm=True)
    (remove,) = plan.phases
    assert [str(step) for step in remove.steps["192.0.2.11"]] == [
        "remove the image of 0123456789ab-5",
        "remove the image of 0123456789ab-4",
    ]


def test_the_bake_ends_so_long_after_the_switch_and_needs_a_colour_that_runs():
    spec = pipeline("bake: 10m")
    journal = Journal((Entry(release(), since=1000),), live=release().version)
    warm = world(BLUE, servers(container(BLUE), container(GREEN, number=6)), journal)
    assert bake_left(spec, warm, 1000) == 600
    assert bake_left(spec, warm, 1599) == 1
    assert bake_left(spec, warm, 1601) == 0
    assert bake_left(pipeline(), warm, 1000) == 0
    # The clock of the NGINX host was set back by a day.
    assert bake_left(spec, warm, 1000 - 86400) == 600
    stopped = servers(container(BLUE), container(GREEN, number=6, running=False))
    assert bake_left(spec, world(BLUE, stopped, journal), 1000) == 0
