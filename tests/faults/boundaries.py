"""Every place at which a stage can be stopped: before each step, and before each note that it writes down.

The steps are those of the plans themselves, made for a service like the sandbox's, whose release before the live one
is still warm. Servers are alike, so one of them stands for all.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

from jenkinsgen.deploy import steps
from jenkinsgen.deploy.journal import Journal
from jenkinsgen.deploy.observed import COLOUR, SERVICE, VERSION, Container, ServerState, StoredImage
from jenkinsgen.deploy.plan_build import plan_build
from jenkinsgen.deploy.plan_cleanup import plan_cleanup
from jenkinsgen.deploy.plan_deploy import plan_deploy
from jenkinsgen.deploy.plan_switch import plan_switch
from jenkinsgen.deploy.release import Release
from jenkinsgen.deploy.world import World
from jenkinsgen.nginx.site import Serving, render_site, upstreams_of
from jenkinsgen.nginx.state import NginxState
from jenkinsgen.spec.colour import Colour
from jenkinsgen.spec.pipeline import Pipeline

if TYPE_CHECKING:
    from jenkinsgen.deploy.steps import Plan

SERVER = "a server"
NOTES = "the notes"
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


class Boundary(NamedTuple):
    """Before the step `place` (from 0) of `host` in `stage`."""

    stage: str
    host: str
    place: int
    what: str

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


def _by_host(plan: Plan) -> dict[str, list[steps.Step]]:
    found: dict[str, list[steps.Step]] = {}
    for phase in plan.phases:
        for host, there in phase.steps.items():
            name = host if host in (steps.AGENT, steps.NGINX) else SERVER
            found.setdefault(name, []).extend(there)
    return found


def _kind(step: steps.Step) -> str:
    return type(step).__name__


def _plans() -> dict[str, Plan]:
    pipeline = Pipeline.model_validate(_SPEC)
    release = Release("shop", Colour.BLUE, "c-3", "registry.example.com/shop-blue", "sha256:1", "c", 3, "")
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
    name = str(pipeline.servers[0])
    return World(nginx, {name: ServerState(name, containers, images)}, journal=Journal())
