"""engine: swarm: the same plans, with one service for each colour."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, get_args

import pytest
from examples import IDLE, container, pipeline, release, servers, world

from jenkinsgen.deploy.engines.registry import ENGINES
from jenkinsgen.deploy.plan.cleanup import plan_cleanup
from jenkinsgen.deploy.plan.deploy import await_healthy, plan_deploy
from jenkinsgen.deploy.plan.foresee import foresee
from jenkinsgen.deploy.plan.rollback import is_warm, plan_look
from jenkinsgen.deploy.state.journal import Entry, Journal
from jenkinsgen.deploy.steps import NGINX, Drain, ProveVacant
from jenkinsgen.deploy.steps.swarm import (
    SWARM,
    SWARM_SERVICE,
    AwaitTask,
    CreateService,
    FindImage,
    LabelNodes,
    RemoveService,
    RemoveStartedService,
)
from jenkinsgen.errors import StateError
from jenkinsgen.spec.colour import Colour
from jenkinsgen.spec.pipeline import Pipeline

if TYPE_CHECKING:
    from jenkinsgen.deploy.observed import Container

GREEN, BLUE = Colour.GREEN, Colour.BLUE
BOTH = ["192.0.2.11", "192.0.2.12"]
SPEC = pipeline("engine: swarm")


def task(colour: Colour, *, number: int = 7, running: bool = True) -> Container:
    """One of ours, as a node has it."""
    found = container(colour, number=number, running=running)
    return replace(found, labels={**found.labels, SWARM_SERVICE: f"service-{colour}"})


def test_every_value_of_the_key_has_its_engine():
    assert set(ENGINES) == set(get_args(Pipeline.model_fields["engine"].annotation))


def test_the_image_is_found_then_one_service_starts_and_every_server_has_to_become_healthy():
    spec = pipeline("{engine: swarm, service: {memory: 700m, secrets: {DB: db-id}}, cleanup: {grace: 7s}}")
    plan = plan_deploy(spec, release(), world(GREEN, servers(task(GREEN))))
    find, vacant, start, run, health = plan.phases
    assert [phase.changes for phase in plan.phases] == [False, True, True, True, True]
    assert find.steps == {SWARM: (FindImage(release().reference),)}
    label, create = start.steps[SWARM]
    assert label == LabelNodes("jenkinsgen.shop-blue", tuple(BOTH))
    assert isinstance(create, CreateService)
    assert (create.node_label, create.grace) == ("jenkinsgen.shop-blue", 7.0)
    assert (create.task.name, create.task.host_port, create.task.secrets) == ("shop-blue", 8081, ("DB",))
    assert create.task.image == release().reference
    assert run.steps == {name: (AwaitTask("shop-blue", 8081),) for name in BOTH}
    assert health.steps["192.0.2.12"] == (await_healthy(spec.servers[1], spec, Colour.BLUE),)
    assert vacant.steps["192.0.2.12"] == (ProveVacant(await_healthy(spec.servers[1], spec, Colour.BLUE)),)
    (undo,) = plan.undo
    assert undo.steps == {SWARM: (RemoveStartedService("shop-blue", BLUE, 7.0),)}


def test_the_release_before_is_drained_and_removed_once_for_all_servers():
    journal = Journal((Entry(release(GREEN, number=6), 2), Entry(release(number=5), 1)), live=release(GREEN).version)
    plan = plan_deploy(SPEC, release(), world(GREEN, servers(task(GREEN, number=6), task(BLUE, number=5)), journal))
    assert [phase.title for phase in plan.phases] == [
        *("find the image", "drain", "make room", "vacant", "start", "run", "health")
    ]
    assert plan.phases[1].steps == {NGINX: (Drain(IDLE, BLUE, 60.0),)}
    assert plan.phases[2].steps == {SWARM: (RemoveService("service-blue", "shop-blue", BLUE, 30.0),)}


def test_a_service_without_any_task_is_made_room_of_without_a_drain():
    plan = plan_deploy(SPEC, release(), world(GREEN, servers(task(GREEN), task(BLUE, number=5, running=False))))
    assert [phase.title for phase in plan.phases] == ["find the image", "make room", "vacant", "start", "run", "health"]


def test_a_node_that_takes_no_tasks_stops_a_deployment_before_it_begins():
    found = servers(task(GREEN))
    found["192.0.2.12"] = replace(found["192.0.2.12"], unfit="its node takes no tasks (availability drain)")
    with pytest.raises(StateError, match=r"192\.0\.2\.12: its node takes no tasks"):
        plan_deploy(SPEC, release(), world(GREEN, found))


def test_cleanup_removes_the_idle_service_and_only_that():
    found = servers(task(GREEN, number=6), task(BLUE))
    plan = plan_cleanup(SPEC, BLUE, world(BLUE, found), warm=False)
    assert [phase.steps for phase in plan.phases] == [
        {NGINX: (Drain(IDLE, GREEN, 60.0),)},
        {SWARM: (RemoveService("service-green", "shop-green", GREEN, 30.0),)},
    ]
    assert plan_cleanup(SPEC, BLUE, world(BLUE, found), warm=True).phases == ()
    assert plan_cleanup(SPEC, BLUE, world(BLUE, servers(task(BLUE))), warm=False).phases == ()


def test_a_rollback_to_a_service_that_runs_everywhere_is_a_look_and_a_flag():
    found = servers(task(GREEN, number=6), task(BLUE))
    target = release(GREEN, number=6)
    assert is_warm(world(BLUE, found), SPEC, target)
    (look,) = plan_look(SPEC, target).phases
    assert list(look.steps) == BOTH

    found["192.0.2.12"] = replace(found["192.0.2.12"], containers=(task(BLUE), task(GREEN, number=6, running=False)))
    assert not is_warm(world(BLUE, found), SPEC, target)


def test_after_the_plan_the_new_service_is_everywhere_and_the_old_one_nowhere():
    before = world(GREEN, servers(task(GREEN, number=6), task(BLUE, number=5)))
    plan = plan_deploy(SPEC, release(), before)
    after = foresee(before, plan, release(), {GREEN: (), BLUE: ()}, 0)
    versions = {name: [each.version for each in state.containers] for name, state in after.servers.items()}
    assert versions == {name: ["0123456789ab-6", release().version] for name in BOTH}
    # What was foreseen can be planned with: the next stage's cleanup names the service.
    assert plan_cleanup(SPEC, GREEN, after, warm=False).phases[1].steps[SWARM]
