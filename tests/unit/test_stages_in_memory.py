"""What stages do beside the scenarios: on a swarm, with a canary that is watched, when people act meanwhile."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

import pytest
from examples import pipeline
from in_memory.house import House

from jenkinsgen.deploy.observed import Container
from jenkinsgen.errors import (
    HostError,
    ImageError,
    JenkinsgenError,
    LeaseHeld,
    LeaseLost,
    NginxError,
    ReleaseRefused,
    StateError,
    Unproven,
)
from jenkinsgen.nginx.canary import Gate
from jenkinsgen.spec.colour import Colour
from jenkinsgen.stages.canary.show import look_at_canary

if TYPE_CHECKING:
    from collections.abc import Callable

    from jenkinsgen.spec.pipeline import Pipeline

GREEN, BLUE = Colour.GREEN, Colour.BLUE
PLAIN, WARM = pipeline(), pipeline("bake: 10m")
ROLLING = pipeline("strategy: rolling")
SWARM = pipeline("engine: swarm")
CANARY = pipeline(
    "strategy: canary\ncanary: {steps: [{percent: 10, hold: 20s}, {percent: 50, hold: 20s}]}\nguard: {requests: 5}\n"
    "bake: 1m"
)


def live(spec: Pipeline, *, builds: int = 1) -> House:
    """A house in which a release is live; each build before it was live, too."""
    house = House(spec)
    for _ in range(builds):
        house.build()
        if spec.strategy == "rolling":
            house.run("build-image", "roll-out", "cleanup")
        else:
            house.run("build-image", "deploy-colour", "switch-nginx", "cleanup")
    return house


def ready(spec: Pipeline) -> House:
    """The same with a second release that is healthy and has no traffic."""
    house = live(spec)
    house.build()
    house.run("build-image", "deploy-colour")
    return house


def at(house: House, call: str, happening: Callable[[], None]) -> None:
    """Right before this call, once."""

    def before(now: str) -> None:
        if now == call:
            house.before = lambda _: None
            happening()

    house.before = before


def refuse(error: JenkinsgenError) -> Callable[[], None]:
    def happening() -> None:
        raise error

    return happening


def flag_by_hand(house: House, colour: Colour) -> None:
    nginx = house.world.nginx
    assert nginx.serving is not None
    moved = replace(nginx, live=colour, serving=replace(nginx.serving, colour=colour))
    house.world = replace(house.world, nginx=moved)


# build-image


def test_the_first_release_is_green_and_the_next_one_has_the_other_colour():
    house = live(PLAIN)
    assert house.observed()["live"] == "green"
    house.build()
    house.run("build-image")
    assert house.workspace.required_release().colour is BLUE
    assert house.workspace.reports["build-image"]["version"].endswith("-2")


def test_an_artifact_is_copied_before_the_image_is_built():
    house = House(pipeline("image: {artifact: {from: build/libs/*.jar, to: app.jar}}"))
    house.build()
    house.run("build-image")
    assert house.text.index("copied app.jar") < house.text.index("build registry.example.com/shop-green")


def test_a_build_that_is_older_than_what_was_live_is_refused_unless_somebody_insists():
    house = live(PLAIN, builds=2)
    house.number = 1
    with pytest.raises(StateError, match=r"build 2 of .* has been deployed already"):
        house.run("build-image")
    house.run("build-image", allow_older=True)
    house.run("deploy-colour", "switch-nginx")
    assert house.served_by() == {1}


def test_a_person_without_a_build_number_builds_nothing():
    house = House(PLAIN)
    house.workspace.by_hand = True
    with pytest.raises(StateError, match="BUILD_NUMBER is not set"):
        house.run("build-image")
    assert house.calls == []


# deploy-colour


def test_a_release_that_ends_by_itself_is_refused_with_its_last_words():
    house = live(PLAIN)
    house.ending.add(house.build().number)
    house.run("build-image")
    with pytest.raises(ReleaseRefused, match="ended with exit code 1") as refused:
        house.run("deploy-colour")
    assert "the last words of shop-blue" in refused.value.message
    assert house.observed()["servers"] == [[["shop-green", 1, True]]] * 2


def test_a_server_that_cannot_be_reached_keeps_the_release_from_all_of_them():
    house = live(PLAIN)
    house.build()
    house.run("build-image")
    house.unreachable.add("192.0.2.12")
    with pytest.raises(HostError, match=r"192\.0\.2\.12: no route"):
        house.run("deploy-colour")
    assert house.observed()["servers"] == [[["shop-green", 1, True]]] * 2
    assert not house.observed()["lease"]


def test_who_answers_on_the_port_of_the_new_colour_is_not_taken_for_it():
    house = live(PLAIN)
    house.build()
    house.run("build-image")
    # On the host network it publishes nothing that the engine knows of.
    house.answers["192.0.2.11", 8081] = 200
    with pytest.raises(StateError, match="answers /health healthily already"):
        house.run("deploy-colour")


def test_a_stage_of_a_lease_that_another_build_took_does_nothing_more():
    house = live(PLAIN)
    house.build()
    house.run("build-image")
    at(house, "192.0.2.11: start", house.take_the_lease_away)
    with pytest.raises(LeaseLost, match="has it"):
        house.run("deploy-colour")
    # What it had begun at that moment is the other build's to find.
    assert house.served_by() == {1}


def test_what_is_removed_to_make_room_stays_when_it_became_live_meanwhile():
    house = live(WARM, builds=2)
    house.build()
    house.run("build-image")
    at(house, "drain", lambda: flag_by_hand(house, GREEN))
    with pytest.raises(StateError, match="green became live again while it was drained"):
        house.run("deploy-colour")
    assert house.served_by() == {1}


def test_a_colour_that_becomes_live_after_the_drain_is_not_removed():
    house = live(PLAIN)
    house.build()
    house.run("build-image", "deploy-colour", "switch-nginx")
    at(house, "ask NGINX what is live", lambda: flag_by_hand(house, GREEN))
    with pytest.raises(StateError, match="green became live meanwhile, so shop-green stays"):
        house.run("cleanup")
    assert house.served_by() == {1}


def test_connections_that_stay_open_are_cut_after_the_drain_and_said():
    house = live(WARM, builds=2)
    house.connections = 3
    house.deploy()
    assert "3 connections to green were still open after 1m (cleanup.drain); they are cut now" in house.text


def test_an_address_that_nobody_knows_gets_all_of_the_drain():
    house = live(WARM, builds=2)
    house.nginx.nameless = True
    before = house.clock.now()
    house.deploy()
    assert house.clock.now() - before >= WARM.cleanup.drain
    assert "they get all of cleanup.drain" in house.text


# switch-nginx


def test_a_switch_that_cannot_be_proven_goes_back_at_once():
    house = ready(PLAIN)
    at(house, "prove that it is live", refuse(NginxError("502 from 192.0.2.12")))
    with pytest.raises(NginxError, match="502"):
        house.run("switch-nginx")
    assert house.served_by() == {1}
    assert house.observed()["journal"] == [1, [1]]
    assert "switch back" in house.text


def test_a_look_from_the_nginx_host_that_is_forbidden_is_a_warning():
    house = ready(PLAIN)
    at(house, "prove that NGINX reaches the servers", refuse(Unproven("AllowTcpForwarding no")))
    house.run("switch-nginx")
    assert "warning: AllowTcpForwarding no" in house.text
    assert house.served_by() == {2}


def test_a_server_that_lost_its_container_stops_the_switch():
    house = ready(PLAIN)
    house.world = replace(
        house.world,
        servers={**house.world.servers, "192.0.2.12": replace(house.world.servers["192.0.2.12"], containers=())},
    )
    with pytest.raises(StateError, match="does not run as blue; found nothing"):
        house.run("switch-nginx")


def test_a_first_release_that_cannot_be_proven_leaves_no_site_file():
    house = House(PLAIN)
    house.build()
    house.run("build-image", "deploy-colour")
    at(house, "prove that it is live", refuse(NginxError("404")))
    with pytest.raises(NginxError, match="404"):
        house.run("switch-nginx")
    assert house.world.nginx.site_text is None
    assert house.observed()["live"] == ""


# roll-out


def test_a_person_who_puts_a_batch_back_keeps_its_container():
    house = live(ROLLING)
    house.build()
    house.run("build-image")
    house.clock.during.append(lambda _: setattr(house, "world", replace(house.world, out=0)))
    with pytest.raises(StateError, match=r"NGINX sends requests to 192\.0\.2\.11:8080, so shop-green stays"):
        house.run("roll-out")
    assert house.served_by() == {1}


def test_connections_of_a_batch_that_stay_open_are_cut_and_said():
    house = live(ROLLING)
    house.connections = 2
    house.build()
    house.run("build-image", "roll-out")
    assert "2 connections to 192.0.2.11:8080 were still open after 1m (cleanup.drain)" in house.text


def test_an_image_that_cannot_be_removed_is_a_warning():
    house = live(PLAIN)
    house.build()
    house.run("build-image", "deploy-colour", "switch-nginx")
    at(house, "192.0.2.12: remove an image", refuse(HostError("image is in use")))
    house.run("cleanup")
    assert "192.0.2.12: warning: remove the image of 0123456789ab-1 failed: image is in use" in house.text


# rollback


def test_a_rollback_goes_to_the_version_that_a_person_names():
    house = live(PLAIN, builds=3)
    house.run("rollback", version="0123456789ab-1")
    assert house.served_by() == {1}
    assert "is no longer warm; it is started again" in house.text


def test_a_warm_release_that_is_not_healthy_any_more_is_started_again():
    house = live(WARM, builds=2)
    house.unhealthy.add(1)
    with pytest.raises(ReleaseRefused):
        house.run("rollback")
    assert "0123456789ab-1 still runs, but is not healthy" in house.text
    assert house.served_by() == {2}


def test_a_rollback_during_a_canary_ends_it_and_the_live_release_stays():
    house = ready(CANARY)
    house.run("canary set", percent=10)
    house.run("rollback")
    assert house.observed()["canary"] == 0
    assert house.observed()["servers"] == [[["shop-green", 1, True]]] * 2


def test_a_rollback_waits_for_a_build_that_deploys():
    house = live(WARM, builds=2)
    house.holds_the_lease(build=9, seconds=60)
    house.clock.sleep(1)
    with pytest.raises(LeaseHeld, match="another deployment is under way"):
        house.run("rollback", wait=10)
    house.run("rollback", wait=300)
    assert house.served_by() == {1}


def test_a_way_back_of_a_roll_out_that_fails_says_so_and_does_not_hide_why():
    house = live(ROLLING)
    house.unhealthy.add(house.build().number)
    house.run("build-image")
    house.images = {of: number for of, number in house.images.items() if number == 2}
    for name, server in house.world.servers.items():
        house.world = replace(house.world, servers={**house.world.servers, name: replace(server, images=())})
    with pytest.raises(ReleaseRefused, match="was not healthy"):
        house.run("roll-out")
    assert "rolling back failed" in house.text
    assert house.served_by() == {1}
    assert house.observed()["out"] == 1


def test_a_roll_out_whose_journal_is_damaged_goes_back_to_what_the_labels_of_containers_name():
    house = live(ROLLING)
    house.unhealthy.add(house.build().number)
    house.run("build-image")
    house.state.damage = "it has no end"
    with pytest.raises(ReleaseRefused):
        house.run("roll-out")
    assert house.served_by() == {1}
    assert house.observed()["out"] == 0


# canary


def steps(house: House) -> None:
    for step in house.pipeline.canary.steps if house.pipeline.canary else ():
        house.run("canary step", percent=step.percent)


def test_a_canary_that_does_well_keeps_its_clients_and_becomes_live():
    house = ready(CANARY)
    steps(house)
    assert house.observed()["canary"] == 50
    assert house.workspace.reports["canary-50"]["judged"]
    house.run("switch-nginx")
    assert house.served_by() == {2}
    assert house.observed()["canary"] == 0


def test_a_canary_that_does_badly_loses_its_clients_and_the_build_fails():
    house = ready(CANARY)
    house.failing.add(2)
    with pytest.raises(ReleaseRefused, match="all clients are back at the live colour"):
        steps(house)
    assert (house.observed()["canary"], house.served_by()) == (0, {1})


def test_a_step_that_nobody_can_judge_is_refused_and_its_clients_go_back():
    house = ready(CANARY)
    house.share = 0.0
    with pytest.raises(Unproven, match="no request to judge by"):
        steps(house)
    assert house.observed()["canary"] == 0


def test_a_step_that_may_wait_is_held_on_until_there_is_something_to_judge_by():
    spec = pipeline(
        "strategy: canary\ncanary: {unjudged: wait, steps: [{percent: 10, hold: 5s}]}\nguard: {requests: 5}"
    )
    house = ready(spec)
    steps(house)
    assert "so this step is held on for at most" in house.text
    assert house.observed()["canary"] == 10


def test_somebody_who_changes_a_canary_while_it_is_watched_ends_the_watch_and_keeps_what_they_made():
    house = ready(CANARY)
    house.clock.during.append(lambda now: _gate(house, 33) if now > 20 else None)
    with pytest.raises(StateError, match="somebody else changed the canary of 10 %: it has 33 %"):
        steps(house)


def _gate(house: House, percent: int) -> None:
    house.world = replace(house.world, gate=Gate(GREEN, percent))


def test_an_nginx_that_says_nothing_ends_the_watch():
    house = ready(CANARY)
    house.clock.during.append(lambda _: setattr(house.nginx, "dumb", True))
    with pytest.raises(NginxError, match="does not say which colour it serves"):
        steps(house)
    assert house.observed()["canary"] == 0


def test_a_percent_that_the_spec_does_not_have_is_refused():
    house = ready(CANARY)
    with pytest.raises(StateError, match="the spec has no step of 7 %; it has 10, 50"):
        house.run("canary step", percent=7)
    with pytest.raises(StateError, match="the spec has no canary"):
        live(PLAIN).run("canary set", percent=7)


def test_the_first_release_has_nobody_to_share_with():
    house = House(CANARY)
    house.build()
    house.run("build-image", "deploy-colour")
    steps(house)
    assert house.observed()["canary"] == 0
    house.run("switch-nginx")
    assert house.served_by() == {1}


def test_what_a_canary_shows_is_what_clients_get():
    house = ready(CANARY)
    assert look_at_canary(CANARY, house.report, house) is None
    house.run("canary set", percent=10)
    seen = look_at_canary(CANARY, house.report, house)
    assert seen is not None
    assert seen.gate == Gate(GREEN, 10)


def test_a_build_aborts_its_own_canary_and_a_person_any():
    house = ready(CANARY)
    house.run("canary set", percent=10)
    house.number = 3
    house.run("canary abort")
    assert "the canary is not of this build, so it stays" in house.text
    assert house.observed()["canary"] == 10
    house.workspace.by_hand = True
    house.run("canary abort")
    assert house.observed()["canary"] == 0
    assert house.observed()["servers"] == [[["shop-green", 1, True]]] * 2


def test_an_abort_where_nothing_was_ever_deployed_is_no_error():
    house = House(CANARY)
    house.build()
    house.run("canary abort")
    assert "nothing was ever deployed, so there is no canary" in house.text


def test_a_canary_that_began_while_another_one_was_ended_stays():
    house = ready(CANARY)
    house.run("canary set", percent=10)
    # The first connection is for the end of its clients, the second one for its containers.
    at(house, "connect", lambda: at(house, "connect", lambda: _gate(house, 20)))
    house.workspace.by_hand = True
    house.run("canary abort")
    assert "another canary has begun meanwhile, so it stays" in house.text
    assert house.observed()["canary"] == 20


def test_an_abort_while_another_build_deploys_is_an_error_for_a_person_alone():
    house = ready(CANARY)
    house.run("canary set", percent=10)
    house.holds_the_lease(build=9, seconds=600)
    house.state.lease = None
    house.clock.sleep(1)
    house.run("canary abort")
    assert "nothing is left of this build to take back" in house.text
    house.workspace.by_hand = True
    with pytest.raises(LeaseHeld):
        house.run("canary abort")


def test_a_canary_that_cannot_be_ended_says_what_ends_it():
    house = ready(CANARY)
    house.failing.add(2)
    failed = []

    def before(call: str) -> None:
        if call == "end the canary":
            failed.append(call)
            raise HostError("the NGINX host is gone")

    house.before = before
    with pytest.raises(ReleaseRefused):
        steps(house)
    assert failed
    assert "the next build ends it, or: jenkinsgen canary abort" in house.text
    house.before = lambda _: None
    house.build()
    house.run("build-image")
    assert house.observed()["canary"] == 0


# swarm


def test_a_swarm_has_the_same_deployment():
    house = live(SWARM, builds=3)
    assert house.served_by() == {3}
    assert house.observed()["servers"] == [[["shop-green", 3, True]]] * 2
    house.run("rollback")
    assert house.served_by() == {2}


def test_a_release_that_is_refused_in_a_swarm_is_gone_from_every_node():
    house = live(SWARM)
    house.unhealthy.add(house.build().number)
    house.run("build-image")
    with pytest.raises(ReleaseRefused):
        house.run("deploy-colour")
    assert house.observed()["servers"] == [[["shop-green", 1, True]]] * 2


@pytest.mark.parametrize(
    ("placed", "said"), [(False, "is still pending after 1"), (True, "is still preparing after 1")]
)
def test_a_task_that_never_runs_is_told_with_what_the_manager_says(placed: bool, said: str):
    house = live(SWARM)
    house.build()
    house.run("build-image")
    house.placed, house.stuck = placed, {"shop-blue"}
    with pytest.raises(HostError, match=said):
        house.run("deploy-colour")


def test_a_task_that_ends_is_the_releases_doing():
    house = live(SWARM)
    house.ending.add(house.build().number)
    house.run("build-image")
    house.stuck = {"shop-blue"}
    with pytest.raises(ReleaseRefused, match="the last words of shop-blue"):
        house.run("deploy-colour")


def test_an_image_that_the_registry_does_not_have_changes_nothing():
    house = live(SWARM)
    house.build()
    house.run("build-image")
    house.images.clear()
    with pytest.raises(ImageError):
        house.run("deploy-colour")
    assert house.served_by() == {1}


# several


def test_a_damaged_journal_and_a_dead_holder_are_told_and_the_build_goes_on():
    house = live(PLAIN)
    house.build()
    house.run("build-image")
    house.ended_builds.add("https://jenkins.test/job/shop/2/")
    house.state.damage = "it has no end"
    house.build()
    house.run("build-image", "deploy-colour", "switch-nginx")
    assert "the journal on the NGINX host is damaged (it has no end); it begins anew" in house.text
    assert "took the lease over from https://jenkins.test/job/shop/2/" in house.text
    assert house.served_by() == {3}


def test_a_container_of_somebody_else_is_left_alone():
    house = live(PLAIN)
    theirs = Container("their-id", "postgres", {}, True, (5432,))
    for name, server in house.world.servers.items():
        changed = replace(server, containers=(*server.containers, theirs))
        house.world = replace(house.world, servers={**house.world.servers, name: changed})
    house.deploy()
    assert all(theirs in server.containers for server in house.world.servers.values())
