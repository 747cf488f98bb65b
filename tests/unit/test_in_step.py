"""NGINX hosts that serve two colours, or take different servers out: who follows whom."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from types import SimpleNamespace
from typing import Any

import pytest
from examples import container, nginx_state, pipeline, release, servers, world

from jenkinsgen.deploy.nginx_hosts import refuse_apart
from jenkinsgen.deploy.observed import ServerState
from jenkinsgen.deploy.plan.switch import plan_switch
from jenkinsgen.deploy.steps import NGINX, InstallSite, RemoveOut, SetFlag
from jenkinsgen.deploy.strategies.rolling.plan import plan_roll
from jenkinsgen.errors import StateError
from jenkinsgen.nginx.site import render_site, upstreams_of
from jenkinsgen.report import Report
from jenkinsgen.spec.colour import Colour
from jenkinsgen.stages.context.in_step import put_in_step
from jenkinsgen.stages.perform.actions import Actions

GREEN, BLUE = Colour.GREEN, Colour.BLUE
OTHER = f"{NGINX} 192.0.2.9"
HOSTS = "nginx: {host: deploy@192.0.2.10, server_name: shop.example.com, others: [deploy@192.0.2.9]}"
TWO = pipeline(HOSTS)
SMALL = pipeline("nginx: {proxy: {body_size: 5m}}")
OLD = render_site(SMALL, upstreams_of(SMALL)).text


@dataclass
class Work:
    """What was done."""

    batch_out: int = 0
    done: list[object] = field(default_factory=list)
    session: Any = None
    pipeline: Any = TWO
    report: Report = field(default_factory=Report)

    def set_flag(self, colour: Colour) -> None:
        self.done.append(colour)

    def set_out(self, batch: int) -> None:
        self.done.append(batch)

    def tell(self, *_: str) -> None:
        """Nothing that these tests look at."""


def step(
    work: Work, lives: tuple[Colour | None, ...], *, answers: bool, urgent: bool = False, outs: tuple[Any, ...] = ()
) -> None:
    nginx = SimpleNamespace(
        lives=lambda: dict(zip((NGINX, OTHER), lives, strict=True)),
        outs=lambda: dict(zip((NGINX, OTHER), outs, strict=True)),
        leader_answers=lambda: answers,
        count=2,
        address="192.0.2.10",
    )
    work.session = SimpleNamespace(nginx=nginx)
    put_in_step(work, urgent=urgent)  # type: ignore[arg-type]


def test_the_others_follow_a_first_host_whose_colour_answers():
    work = Work()
    step(work, (BLUE, GREEN), answers=True)
    assert work.done == [BLUE]


def test_nobody_follows_a_first_host_whose_flag_is_lost():
    """Its colour was removed long ago: what the others serve is all that still runs."""
    work = Work()
    with pytest.raises(StateError, match="green, which does not answer there; blue is on the NGINX") as caught:
        step(work, (GREEN, BLUE), answers=False)
    assert "on 192.0.2.10: touch /var/lib/jenkinsgen/shop/blue" in str(caught.value.hint)
    step(work, (GREEN, BLUE), answers=False, urgent=True)
    assert work.done == []


def test_a_batch_that_is_out_on_one_host_comes_back_on_all():
    work = Work(batch_out=1)
    step(work, (GREEN, GREEN), answers=True, outs=(0, 1))
    assert work.done == [0]


@pytest.mark.parametrize("outs", [(1, 1), (1, None)])
def test_a_batch_that_is_out_everywhere_stays_out(outs: tuple[Any, ...]):
    # A host that is new knows of no batches, and sends nothing anywhere.
    work = Work(batch_out=1)
    step(work, (GREEN, GREEN), answers=True, outs=outs)
    assert work.done == []


def test_a_switch_of_hosts_that_are_apart_moves_all_of_them_and_never_back_to_the_first_ones_colour():
    found = replace(nginx_state(GREEN), others={OTHER: nginx_state(BLUE)})
    ready = servers(container(GREEN, number=6), container(BLUE))
    there = plan_switch(TWO, release(BLUE), world(GREEN, ready, nginx=found))
    assert there.phases[-1].steps[NGINX][0] == SetFlag(BLUE)
    assert there.undo == ()
    # Also when the first one serves it already.
    found = replace(nginx_state(BLUE), others={OTHER: nginx_state(GREEN, site_text=OLD)})
    plan = plan_switch(TWO, release(BLUE), world(BLUE, ready, nginx=found))
    installs = [each for phase in plan.phases for each in phase.steps.get(OTHER, ())]
    assert [each.colour for each in installs if isinstance(each, InstallSite)] == [BLUE]
    assert plan.phases[-1].steps[NGINX][0] == SetFlag(BLUE)


def test_what_goes_on_from_the_live_colour_is_refused_while_there_are_two():
    refuse_apart(replace(nginx_state(GREEN), others={OTHER: nginx_state(None)}))
    with pytest.raises(StateError, match="green is live on the NGINX, but blue on the NGINX"):
        refuse_apart(replace(nginx_state(GREEN), others={OTHER: nginx_state(BLUE)}))


def test_a_server_that_only_another_host_sends_to_is_taken_out_before_it_is_replaced():
    """A build was killed when one host had the site file with a new server, and the first one had not."""
    names = ("192.0.2.11", "192.0.2.12", "192.0.2.13")
    spec = pipeline(f"strategy: rolling\nservers: [{', '.join(names)}]\n{HOSTS}")
    before = pipeline(f"strategy: rolling\n{HOSTS}")
    nginx = replace(nginx_state(GREEN, before), others={OTHER: nginx_state(GREEN, spec)})
    old = {name: ServerState(name, (container(GREEN, number=6),)) for name in names}
    plan = plan_roll(spec, release(GREEN), world(GREEN, old, nginx=nginx))
    titles = [phase.title for phase in plan.phases]
    assert "start" not in titles
    assert titles.index("site file") < titles.index("batch 3: out") < titles.index("batch 3: replace")


@pytest.mark.parametrize(("outs", "stays"), [((1, 1), False), ((1, 0), True), ((0, 1), True), ((1, None), True)])
def test_a_container_stays_while_any_host_sends_requests_to_it(outs: tuple[Any, ...], stays: bool):
    spec = pipeline(f"strategy: rolling\n{HOSTS}")
    states = replace(nginx_state(GREEN, spec), others={OTHER: nginx_state(GREEN, spec)})
    nginx = SimpleNamespace(outs=lambda: dict(zip((NGINX, OTHER), outs, strict=True)), observe=lambda: states)
    removed: list[str] = []
    engine = SimpleNamespace(remove_container=lambda id_, _: removed.append(id_))
    work: Any = SimpleNamespace(check=lambda: None, session=SimpleNamespace(nginx=nginx, engines={"a": engine}))
    remove = RemoveOut("id", "shop-green", "192.0.2.11:8080", 10)
    if stays:
        with pytest.raises(StateError, match=r"NGINX sends requests to 192\.0\.2\.11:8080"):
            Actions(work)("a", remove, None)  # type: ignore[arg-type]
    else:
        Actions(work)("a", remove, None)  # type: ignore[arg-type]
    assert removed == ([] if stays else ["id"])
