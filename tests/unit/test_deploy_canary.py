"""Canaries: whose they are, what a step and an end do, and what is taken for usual."""

from __future__ import annotations

import io
from dataclasses import replace
from types import SimpleNamespace
from typing import TYPE_CHECKING, Any, cast

import pytest
from examples import container, nginx_state, pipeline, release, servers, world

from jenkinsgen.deploy.guard.judgement import UNKNOWN, Baseline, worse_of
from jenkinsgen.deploy.observed import BUILD_URL, Container
from jenkinsgen.deploy.plan.cleanup import check_live
from jenkinsgen.deploy.plan.deploy import plan_deploy
from jenkinsgen.deploy.state.journal import Canary, Journal, became_live, dump_journal, parse_journal
from jenkinsgen.deploy.steps import EndCanary, InstallSite, ProveCanary, RemoveContainer, SetCanary
from jenkinsgen.deploy.strategies.canary.owner import SeenCanary, canary_data, canary_lines, refuse_canary
from jenkinsgen.deploy.strategies.canary.plan import canary_release, plan_canary, plan_removal
from jenkinsgen.errors import LeaseHeld, StateError
from jenkinsgen.nginx.canary import Gate, read_gate
from jenkinsgen.report import Report
from jenkinsgen.spec.colour import Colour
from jenkinsgen.spec.guard import Guard
from jenkinsgen.stages.canary import give as canary_give

if TYPE_CHECKING:
    from jenkinsgen.deploy.steps import Plan
    from jenkinsgen.deploy.world import World

GREEN, BLUE = Colour.GREEN, Colour.BLUE
SPEC = pipeline("strategy: canary\nguard: {}\ncanary: {steps: [{percent: 5, hold: 1m}, {percent: 25, hold: 1m}]}")
BUILD = release().build_url
USUAL = {"requests": 100.0, "error_percent": 0.0, "p95_seconds": 0.1}
CANARY = Canary(release(), 25, BUILD, 1000, USUAL)
GATE = Gate(GREEN, 25)


def both(**changes: object) -> World:
    """Green is live, blue is deployed; the site file is that of the spec."""
    found = world(GREEN, servers(container(GREEN, number=6), container(BLUE)), nginx=nginx_state(GREEN, SPEC))
    return replace(found, **changes)


def kinds(plan: Plan) -> list[type]:
    return [type(step) for phase in plan.phases for steps in phase.steps.values() for step in steps]


def test_a_step_proves_that_nginx_reaches_the_colour_before_anybody_gets_it():
    plan = plan_canary(SPEC, release(), both(), 25)
    assert kinds(plan) == [ProveCanary, SetCanary]
    assert [str(step) for phase in plan.phases for steps in phase.steps.values() for step in steps] == [
        "prove that NGINX reaches blue",
        "give 25 % to blue",
    ]
    assert [kind for phase in plan.undo for steps in phase.steps.values() for kind in map(type, steps)] == [EndCanary]


def test_the_first_step_installs_the_site_file_that_knows_a_canary():
    plan = plan_canary(SPEC, release(), both(nginx=nginx_state(GREEN)), 5)
    assert kinds(plan) == [InstallSite, ProveCanary, SetCanary]
    without_sudo = nginx_state(GREEN, root="no")
    with pytest.raises(StateError, match="knows nothing of a canary") as caught:
        plan_canary(SPEC, release(), both(nginx=without_sudo), 5)
    assert "jenkinsgen nginx setup" in str(caught.value.hint)


def test_with_nothing_live_or_all_of_it_there_is_nothing_to_share():
    for live, words in ((None, "nothing is live yet"), (BLUE, "has all the traffic already")):
        plan = plan_canary(SPEC, release(), world(live, servers(container(BLUE))), 5)
        assert (plan.phases, words in plan.note) == ((), True)


def test_a_release_that_does_not_run_everywhere_gets_nobody():
    # Nor is it taken for live because another build switched to its colour.
    for found in (both(), world(BLUE, servers(container(BLUE))), world(None, servers(container(BLUE)))):
        with pytest.raises(StateError, match="does not run as blue"):
            plan_canary(SPEC, release(number=8), found, 5)


def removed(plan: Plan) -> set[str]:
    steps = [step for phase in plan.phases for steps in phase.steps.values() for step in steps]
    return {step.name for step in steps if isinstance(step, RemoveContainer)}


def test_what_goes_is_the_canary_and_never_what_was_live_once():
    canary = both(journal=Journal(canary=CANARY))
    for who in (None, BUILD):
        plan = plan_removal(SPEC, canary, who)
        assert [phase.title for phase in plan.phases] == ["drain", "remove"]
        assert removed(plan) == {"shop-blue"}
    assert removed(plan_removal(SPEC, canary, "another build")) == set()
    once = replace(became_live(Journal(), release(), 1), canary=CANARY)
    assert removed(plan_removal(SPEC, both(journal=once), None)) == set()


