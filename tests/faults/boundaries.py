"""Every place at which a stage can be stopped: before each step, and before each note that it writes down.

The steps are those of the plans themselves, made for a service like the sandbox's, whose release before the live one
is still warm. Servers are alike, so one of them stands for all.
"""

from __future__ import annotations

from collections import Counter
from dataclasses import replace
from typing import TYPE_CHECKING, Any, NamedTuple

from strategies import CANARY, ROLLING

from jenkinsgen.deploy import steps
from jenkinsgen.deploy.observed import COLOUR, SERVICE, VERSION, Container, ServerState, StoredImage
from jenkinsgen.deploy.plan.build import plan_build
from jenkinsgen.deploy.plan.cleanup import plan_cleanup
from jenkinsgen.deploy.plan.deploy import plan_deploy
from jenkinsgen.deploy.plan.switch import plan_switch
from jenkinsgen.deploy.release import Release
from jenkinsgen.deploy.state.journal import Journal
from jenkinsgen.deploy.strategies.canary.plan import plan_canary
from jenkinsgen.deploy.strategies.rolling.plan import plan_roll
from jenkinsgen.deploy.world import World
from jenkinsgen.nginx.site import Serving, render_site, upstreams_of
from jenkinsgen.nginx.state import NginxState
from jenkinsgen.spec.colour import Colour
from jenkinsgen.spec.pipeline import Pipeline

if TYPE_CHECKING:
    from jenkinsgen.deploy.steps import Plan

SERVER = "a server"
# Of a roll-out: which one is replaced first makes a difference.
FIRST, SECOND = "first-server", "second-server"
NOTES = "the notes"
WATCH = "the watch"
# Claim, the stage that begins, what it found, the lease for the next: more for the stage that moves the flag and
# says so in the history.
WRITES = {"build-image": 4, "deploy-colour": 4, "switch-nginx": 7, "cleanup": 4}
_SPEC = {
    "job": {"name": "shop"},
    "source": {"repository": "https://git.example.com/shop.git"},
    "image": {"repository": "registry.example.com/shop"},
    "service": {
        "name": "shop",
        "ports": {"green": 8080, "blue": 8081},
        "container_port": 80,
        "health": {"path": "/health"},
    },
    "servers": [SERVER.replace(" ", "-")],
    "nginx": {"host": "nginx", "server_name": "shop.test"},
}
_RELEASE = Release("shop", Colour.BLUE, "c-3", "registry.example.com/shop-blue", "sha256:1", "c", 3, "")


class Boundary(NamedTuple):
    """Before the step `place` (from 0) of `host` in `stage`."""

    stage: str
    host: str
    """With `HOST: KIND`, `place` counts the steps of that kind alone."""
    place: int
    what: str
    shown: bool = False
    """Whether clients may have met the release of this build by then."""

    def __str__(self) -> str:
        return f"{self.stage}, before {self.what}"


def step_boundaries() -> list[Boundary]:
    """Before every step of every stage of a build."""
    return [
        Boundary(stage, host, place, _kind(step))
        for stage, plan in _plans().items()
        for host, steps_there in _by_host(plan).items()
        for place, step in enumerate(steps_there)
    ]


def note_boundaries() -> list[Boundary]:
    """Before everything that a stage writes into the state folder."""
    return [
        Boundary(stage, NOTES, place, f"note {place + 1}") for stage, count in WRITES.items() for place in range(count)
    ]


def canary_boundaries(*, new_site: bool) -> list[Boundary]:
    """Before every step of a step of a canary; without a site file that changes also when its clients are there."""
    stage = CANARY.stages[2]
    pipeline = _pipeline(CANARY.spec)
    installed = _pipeline({}) if new_site else pipeline
    live, new = _container(pipeline, Colour.GREEN, 2), _container(pipeline, Colour.BLUE, 3)
    world = _world(installed, Colour.GREEN, live, new)
    found = _in_order(stage, plan_canary(pipeline, _RELEASE, world, 25), shown_by=steps.SetCanary)
    return found if new_site else [*found, Boundary(stage, WATCH, 0, "the watch", shown=True)]


def roll_boundaries() -> list[Boundary]:
    """Before every step of a roll-out to two servers, one after the other."""
    pipeline = _pipeline({**ROLLING.spec, "servers": [FIRST, SECOND]})
    release = replace(_RELEASE, colour=Colour.GREEN)
    world = _world(pipeline, Colour.GREEN, _container(pipeline, Colour.GREEN, 2))
    return _in_order("roll-out", plan_roll(pipeline, release, world), shown_by=steps.PutBack)


def _in_order(stage: str, plan: Plan, *, shown_by: type) -> list[Boundary]:
    """Its steps one after the other; after the first `shown_by` clients meet the new release.

    Of hosts that do the same at the same time, one stands for all.
    """
    found: list[Boundary] = []
    counts: Counter[str] = Counter()
    shown = False
    for phase in plan.phases:
        alike = {tuple(map(_kind, there)): host for host, there in reversed(phase.steps.items())}
        for host in alike.values():
            for step in phase.steps[host]:
                kind = _kind(step)
                where = f"{host}: {kind}"
                found.append(Boundary(stage, where, counts[where], f"{kind} on {host}", shown))
                counts[where] += 1
                shown = shown or isinstance(step, shown_by)
    return found


def _by_host(plan: Plan) -> dict[str, list[steps.Step]]:
    found: dict[str, list[steps.Step]] = {}
    for phase in plan.phases:
        for host, there in phase.steps.items():
            name = host if host in (steps.AGENT, steps.NGINX) else SERVER
            found.setdefault(name, []).extend(there)
    return found


def _kind(step: steps.Step) -> str:
    return type(step).__name__


def _pipeline(changes: dict[str, Any]) -> Pipeline:
    return Pipeline.model_validate({**_SPEC, **changes})


def _plans() -> dict[str, Plan]:
    pipeline, release = _pipeline({}), _RELEASE
    live, warm = _container(pipeline, Colour.GREEN, 2), _container(pipeline, Colour.BLUE, 1)
    new = _container(pipeline, Colour.BLUE, 3)
    return {
        "build-image": plan_build(pipeline, release),
        "deploy-colour": plan_deploy(pipeline, release, _world(pipeline, Colour.GREEN, live, warm)),
        "switch-nginx": plan_switch(pipeline, release, _world(pipeline, Colour.GREEN, live, new)),
        "cleanup": plan_cleanup(pipeline, Colour.BLUE, _world(pipeline, Colour.BLUE, live, new), warm=False),
    }


def _container(pipeline: Pipeline, colour: Colour, number: int) -> Container:
    labels = {SERVICE: pipeline.identity, COLOUR: str(colour), VERSION: f"c-{number}"}
    return Container(str(number), f"shop-{colour}", labels, running=True, host_ports=())


def _world(pipeline: Pipeline, live: Colour, *containers: Container) -> World:
    site = render_site(pipeline, upstreams_of(pipeline))
    nginx = NginxState(live, site.text, "1.22.1", "deploy", "sudo", "writable", serving=Serving(live, site.digest))
    images = tuple(StoredImage(container.id, container.version or "") for container in containers)
    names = map(str, pipeline.servers)
    return World(nginx, {name: ServerState(name, containers, images) for name in names}, journal=Journal())
