"""Which images may go: whatever lies on a server, never one that somebody needs."""

from __future__ import annotations

import io
import threading
from dataclasses import replace
from types import SimpleNamespace
from typing import Any

import pytest
from examples import container, pipeline, release, servers, world
from hypothesis import given
from hypothesis import strategies as st

from jenkinsgen.deploy.observed import SERVICE, VERSION, Container, ServerState, StoredImage
from jenkinsgen.deploy.plan.build import left_on_agent, plan_build
from jenkinsgen.deploy.plan.cleanup import plan_cleanup
from jenkinsgen.deploy.plan.deploy import plan_deploy
from jenkinsgen.deploy.prune import surplus_images, versions_in_use
from jenkinsgen.deploy.run import Cancellation
from jenkinsgen.deploy.state.journal import Entry, Journal, was_left
from jenkinsgen.deploy.steps import AGENT, Plan, PullImage, RemoveImage, RemoveStarted
from jenkinsgen.errors import HostError
from jenkinsgen.report import Report
from jenkinsgen.spec.colour import Colour
from jenkinsgen.stages.perform.actions import Actions

GREEN, BLUE = Colour.GREEN, Colour.BLUE
IDENTITY = "shop@192.0.2.10"

numbers = st.integers(1, 12)
image_lists = st.lists(numbers, max_size=12).map(
    lambda found: tuple(StoredImage(f"sha256:{place}", f"0123456789ab-{number}") for place, number in enumerate(found))
)


def version(number: int) -> str:
    return f"0123456789ab-{number}"


@given(image_lists, st.sets(numbers.map(version)), st.integers(0, 5))
def test_what_is_protected_stays_and_as_many_others_as_are_kept(
    images: tuple[StoredImage, ...], protected: set[str], keep: int
):
    surplus = surplus_images(images, protected, Journal(), keep)

    assert not {image.version for image in surplus} & protected
    others = [image.version for image in images if image.version not in protected]
    left = {image.version for image in images if image not in surplus} - protected
    assert len(left) == min(keep, len(set(others)))
    # Those that stay are newer than those that go.
    assert left == set(list(dict.fromkeys(others))[:keep])
    # A version is gone or there, never half.
    assert not left & {image.version for image in surplus}


def journal_of(live: int, others: set[int]) -> Journal:
    """The live release, and others that were live before it."""
    before = (Entry(release(number=number), 0) for number in sorted(others - {live}, reverse=True))
    return Journal((Entry(release(number=live), 1), *before), live=version(live))


def removed(plan: Plan, server: str) -> set[str]:
    steps = [step for phase in (*plan.phases, *plan.undo) for step in phase.steps.get(server, ())]
    return {step.version for step in steps if isinstance(step, RemoveImage)}


@given(
    images=image_lists,
    live=numbers,
    warm=numbers,
    new=numbers,
    kept=st.sets(numbers),
)
def test_a_deployment_never_removes_what_is_live_warm_or_kept(
    images: tuple[StoredImage, ...], live: int, warm: int, new: int, kept: set[int]
):
    found = servers(container(GREEN, number=live), container(BLUE, number=warm, running=False), images=images)
    spec = pipeline(f"cleanup: {{keep_releases: {len(kept)}}}")
    plan = plan_deploy(spec, release(BLUE, number=new), world(GREEN, found, journal_of(live, kept)))

    gone = removed(plan, "192.0.2.11")
    needed = {version(number) for number in (live, warm, *kept)}
    assert not gone & needed - ({version(new)} if new not in (live, warm) else set())
    # What lay there before the attempt is not taken back with it.
    assert version(new) not in gone or version(new) not in {image.version for image in images}


@given(images=image_lists, live=numbers, old=numbers, kept=st.sets(numbers))
def test_a_cleanup_never_removes_what_is_live_or_kept(
    images: tuple[StoredImage, ...], live: int, old: int, kept: set[int]
):
    found = servers(container(BLUE, number=live), container(GREEN, number=old), images=images)
    spec = pipeline(f"cleanup: {{keep_releases: {len(kept)}}}")
    plan = plan_cleanup(spec, BLUE, world(BLUE, found, journal_of(live, kept)), warm=False)

    gone = removed(plan, "192.0.2.11")
    needed = {version(number) for number in (live, *kept)}
    # All that nobody needs is gone: refused releases are in no journal, however new they are.
    assert {image.version for image in images} - gone == {image.version for image in images} & needed


def test_a_release_that_was_taken_back_is_not_kept():
    images = tuple(StoredImage(f"sha256:{number}", version(number)) for number in (7, 6, 5))
    journal = was_left(journal_of(7, {6, 5}), version(6), version(5), "slow")

    assert {image.version for image in surplus_images(images, {version(7)}, journal, 1)} == {version(6)}


