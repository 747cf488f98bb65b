"""deploy-colour: the idle colour on every server, or nowhere."""

from __future__ import annotations

from dataclasses import replace

import pytest
from examples import IDLE, container, pipeline, release, servers, world

from jenkinsgen.container.settings import ContainerSettings
from jenkinsgen.deploy.observed import Container
from jenkinsgen.deploy.plan.deploy import await_healthy, plan_deploy
from jenkinsgen.deploy.state.journal import Entry, Journal
from jenkinsgen.deploy.steps import (
    NGINX,
    Drain,
    ProveVacant,
    PullImage,
    RemoveContainer,
    RemoveStarted,
    StartContainer,
)
from jenkinsgen.errors import StateError
from jenkinsgen.spec.colour import Colour

GREEN, BLUE = Colour.GREEN, Colour.BLUE
BOTH = ["192.0.2.11", "192.0.2.12"]


def test_all_servers_pull_then_all_start_then_all_become_healthy():
    spec = pipeline("service: {memory: 700m, environment: {A: b}, secrets: {Z: z-id, DB: db-id}, volumes: ['/a:/b']}")
    plan = plan_deploy(spec, release(), world(GREEN, servers(container(GREEN))))
    assert [phase.title for phase in plan.phases] == ["pull", "vacant", "start", "health"]
    assert all(list(phase.steps) == BOTH for phase in (*plan.phases, *plan.undo))
    pull, vacant, start, health = (phase.steps["192.0.2.12"] for phase in plan.phases)
    assert pull == (PullImage(release().reference),)
    (started,) = start
    assert isinstance(started, StartContainer)
    assert (started.name, started.host_port, started.container_port) == ("shop-blue", 8081, 80)
    assert started.image == f"registry.example.com/shop-blue@{release().digest}"
    assert started.secrets == ("DB", "Z")
    assert (started.settings, started.environment) == (
        ContainerSettings(memory=700 * 1024**2, volumes=("/a:/b",)),
        {"A": "b"},
    )
    assert health == (await_healthy(spec.servers[1], spec, Colour.BLUE),)
    assert vacant == (ProveVacant(*health),)
    assert plan.undo[0].steps["192.0.2.11"] == (RemoveStarted("shop-blue", BLUE),)


def test_what_an_earlier_attempt_left_goes_first_and_the_live_colour_is_not_touched():
    plan = plan_deploy(
        pipeline(), release(), world(GREEN, servers(container(GREEN, number=6), container(BLUE, number=5)))
    )
    assert [phase.title for phase in plan.phases] == ["pull", "drain", "make room", "vacant", "start", "health"]
    assert plan.phases[2].steps["192.0.2.11"] == (RemoveContainer("id-blue-5", "shop-blue", BLUE, 0.0),)
    assert [phase.title for phase in plan.phases if not phase.changes] == ["pull", "drain"]
    assert "green" not in repr(plan)


def test_the_release_before_is_kept_warm_until_then_and_may_finish_what_it_has():
    journal = Journal((Entry(release(GREEN, number=6), 2), Entry(release(number=5), 1)), live=release(GREEN).version)
    found = servers(container(GREEN, number=6), container(BLUE, number=5))
    plan = plan_deploy(pipeline(), release(), world(GREEN, found, journal))
    assert plan.phases[1].steps[NGINX] == (Drain(IDLE, BLUE, 60.0),)
    assert plan.phases[2].steps["192.0.2.11"] == (RemoveContainer("id-blue-5", "shop-blue", BLUE, 30.0),)


def test_a_release_that_serves_already_is_left_alone():
    plan = plan_deploy(pipeline(), release(), world(BLUE, servers(container(BLUE))))
    assert (plan.phases, plan.undo) == ((), ())
    assert "serves already" in plan.note


@pytest.mark.parametrize("found", [container(BLUE, number=6), container(BLUE, running=False)])
def test_a_colour_that_got_live_in_between_is_refused(found: Container):
    with pytest.raises(StateError, match="somebody switched in between"):
        plan_deploy(pipeline(), release(), world(BLUE, servers(found)))


def test_a_container_of_somebody_else_with_our_name_is_refused():
    stranger = replace(container(BLUE), labels={}, running=False)
    with pytest.raises(StateError, match=r"192\.0\.2\.11: there is a container shop-blue that jenkinsgen did not make"):
        plan_deploy(pipeline(), release(), world(GREEN, servers(stranger)))


def test_a_port_that_somebody_else_has_is_refused_while_he_runs():
    stranger = Container("x", "grafana", {}, running=True, host_ports=(3000, 8081))
    with pytest.raises(StateError, match="port 8081 is taken by the container grafana"):
        plan_deploy(pipeline(), release(), world(GREEN, servers(stranger)))
    assert plan_deploy(pipeline(), release(), world(GREEN, servers(replace(stranger, running=False)))).phases


def test_the_live_colour_of_another_service_on_the_port_is_somebody_else():
    other = replace(
        container(BLUE), name="cart-blue", labels={"jenkinsgen.service": "cart", "jenkinsgen.colour": "blue"}
    )
    with pytest.raises(StateError, match="port 8081 is taken by the container cart-blue"):
        plan_deploy(pipeline(), release(), world(GREEN, servers(other)))


def test_two_servers_behind_one_name_are_two():
    spec = pipeline(
        "servers: [{ssh: 'd@bastion:2201', address: 192.0.2.1}, {ssh: 'd@bastion:2202', address: 192.0.2.2}]"
    )
    state = servers()["192.0.2.11"]
    plan = plan_deploy(spec, release(), world(GREEN, {"bastion:2201": state, "bastion:2202": state}))
    looked_at = {step.address for steps in plan.phases[3].steps.values() for step in steps}
    assert looked_at == {"192.0.2.1", "192.0.2.2"}


def test_the_same_service_behind_another_nginx_is_not_ours():
    """Staging and production may share a server; neither may remove what the other runs."""
    staging = replace(container(BLUE), labels={**container(BLUE).labels, "jenkinsgen.service": "shop@203.0.113.9"})

    with pytest.raises(StateError, match="that jenkinsgen did not make"):
        plan_deploy(pipeline(), release(BLUE), world(GREEN, servers(staging)))


def test_what_was_live_last_is_not_made_room_of_when_nginx_knows_nothing_of_the_service():
    journal = Journal((Entry(release(number=6), 1),), live=release(number=6).version)
    with pytest.raises(StateError, match="which was live last"):
        plan_deploy(pipeline(), release(), world(None, servers(container(BLUE, number=6)), journal))

    stopped = servers(container(BLUE, number=6, running=False))
    assert "make room" in [
        phase.title for phase in plan_deploy(pipeline(), release(), world(None, stopped, journal)).phases
    ]
