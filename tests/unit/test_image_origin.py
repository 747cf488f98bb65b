"""A release that others name: its image is of this spec, or no server is asked for it and no login is shown."""

from __future__ import annotations

import io
from dataclasses import fields, replace
from types import SimpleNamespace
from typing import TYPE_CHECKING, Any, get_args

import pytest
from examples import container, nginx_state, pipeline, release, servers, world
from in_memory.clock import QuickClock

from jenkinsgen.deploy import steps
from jenkinsgen.deploy.container import start_container
from jenkinsgen.deploy.origin import check_origin, is_own
from jenkinsgen.deploy.plan.deploy import plan_deploy
from jenkinsgen.deploy.prune import refused_image
from jenkinsgen.deploy.run import run_plan
from jenkinsgen.deploy.state.journal import Entry, Journal
from jenkinsgen.deploy.steps import Phase, Plan, Step
from jenkinsgen.deploy.steps import swarm as swarm_steps
from jenkinsgen.deploy.strategies.rolling.plan import plan_roll
from jenkinsgen.errors import ImageError, StateError
from jenkinsgen.report import Report
from jenkinsgen.spec.colour import Colour
from jenkinsgen.stages.perform.actions import Actions
from jenkinsgen.stages.roll_out import roll

if TYPE_CHECKING:
    from jenkinsgen.deploy.release import Release

GREEN, BLUE = Colour.GREEN, Colour.BLUE
EVIL = "evil.example.com/x"
FOREIGN = [
    {"repository": EVIL},
    {"repository": "registry.example.com/shop-green@evil.example.com/x"},
    {"repository": "registry.example.com/other-green"},
    {"repository": "registry.example.com/shop"},
    {"repository": "registry.example.com/shop-green:latest"},
    {"repository": ""},
    {"digest": "latest"},
    {"digest": ""},
    {"digest": f"sha256:{'d' * 64}\n"},
    {"digest": f"sha256:{'d' * 63}/"},
    {"digest": f"sha256:{'d' * 64}@{EVIL}"},
]


class Untouched:
    """Engines, NGINX, a swarm, and the lease: whoever asks for one has failed."""

    def __init__(self, spec: Any) -> None:
        self.pipeline = spec
        self.session = self

    def __getattr__(self, name: str) -> Any:
        raise AssertionError(f"the session was asked for {name}")


def plans_of(forged: Release) -> dict[str, tuple[Any, Plan]]:
    """Every way on which a release comes to a server, with its spec."""
    spec, swarm, rolling = pipeline(), pipeline("engine: swarm"), pipeline("strategy: rolling")
    live, own = servers(container(GREEN, number=6)), servers(container(BLUE, number=6))
    nginx = nginx_state(BLUE, rolling)
    return {
        "docker": (spec, plan_deploy(spec, forged, world(GREEN, live))),
        "swarm": (swarm, plan_deploy(swarm, forged, world(GREEN, servers()))),
        "roll-out": (rolling, plan_roll(rolling, forged, world(BLUE, own, nginx=nginx))),
    }


@pytest.mark.parametrize("way", ["docker", "swarm", "roll-out"])
@pytest.mark.parametrize("changes", FOREIGN)
def test_no_way_to_a_server_takes_an_image_of_somebody_else(way: str, changes: dict[str, str]):
    spec, plan = plans_of(replace(release(BLUE), **changes))[way]
    work: Any = Untouched(spec)
    with pytest.raises(StateError, match="is no image of"):
        run_plan(plan, Actions(work), Report(io.StringIO()))


@pytest.mark.parametrize("way", ["docker", "swarm", "roll-out"])
def test_every_way_takes_an_image_of_this_spec_also_that_of_the_other_colour(way: str):
    for repository in ("registry.example.com/shop-green", "registry.example.com/shop-blue"):
        spec, plan = plans_of(replace(release(BLUE), repository=repository))[way]
        work: Any = Untouched(spec)
        Actions(work).accept(plan)


def test_every_kind_of_step_that_names_an_image_passes_the_gate():
    """A step that is added later, and is not known to the gate, is found here."""
    spec = pipeline()
    forged = replace(start_container(spec, release()), image=f"{EVIL}@{release().digest}")
    values: dict[str, Any] = {"reference": forged.image, "image": forged.image, "task": forged}
    # Of the agent, where it was just built from the spec's own name.
    naming = [kind for kind in get_args(Step) if kind is not steps.RemoveTag and values.keys() & names_in(kind)]
    assert {steps.PullImage, steps.StartContainer, swarm_steps.FindImage, swarm_steps.CreateService} <= set(naming)
    for kind in naming:
        step = forged if kind is steps.StartContainer else kind(**{n: values.get(n, "x") for n in names_in(kind)})
        work: Any = Untouched(spec)
        with pytest.raises(StateError, match="is no image of"):
            Actions(work).accept(Plan((), (Phase("undo", {"192.0.2.11": (step,)}),)))


def names_in(kind: Any) -> set[str]:
    return {each.name for each in fields(kind)}


def test_the_image_of_another_service_is_not_removed_in_the_name_of_a_refused_release():
    (server, *_) = servers().values()
    removal = refused_image(server, replace(release(), repository="docker.io/library/postgres"))
    work: Any = Untouched(pipeline())
    with pytest.raises(StateError, match="postgres"):
        Actions(work).accept(Plan((Phase("remove its image", {"192.0.2.11": removal}),)))


class Engines:
    """A server that cannot be asked for any image; what was asked for is written down."""

    def __init__(self) -> None:
        self.asked: list[str] = []

    def pull(self, reference: str, *_: Any) -> None:
        self.asked.append(reference)
        raise ImageError("cannot be pulled")


@pytest.mark.parametrize("changes", FOREIGN)
def test_the_way_back_of_a_roll_out_does_not_take_what_the_journal_names(changes: dict[str, str]):
    """The release is refused, and what was live before is, as the journal has it, an image of somebody else."""
    spec = pipeline("strategy: rolling")
    before = replace(release(GREEN, number=6), **changes)
    journal = Journal((Entry(before, 1),), before.version)
    seen = world(GREEN, servers(container(GREEN, number=5)), nginx=nginx_state(GREEN, spec))
    engine, said = Engines(), io.StringIO()
    stage = SimpleNamespace(pull_login=lambda: None, secrets=dict)
    engines = dict.fromkeys(seen.servers, engine)
    session = SimpleNamespace(pipeline=spec, stage=stage, engines=engines, clock=QuickClock())
    work: Any = SimpleNamespace(
        session=session,
        pipeline=spec,
        report=Report(said),
        observe=lambda: replace(seen, journal=journal),
        begin=lambda *_: None,
        check=lambda: None,
        journal=journal,
    )
    with pytest.raises(ImageError, match="cannot be pulled"):
        roll(work, release(GREEN, number=7))
    assert set(engine.asked) == {release(GREEN, number=7).reference}
    assert "rolling back failed" in said.getvalue()
    assert "is no image of" in said.getvalue()


@pytest.mark.parametrize("changes", FOREIGN)
def test_the_login_is_shown_for_images_of_this_spec_alone(changes: dict[str, str]):
    assert is_own(pipeline(), release().reference)
    assert not is_own(pipeline(), replace(release(), **changes).reference)
    with pytest.raises(StateError, match="is no image of") as refused:
        check_origin(pipeline(), replace(release(), **changes).reference)
    assert refused.value.exit_code == 8