def test_room_is_made_before_the_pull_needs_it():
    images = tuple(StoredImage(f"sha256:{number}", version(number)) for number in (6, 5, 4, 3))
    plan = plan_deploy(pipeline(), release(number=7), world(GREEN, servers(container(GREEN, number=6), images=images)))

    prepare = plan.phases[0].steps["192.0.2.12"]

    assert prepare[:-1] == tuple(RemoveImage(f"sha256:{number}", version(number)) for number in (5, 4, 3))
    assert prepare[-1] == PullImage(release().reference)


def test_the_image_of_a_refused_release_goes_when_its_containers_are_gone_everywhere():
    plan = plan_deploy(pipeline(), release(number=7), world(GREEN, servers(container(GREEN, number=6))))

    containers, images = plan.undo

    assert all(isinstance(step, RemoveStarted) for steps in containers.steps.values() for step in steps)
    assert images.steps["192.0.2.11"] == (RemoveImage(release().reference, version(7)),)


def test_a_refused_release_that_lay_there_before_keeps_its_image():
    both = servers(container(GREEN, number=8), images=(StoredImage("sha256:7", version(7)),))
    both["192.0.2.12"] = replace(both["192.0.2.12"], images=())
    plan = plan_deploy(pipeline(), release(number=7), world(GREEN, both))

    assert list(plan.undo[1].steps) == ["192.0.2.12"]


def test_a_refused_copy_of_the_live_release_leaves_its_image_alone():
    """The live release once more as the other colour: it runs from its image, whatever the list of images says."""
    plan = plan_deploy(pipeline(), release(BLUE, number=7), world(GREEN, servers(container(GREEN, number=7))))

    assert removed(plan, "192.0.2.11") == set()


def test_a_container_that_somebody_made_of_our_image_protects_it():
    looked_at = Container("x", "debug", {SERVICE: IDENTITY, VERSION: version(3)}, running=False, host_ports=())
    stranger = Container("y", "other", {SERVICE: "cart@192.0.2.10", VERSION: version(4)}, running=True, host_ports=())
    bare = Container("z", "bare", {SERVICE: IDENTITY}, running=True, host_ports=())

    assert versions_in_use((looked_at, stranger, bare, container(BLUE)), IDENTITY) == {version(3), version(7)}


def test_the_old_colour_does_not_protect_its_own_image_from_the_cleanup_but_a_copy_that_stays_does():
    images = (StoredImage("sha256:7", version(7)), StoredImage("sha256:6", version(6)))
    copy = Container("x", "debug", {SERVICE: IDENTITY, VERSION: version(6)}, running=False, host_ports=())
    old, live = container(GREEN, number=6), container(BLUE)

    def gone(*containers: Container) -> set[str]:
        found = {name: ServerState(name, containers, images) for name in ("192.0.2.11", "192.0.2.12")}
        return removed(plan_cleanup(pipeline(), BLUE, world(BLUE, found), warm=False), "192.0.2.11")

    assert gone(old, live) == {version(6)}
    assert gone(old, live, copy) == set()


def test_the_agent_is_rid_of_what_killed_builds_left():
    found = (StoredImage("sha256:7", version(7)), StoredImage("sha256:6", version(6)))
    left = left_on_agent(pipeline(), release(), ServerState(AGENT, (), found), Journal())

    steps = plan_build(pipeline(), release(), found=left).phases[0].steps[AGENT]

    assert [step for step in steps if isinstance(step, RemoveImage)] == [RemoveImage("sha256:6", version(6))]


def test_an_agent_that_is_a_server_as_well_keeps_what_a_server_keeps():
    found = tuple(StoredImage(f"sha256:{number}", version(number)) for number in (7, 6, 5, 4, 3))
    journal = Journal(tuple(Entry(release(number=number), number) for number in (6, 5, 4, 3)), live=version(6))
    agent = ServerState(AGENT, (container(GREEN, number=6), container(BLUE, number=5, running=False)), found)

    left = left_on_agent(pipeline("cleanup: {keep_releases: 2}"), release(number=7), agent, journal)

    assert [image.version for image in left] == [version(3)]


class FullDisk:
    """An engine that cannot remove anything."""

    def remove_image(self, image: str) -> None:
        raise HostError(f"app1: Docker: conflict: {image} is being used")


@pytest.mark.parametrize("host", ["app1", AGENT])
def test_an_image_that_cannot_go_is_a_warning_and_no_verdict(host: str):
    said = io.StringIO()
    session = SimpleNamespace(engines={"app1": FullDisk()})
    work: Any = SimpleNamespace(check=lambda: None, session=session, report=Report(said))
    engine: Any = FullDisk()
    actions = Actions(work, agent=engine)

    actions(host, RemoveImage("sha256:6", version(6)), Cancellation(threading.Event()))

    assert "warning: remove the image of 0123456789ab-6 failed: app1: Docker: conflict" in said.getvalue()
