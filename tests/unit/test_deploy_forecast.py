"""What a deployment would do: each stage on the world that the one before would leave."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

import pytest
from examples import IDLE, RELOAD, container, nginx_state, pipeline, release, servers, world
from hypothesis import given
from hypothesis import strategies as st

from jenkinsgen.deploy.forecast import NEXT, Situation, forecast, forecast_data, forecast_lines
from jenkinsgen.deploy.observed import SERVICE, VERSION, Container, StoredImage
from jenkinsgen.deploy.plan.deploy import plan_deploy
from jenkinsgen.deploy.plan.foresee import foresee
from jenkinsgen.deploy.release import Build
from jenkinsgen.deploy.screen import WIDTH
from jenkinsgen.deploy.state.holding import Holding
from jenkinsgen.deploy.state.journal import Entry, Journal
from jenkinsgen.deploy.state.lease import Holder
from jenkinsgen.deploy.steps import Drain
from jenkinsgen.spec.colour import Colour

if TYPE_CHECKING:
    from jenkinsgen.deploy.world import World
    from jenkinsgen.spec.pipeline import Pipeline


GREEN, BLUE = Colour.GREEN, Colour.BLUE
SHA = "f" * 40
ENDPOINTS = {GREEN: IDLE, BLUE: (("192.0.2.11", 8081),)}
STAGES = ["build-image", "deploy-colour", "switch-nginx", "cleanup"]
HELD = Holding(Holder("https://ci/job/shop/8/", "jenkins", "agent1", "cleanup", None), 0, 10, 2, None)


def foreseen(
    found: World, spec: Pipeline | None = None, lease: Holding | None = None, build: Build | None = None
) -> tuple[list[str], int, str]:
    """The stages that come, the exit code, and all that is said."""
    situation = Situation(found, lease, ENDPOINTS, now=1_000_000)  # type: ignore[arg-type]
    made = forecast(spec or pipeline(), situation, SHA, build)
    lines = forecast_lines(made)
    assert max(map(len, lines)) <= WIDTH
    assert forecast_data(made)["exit_code"] == made.exit_code
    return [planned.stage for planned in made.stages], made.exit_code, "\n".join(lines)


@pytest.mark.parametrize("mode", ["", RELOAD])
@pytest.mark.parametrize("live", [None, GREEN, BLUE])
def test_all_four_stages_would_go(live: Colour | None, mode: str):
    there = servers(container(live, number=6)) if live else servers()
    found = world(live, there, prepared={GREEN: "green", BLUE: "blue"})

    stages, code, said = foreseen(found, pipeline(mode))

    idle = live.other if live else GREEN
    assert (stages, code) == (STAGES, 0)
    assert f"ffffffffffff-{NEXT} would become {idle}" in said
    assert f"192.0.2.12: start shop-{idle} on port" in said
    assert (f"192.0.2.12: remove shop-{live}" in said) == (live is not None)


@pytest.mark.parametrize("live", [None, GREEN, BLUE])
def test_a_rolling_deployment_keeps_the_colour_and_goes_server_by_server(live: Colour | None):
    spec = pipeline("strategy: rolling")
    there = servers(container(live, number=6)) if live else servers()

    stages, code, said = foreseen(world(live, there, nginx=nginx_state(live, spec)), spec)

    assert (stages, code) == (["build-image", "roll-out", "cleanup"], 0)
    assert f"ffffffffffff-{NEXT} would become {live or GREEN}" in said
    assert ("take 192.0.2.12:808" in said) == (live is not None)


@given(
    live=st.sampled_from([None, GREEN, BLUE]),
    left=st.lists(st.integers(1, 9), max_size=2, unique=True),
    images=st.lists(st.integers(1, 9), max_size=4, unique=True),
    running=st.booleans(),
    keep=st.integers(0, 3),
)
def test_from_wherever_it_starts_one_version_is_left(
    live: Colour | None, left: list[int], images: list[int], running: bool, keep: int
):
    """Whatever killed builds have left, the stages fit together, and do not refuse each other's work."""
    idle = live.other if live else GREEN
    ours = [container(idle, number=number, running=running) for number in left]
    serving = [container(live, number=10)] if live else []
    stored = tuple(StoredImage(f"sha256:{number}", f"0123456789ab-{number}") for number in images)
    spec = pipeline(f"cleanup: {{keep_releases: {keep}}}")
    start = world(live, servers(*serving, *ours, images=stored))
    situation = Situation(start, None, ENDPOINTS, now=1_000_000)  # type: ignore[arg-type]

    made = forecast(spec, situation, SHA, None)

    assert made.refusal is None
    end = start
    for planned in made.stages:
        assert planned.plan is not None
        end = foresee(end, planned.plan, made.release, ENDPOINTS, 1_000_000)  # type: ignore[arg-type]
    assert end.live is idle
    assert end.journal.live == made.release.version
    for server in end.servers.values():
        (only,) = server.containers
        assert (only.version, only.belongs_to(spec.identity, idle)) == (made.release.version, True)
        assert server.images[0].version == made.release.version
        assert len(server.images) <= keep + 1


