"""rollback: what it goes back to, and what it may start again."""

from __future__ import annotations

from dataclasses import replace

import pytest
from examples import container, pipeline, release, servers, world

from jenkinsgen.deploy.plan.rollback import choose_target, is_warm
from jenkinsgen.deploy.state.journal import Canary, Entry, Journal
from jenkinsgen.errors import StateError
from jenkinsgen.spec.colour import Colour

GREEN, BLUE = Colour.GREEN, Colour.BLUE
JOURNAL = Journal((Entry(release(BLUE, number=7), 2), Entry(release(GREEN, number=6), 1)), release(number=7).version)


@pytest.mark.parametrize("version", ["$(reboot)", "../6", "0123456789ab-6\n", "0123456789AB-6", " ", "--help", "\0"])
def test_a_version_that_was_never_live_is_refused_whatever_it_looks_like(version: str):
    with pytest.raises(StateError, match="has never been live here") as refused:
        choose_target(JOURNAL, BLUE, version)
    assert "--to takes one of 0123456789ab-6" in (refused.value.hint or "")


def test_a_warm_release_is_the_very_image_and_not_another_one_of_the_same_version():
    """A job that was made anew begins to count at 1 again."""
    back = choose_target(JOURNAL, BLUE, "")
    warm = servers(container(BLUE, number=7), container(GREEN, number=6))
    assert is_warm(world(BLUE, warm), pipeline(), back)
    assert not is_warm(world(BLUE, warm), pipeline(), replace(back, digest="sha256:" + "e" * 64))


def test_a_second_press_of_the_button_does_not_go_back_twice():
    three = Journal((Entry(release(GREEN, number=8), 3, taken_back="by me"), *JOURNAL.entries), JOURNAL.live)
    with pytest.raises(
        StateError, match=r"-7 is live because 0123456789ab-8 was taken back already \(by me\)"
    ) as refused:
        choose_target(three, BLUE, "")
    assert "--to 0123456789ab-6" in (refused.value.hint or "")
    assert choose_target(three, BLUE, release(number=6).version).version == release(number=6).version


@pytest.mark.parametrize("percent", [0, 25])
def test_a_canary_that_lost_its_clients_already_is_not_gone_back_from_once_more(percent: int):
    """Also where nobody wrote that down: its promotion failed and was taken back."""
    ended = Canary(release(GREEN, number=8), percent, "somebody", 5, {})
    after = replace(JOURNAL, canary=ended)
    with pytest.raises(StateError, match="-7 has all the traffic: the canary 0123456789ab-8 was taken back") as refused:
        choose_target(after, BLUE, "")
    assert "--to 0123456789ab-6" in (refused.value.hint or "")
    assert choose_target(after, BLUE, release(number=6).version).version == release(number=6).version
    # The guard of a bake means the live one.
    assert choose_target(after, BLUE, "", bad=JOURNAL.live).version == release(number=6).version


def test_what_was_left_for_a_newer_release_is_no_way_back_taken():
    after_all = Journal((Entry(release(GREEN, number=8), 3), *JOURNAL.entries), release(number=8).version)
    assert choose_target(after_all, GREEN, "").version == release(number=7).version


def test_the_guard_goes_back_from_what_it_judged_alone():
    """Otherwise, where a person was faster, it would go back once more."""
    assert choose_target(JOURNAL, BLUE, "", bad=release(number=7).version).version == release(number=6).version
    with pytest.raises(StateError, match="0123456789ab-7 is live by now, so nothing was taken back"):
        choose_target(JOURNAL, BLUE, "", bad=release(number=8).version)
