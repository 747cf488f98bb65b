"""roll-out: from whatever is there to one release on every server, with no server replaced while it has traffic."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

import pytest
from examples import container, nginx_state, pipeline, release, world
from hypothesis import given
from hypothesis import strategies as st

from jenkinsgen.deploy.observed import ServerState
from jenkinsgen.deploy.plan.deploy import runs_everywhere
from jenkinsgen.deploy.plan.foresee import foresee
from jenkinsgen.deploy.reconciliation import reconciled
from jenkinsgen.deploy.state.journal import Entry, Journal
from jenkinsgen.deploy.steps import NGINX, InstallSite, PutBack, RemoveOut, StartContainer, TakeOut
from jenkinsgen.deploy.strategies.registry import strategy_of
from jenkinsgen.deploy.strategies.rolling.plan import plan_roll
from jenkinsgen.deploy.strategies.rolling.strategy import half_way
from jenkinsgen.errors import StateError
from jenkinsgen.nginx.rolling import batch_that_is_out, gets_traffic, installed_batches, read_out
from jenkinsgen.nginx.site import endpoint
from jenkinsgen.spec.colour import Colour

if TYPE_CHECKING:
    from jenkinsgen.deploy.steps import Plan
    from jenkinsgen.deploy.world import World
    from jenkinsgen.spec.pipeline import Pipeline

GREEN, BLUE = Colour.GREEN, Colour.BLUE
SPEC = pipeline("strategy: rolling")
NAMES = ("192.0.2.11", "192.0.2.12")
ENDPOINTS: dict[Colour, tuple[()]] = {GREEN: (), BLUE: ()}
OLD, NEW = container(GREEN, number=6), container(GREEN, number=7)


def found(*of_servers: tuple[object, ...], out: int = 0, spec: Pipeline = SPEC) -> World:
    """Green is live; what runs is given server by server."""
    states = {name: ServerState(name, each) for name, each in zip(NAMES, of_servers, strict=True)}  # type: ignore[arg-type]
    journal = Journal((Entry(release(GREEN, number=6), 1000),), release(number=6).version)
    return replace(world(GREEN, states, journal, nginx=nginx_state(GREEN, spec)), out=out)


def told(plan: Plan) -> list[str]:
    return [
        f"{'' if host == NGINX else host + ': '}{step}"
        for phase in plan.phases
        for host, each in phase.steps.items()
        for step in each
    ]


def test_one_server_after_the_other_is_out_replaced_and_back():
    pull = f"pull {release(GREEN).reference}"
    assert told(plan_roll(SPEC, release(GREEN), found((OLD,), (OLD,)))) == [
        f"192.0.2.11: {pull}",
        f"192.0.2.12: {pull}",
        "take 192.0.2.11:8080 out",
        "192.0.2.11: remove shop-green",
        "192.0.2.11: prove that nobody answers as shop-green yet",
        "192.0.2.11: start shop-green on port 8080",
        "192.0.2.11: shop-green healthy 3 times in a row",
        "prove that the NGINX host reaches green",
        "traffic for all servers",
        "take 192.0.2.12:8080 out",
        "192.0.2.12: remove shop-green",
        "192.0.2.12: prove that nobody answers as shop-green yet",
        "192.0.2.12: start shop-green on port 8080",
        "192.0.2.12: shop-green healthy 3 times in a row",
        "prove that the NGINX host reaches green",
        "traffic for all servers",
        "prove that green answers through NGINX",
    ]


def test_what_runs_everywhere_already_is_left_alone():
    plan = plan_roll(SPEC, release(GREEN), found((NEW,), (NEW,)))
    assert (plan.phases, plan.note) == ((), "0123456789ab-7 runs on every server already, as green")


def test_the_server_that_a_killed_build_left_out_comes_first():
    """Were it put back as it is, requests would meet nothing there."""
    steps = told(plan_roll(SPEC, release(GREEN), found((OLD,), (), out=2)))
    assert steps.index("192.0.2.12: shop-green healthy 3 times in a row") < steps.index("traffic for all servers")
    assert steps.index("traffic for all servers") < steps.index("take 192.0.2.11:8080 out")


def test_a_server_that_is_new_runs_the_release_before_it_gets_traffic():
    one = pipeline("strategy: rolling\nservers: [deploy@192.0.2.11, deploy@192.0.2.13]")
    plan = plan_roll(SPEC, release(GREEN), found((OLD,), (), spec=one))
    order = [type(step) for phase in plan.phases for each in phase.steps.values() for step in each]
    assert order.index(StartContainer) < order.index(InstallSite) < order.index(TakeOut)


def test_the_step_from_blue_green_begins_with_the_batches_in_the_site_file():
    plan = plan_roll(SPEC, release(GREEN), found((OLD,), (OLD,), spec=pipeline()))
    assert [phase.title for phase in plan.phases][:3] == ["pull", "site file", "batch 1: out"]
    no_root = replace(found((OLD,), (OLD,)), nginx=nginx_state(GREEN, pipeline(), root="no"))
    with pytest.raises(StateError, match="has other servers or batches than the spec"):
        plan_roll(SPEC, release(GREEN), no_root)


def test_a_port_is_not_changed_in_place():
    with pytest.raises(StateError, match="green serves on port 8080, and the spec says 9090"):
        plan_roll(
            pipeline("strategy: rolling\nservice: {ports: {green: 9090, blue: 8081}}"),
            release(GREEN),
            found((OLD,), (OLD,)),
        )


OF_A_SERVER = st.sampled_from([(), (OLD,), (NEW,), (replace(OLD, running=False),), (replace(NEW, running=False),)])


@given(OF_A_SERVER, OF_A_SERVER, st.integers(0, 2), st.sampled_from([6, 7]))
def test_whatever_is_there_all_servers_run_it_in_the_end_and_none_loses_a_container_with_traffic(
    first: tuple[object, ...], second: tuple[object, ...], out: int, number: int
):
    world = found(first, second, out=out)
    target = release(GREEN, number=number)
    plan = plan_roll(SPEC, target, world)
    now = world
    for phase in plan.phases:
        for host, each in phase.steps.items():
            for step in each:
                if isinstance(step, RemoveOut):
                    assert not gets_traffic(now.nginx, now.out, step.upstream)
                    assert step.upstream == endpoint(host, 8080)
                if isinstance(step, PutBack):
                    away = batch_that_is_out(now.nginx, now.out)
                    back = [name for name in NAMES if endpoint(name, 8080) in away]
                    assert all(runs(now, name, target.version) for name in back)
        now = foresee(now, type(plan)((phase,)), target, ENDPOINTS, 0)
    assert now.out == 0
    assert runs_everywhere(now.servers, SPEC, target)
    assert plan_roll(SPEC, target, now).phases == ()


def runs(world: World, name: str, version: str) -> bool:
    return [each.version for each in world.servers[name].containers if each.running] == [version]


def test_the_live_colour_is_kept():
    assert strategy_of(SPEC).colour(BLUE, Journal()) is BLUE
    assert strategy_of(SPEC).colour(None, Journal()) is GREEN
    assert strategy_of(pipeline()).colour(BLUE, Journal()) is GREEN


def test_a_roll_out_that_is_half_way_makes_nothing_live_and_back_is_to_its_beginning():
    half = found((NEW,), (OLD,))
    only_new = found((NEW,), (), out=2)
    # Nobody has seen the last server healthy.
    last_started = found((NEW,), (NEW,), out=2)
    for left in (half, only_new, last_started):
        containers = [each for server in left.servers.values() for each in server.containers]
        assert reconciled(left.journal, SPEC, GREEN, containers, 2000, out=left.out) == left.journal
        back = half_way(left.journal, left, SPEC)
        assert back is not None
        assert back.version == release(number=6).version
    assert half_way(half.journal, found((OLD,), (OLD,)), SPEC) is None
    assert half_way(half.journal, found((OLD,), (OLD,), out=1), SPEC) is not None
    # What is live may be what crashes, and is to be left.
    assert half_way(half.journal, found((replace(OLD, running=False),), ()), SPEC) is None
    # A build that was killed after its last server, and before it could write that down.
    assert reconciled(half.journal, SPEC, GREEN, [NEW, NEW], 2000).live == release(number=7).version


def test_which_batch_is_out_is_what_nginx_says():
    assert [read_out(body) for body in ("out\n", "out_without_2\n", "shop green 0\n", "")] == [0, 2, None, None]
    assert installed_batches(nginx_state(GREEN, SPEC)) == (("192.0.2.11:8080",), ("192.0.2.12:8080",))
    assert installed_batches(nginx_state(GREEN, pipeline())) == ()
    assert installed_batches(nginx_state(None)) == ()
    assert batch_that_is_out(nginx_state(GREEN, SPEC), 3) == ()
    assert not gets_traffic(nginx_state(None), 0, "192.0.2.11:8080")
