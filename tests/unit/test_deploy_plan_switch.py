"""switch-nginx: one switch, proven, and a way back."""

from __future__ import annotations

import pytest
from examples import RELOAD, container, nginx_state, pipeline, release, servers, world

from jenkinsgen.deploy.plan.site import checksum
from jenkinsgen.deploy.plan.switch import plan_switch
from jenkinsgen.deploy.steps import NGINX, InstallSite, Plan, ProveLive, ProveReachable, RemoveSite, SetFlag, Step
from jenkinsgen.errors import StateError
from jenkinsgen.nginx.site import read_upstreams
from jenkinsgen.spec.colour import Colour

GREEN, BLUE = Colour.GREEN, Colour.BLUE
READY = servers(container(GREEN, number=6), container(BLUE))
UPSTREAMS = "192.0.2.11:8081", "192.0.2.12:8081"
REACH, PROVE = ProveReachable(BLUE, UPSTREAMS, lenient=True), ProveLive(BLUE, UPSTREAMS)


def steps_of(plan: Plan) -> tuple[Step, ...]:
    return tuple(step for phase in plan.phases for step in phase.steps[NGINX])


def test_the_usual_switch_is_one_flag_its_proof_and_the_way_back():
    plan = plan_switch(pipeline(), release(), world(GREEN, READY))
    assert steps_of(plan) == (REACH, SetFlag(BLUE), PROVE)
    # A colour that NGINX cannot reach gets no request, and there is nothing to take back.
    assert not plan.phases[0].changes
    assert [phase.steps for phase in plan.undo] == [{NGINX: (SetFlag(GREEN),)}]


def test_a_release_that_is_live_is_only_proven():
    plan = plan_switch(pipeline(), release(), world(BLUE, READY))
    assert steps_of(plan) == (PROVE,)
    assert plan.undo == ()


def test_the_first_switch_installs_the_site_with_the_release_live():
    green = release(GREEN, number=6)
    plan = plan_switch(pipeline(), green, world(None, READY))
    reach, first, *rest = steps_of(plan)
    assert isinstance(reach, ProveReachable)
    assert isinstance(first, InstallSite)
    gone = RemoveSite("/etc/nginx/conf.d/jenkinsgen-shop.conf", checksum(first.text))
    assert [phase.steps[NGINX] for phase in plan.undo] == [(gone,)]
    assert (first.path, first.colour) == ("/etc/nginx/conf.d/jenkinsgen-shop.conf", GREEN)
    assert isinstance(rest[-1], ProveLive)


def test_a_server_more_reloads_before_the_switch_and_gives_the_live_colour_none_that_it_does_not_run_on():
    more = pipeline("servers: [deploy@192.0.2.11, deploy@192.0.2.12, deploy@192.0.2.13]")
    found = {**READY, "192.0.2.13": servers(container(BLUE))["192.0.2.11"]}
    before = nginx_state(GREEN)
    plan = plan_switch(more, release(), world(GREEN, found, nginx=before))
    reach, install, switch, prove = steps_of(plan)
    assert isinstance(reach, ProveReachable)
    assert len(reach.upstreams) == 3
    assert isinstance(install, InstallSite)
    assert install.colour is GREEN
    assert read_upstreams(install.text) == {
        GREEN: ("192.0.2.11:8080", "192.0.2.12:8080"),
        BLUE: ("192.0.2.11:8081", "192.0.2.12:8081", "192.0.2.13:8081"),
    }
    assert switch == SetFlag(BLUE)
    assert isinstance(prove, ProveLive)
    assert len(prove.upstreams) == 3
    flag_back, site_back = (step for phase in plan.undo for step in phase.steps[NGINX])
    assert flag_back == SetFlag(GREEN)
    assert isinstance(site_back, InstallSite)
    assert (site_back.text, site_back.colour) == (before.site_text, GREEN)


def test_a_server_more_without_root_is_refused_and_says_who_can():
    more = pipeline("servers: [deploy@192.0.2.11, deploy@192.0.2.12, deploy@192.0.2.13]")
    found = {**READY, "192.0.2.13": servers(container(BLUE))["192.0.2.11"]}
    with pytest.raises(StateError, match="may not change that file") as caught:
        plan_switch(more, release(), world(GREEN, found, nginx=nginx_state(GREEN, root="no")))
    assert "jenkinsgen nginx setup" in str(caught.value.hint)


@pytest.mark.parametrize(
    ("found", "said"),
    [
        (servers(container(GREEN, number=6)), "found nothing"),
        (servers(container(BLUE, number=5)), r"found 0123456789ab-5 \(running\)"),
        (servers(container(BLUE, running=False)), r"found 0123456789ab-7 \(stopped\)"),
    ],
)
def test_a_release_that_does_not_run_everywhere_is_refused(found: dict, said: str):
    one_wrong = {"192.0.2.11": READY["192.0.2.11"], "192.0.2.12": found["192.0.2.12"]}
    with pytest.raises(StateError, match=rf"192\.0\.2\.12: 0123456789ab-7 does not run as blue; {said}"):
        plan_switch(pipeline(), release(), world(GREEN, one_wrong))


def test_mode_reload_installs_the_teams_file_and_puts_the_old_one_back():
    files = {GREEN: "server { # green\n}\n", BLUE: "server { # blue\n}\n"}
    nginx = nginx_state(GREEN, site_text=files[GREEN], serving=None)
    plan = plan_switch(pipeline(RELOAD), release(), world(GREEN, READY, nginx=nginx, prepared=files))
    _, install, prove = steps_of(plan)
    assert isinstance(install, InstallSite)
    assert (install.path, install.text, install.digest) == ("/etc/nginx/live", files[BLUE], None)
    assert isinstance(prove, ProveLive)
    ((back,),) = (phase.steps[NGINX] for phase in plan.undo)
    assert isinstance(back, InstallSite)
    assert back.text == files[GREEN]
