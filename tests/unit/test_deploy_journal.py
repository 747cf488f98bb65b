"""What the journal makes of a rollback, and of what it finds."""

from __future__ import annotations

from dataclasses import replace

from examples import container, pipeline, release

from jenkinsgen.deploy.reconciliation import reconciled
from jenkinsgen.deploy.state.journal import Journal, became_live, was_left
from jenkinsgen.spec.colour import Colour

BLUE, GREEN = Colour.BLUE, Colour.GREEN
OLD, NEW = release(GREEN, number=6), release(BLUE, number=7)
DEPLOYED = became_live(became_live(Journal(), OLD, 1), NEW, 2)
BACK = became_live(was_left(DEPLOYED, NEW.version, OLD.version, "slow"), OLD, 3)


def test_what_was_taken_back_is_not_gone_back_to():
    assert BACK.before(OLD.version) is None
    assert [entry.taken_back for entry in BACK.entries] == ["slow", ""]


def test_the_way_forward_again_takes_nothing_back():
    again = became_live(was_left(BACK, OLD.version, NEW.version, "by mistake"), NEW, 4)

    before = again.before(NEW.version)
    assert before is not None
    assert before.release.version == OLD.version


def test_a_server_that_comes_back_with_what_it_ran_does_not_change_what_is_live():
    returned, live = container(GREEN, number=5), container(GREEN, number=6)

    assert reconciled(BACK, pipeline(), GREEN, [returned, live], 9) == BACK


def test_a_switch_that_nobody_wrote_down_is_made_up_for():
    killed = replace(DEPLOYED, live=OLD.version, entries=DEPLOYED.entries[1:])

    found = reconciled(killed, pipeline(), BLUE, [container(GREEN, number=6), container(BLUE, number=7)], 9)

    assert found.live == NEW.version
    before = found.before(found.live)
    assert before is not None
    assert before.release.version == OLD.version