def test_without_a_canary_what_goes_is_what_the_same_build_started():
    mine = container(BLUE)
    mine = Container(mine.id, mine.name, {**mine.labels, BUILD_URL: BUILD}, True, mine.host_ports)
    found = both(servers=servers(container(GREEN, number=6), mine))
    assert removed(plan_removal(SPEC, found, BUILD)) == {"shop-blue"}
    for who in ("another build", None):
        plan = plan_removal(SPEC, found, who)
        assert (plan.phases, plan.note) == ((), "there is no canary to remove; green has all the traffic")


def test_cleanup_leaves_a_colour_that_has_clients_alone():
    with pytest.raises(StateError, match="blue is a canary with 25 % of the clients"):
        check_live(None, both(gate=GATE))
    # What is left of one that became live has none.
    assert check_live(None, both(gate=Gate(BLUE, 25))) is GREEN


def test_a_canary_that_had_clients_may_finish_what_it_began():
    plan = plan_deploy(SPEC, release(number=8), both(journal=Journal(canary=replace(CANARY, percent=0))))
    (step,) = {s for p in plan.phases for each in p.steps.values() for s in each if isinstance(s, RemoveContainer)}
    assert step.grace == SPEC.cleanup.grace


def test_what_a_canary_is_made_of_is_read_from_what_runs():
    assert canary_release(SPEC, both()).version == release().version
    with pytest.raises(StateError, match="nothing runs as blue"):
        canary_release(SPEC, both(servers=servers(container(GREEN))))


def test_whose_a_canary_is_is_written_down_before_anybody_gets_it(monkeypatch: pytest.MonkeyPatch):
    order: list[object] = []
    work = SimpleNamespace(observe=both, journal=Journal(), build=BUILD, now=1000, tell=lambda *_: None)
    work.session, work.pipeline, work.report = None, SPEC, Report(io.StringIO())
    work.begin = lambda *_: order.append(work.journal.canary)
    monkeypatch.setattr(canary_give, "usual", lambda *_: Baseline.from_dict(USUAL))
    done = SimpleNamespace(switch_ms=None)
    monkeypatch.setattr(canary_give, "perform", lambda *_: order.append("given") or done)
    given = canary_give.give(cast("Any", work), release(), 25)
    assert order == [CANARY, "given"]
    assert given == canary_give.Given(GATE, Baseline.from_dict(USUAL))


def ended(_: str) -> None:
    return None


def test_a_canary_is_its_builds_alone_until_that_build_is_over():
    journal = Journal(canary=CANARY)
    for me in (BUILD, BUILD.replace("/7/", "/8/"), BUILD.replace("/7/", "/70")):
        refuse_canary(journal, GATE, me, ended)
    for me in (BUILD.replace("/7/", "/6/"), BUILD.replace("/shop/7", "/other/8"), "jane@host:/home/jane", ""):
        with pytest.raises(LeaseHeld, match="is a canary with 25 % of the clients"):
            refuse_canary(journal, GATE, me, ended)
        refuse_canary(journal, GATE, me, lambda _: "Jenkins says that it has ended")
        refuse_canary(journal, None, me, ended)
        # Nobody knows whose it is: whoever comes ends it.
        refuse_canary(Journal(), GATE, me, ended)


def test_the_journal_keeps_it_until_something_is_live():
    journal = Journal(canary=CANARY)
    assert parse_journal(dump_journal(journal)) == journal
    assert became_live(journal, release(), 5).canary is None
    before = '{"entries": [], "live": "", "under_way": null}'
    assert parse_journal(before) == Journal()


def test_a_canary_of_the_colour_that_is_not_live_has_nobody():
    assert both(gate=GATE).canary == GATE
    assert both(gate=Gate(BLUE, 25)).canary is None


def test_what_is_shown():
    seen = SeenCanary(GATE, CANARY, 1060)
    assert canary_lines(seen) == [
        f"0123456789ab-7: blue has 25 % of the clients since 1970-01-01 00:16:40 (1 min), {BUILD}"
    ]
    assert canary_data(seen) == {
        "colour": "blue",
        "percent": 25,
        "version": "0123456789ab-7",
        "build": BUILD,
        "since": 1000,
    }
    assert canary_lines(None) == ["there is no canary"]
    assert "nobody knows whose" in canary_lines(SeenCanary(GATE, None, 5))[0]


@pytest.mark.parametrize("target", ["", "blue", "canaries/red-5", "canaries/green-100", "../canaries/green-5", "/etc"])
def test_a_link_of_somebody_else_is_no_canary(target: str):
    assert read_gate(target) is None


def test_usual_is_the_worse_of_before_and_meanwhile():
    good, bad, few = Baseline(100, 0.0, 0.1), Baseline(50, 10.0, 0.05), Baseline(5, 90.0, 9.0)
    assert worse_of(good, bad, Guard()) == Baseline(150, 10.0, 0.1)
    assert worse_of(good, few, Guard()) == good
    assert worse_of(few, few, Guard()) == UNKNOWN