def test_a_drain_waits_for_the_endpoints_of_the_colour_that_leaves():
    found = world(GREEN, servers(container(GREEN, number=6)))
    situation = Situation(found, None, ENDPOINTS, now=0)  # type: ignore[arg-type]

    cleanup = forecast(pipeline(), situation, SHA, None).stages[-1].plan

    assert cleanup is not None
    (drain,) = cleanup.phases[0].steps["the NGINX"]
    assert isinstance(drain, Drain)
    assert drain.remotes == ENDPOINTS[GREEN]


def test_the_old_colour_stays_for_the_bake_and_with_a_guard_the_stage_waits_for_its_end():
    found = world(GREEN, servers(container(GREEN, number=6)))
    guarded = "{bake: 10m, timeouts: {cleanup: 30m}, guard: {}}"

    warm, watched = foreseen(found, pipeline("bake: 10m"))[2], foreseen(found, pipeline(guarded))[2]

    assert "green stays warm for 10m (bake)" in warm
    assert "remove shop-green" not in warm
    assert "blue is watched for 10m, then:\n  the NGINX: drain green\n" in watched
    assert "192.0.2.12: remove shop-green" in watched


def test_a_stranger_in_the_way_ends_it_where_the_stage_would_end():
    stranger = Container("x", "other", {}, running=True, host_ports=(8080,))

    stages, code, said = foreseen(world(BLUE, servers(container(BLUE, number=6), stranger)))

    assert (stages, code) == (STAGES[:2], 8)
    assert "would refuse with exit code 8: 192.0.2.11: port 8080 is taken by the container other" in said
    assert "hint: whether it gets requests is not known, so it may be what serves now" in said


def test_without_sudo_the_first_deployment_does_not_even_begin():
    stages, code, said = foreseen(world(None, servers(), nginx=nginx_state(None, root="no")))

    assert (stages, code) == (STAGES[:1], 8)
    assert "an administrator runs once" in said


def test_a_lease_that_is_held_refuses_every_other_build():
    found = world(None, servers())

    assert foreseen(found, lease=HELD)[:2] == (STAGES[:1], 8)
    assert foreseen(found, lease=HELD, build=Build(8, "https://ci/job/shop/8/"))[1] == 0
    assert foreseen(found, lease=replace(HELD, free_because="it was not renewed for 30 s"))[1] == 0


def test_an_older_build_is_refused_inside_jenkins():
    newer = Journal((Entry(release(number=9), 1),), live=release(number=9).version)
    found = world(BLUE, servers(container(BLUE, number=9)), newer)

    assert foreseen(found, build=Build(8, "https://jenkins.example.com/job/shop/8/"))[1] == 8
    assert foreseen(found)[1] == 0


def test_what_is_left_over_is_told_apart():
    before = Journal((Entry(release(number=7), 2), Entry(release(number=6), 1)), live=release(number=7).version)
    warm, dead = container(GREEN, number=6), container(GREEN, number=5, running=False)

    said = foreseen(world(BLUE, servers(container(BLUE), warm, dead), before))[2]

    assert "192.0.2.11: shop-green 0123456789ab-6, runs: the release before" in said
    assert "192.0.2.11: shop-green 0123456789ab-5, stopped: left by a build that did not end" in said


def test_an_image_that_is_there_is_not_foreseen_twice():
    image = StoredImage("sha256:1", release().version)
    start = world(GREEN, servers(container(GREEN, number=6), images=(image,)))

    after = foresee(start, plan_deploy(pipeline(), release(), start), release(), ENDPOINTS, 0)  # type: ignore[arg-type]

    assert after.servers["192.0.2.11"].images == (image,)
    (started,) = (each for each in after.servers["192.0.2.11"].containers if each.version == release().version)
    assert (started.running, started.host_ports, started.labels[SERVICE]) == (True, (8081,), "shop@192.0.2.10")
    assert started.labels[VERSION] == release().version
