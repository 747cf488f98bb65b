"""A site file that certbot or a person edited: provable, shown, never overwritten, and in nobody's way back."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Any

import pytest
from examples import RELOAD, container, nginx_state, pipeline, release, servers, world

from jenkinsgen.deploy.drift import drift
from jenkinsgen.deploy.plan.build import check_nginx_ready
from jenkinsgen.deploy.plan.site import check_unedited, checksum, site_change
from jenkinsgen.deploy.plan.switch import plan_switch
from jenkinsgen.deploy.state.journal import Journal
from jenkinsgen.deploy.steps import NGINX, InstallSite, ProveLive, ProveReachable, RemoveSite, SetFlag
from jenkinsgen.doctor import nginx as doctor
from jenkinsgen.doctor.check import Verdict
from jenkinsgen.errors import StateError
from jenkinsgen.nginx.mark import is_as_written, owner_of
from jenkinsgen.nginx.site import Asked, Serving, render_site, upstreams_of, ways_to_ask
from jenkinsgen.spec.colour import Colour

if TYPE_CHECKING:
    from pathlib import Path

    from jenkinsgen.nginx.state import NginxState

GREEN, BLUE = Colour.GREEN, Colour.BLUE
READY = servers(container(GREEN, number=6), container(BLUE))
MORE = "servers: [deploy@192.0.2.11, deploy@192.0.2.12, deploy@192.0.2.13]"


def written(changes: str = "") -> str:
    spec = pipeline(changes)
    return render_site(spec, upstreams_of(spec)).text


@pytest.fixture(params=["certbot-redirect", "certbot-no-redirect"])
def certbot(request: pytest.FixtureRequest, root: Path) -> str:
    """What certbot 5.8 made of the file, with `install --nginx --redirect` or `--no-redirect`."""
    return (root / "tests" / "data" / "nginx" / f"{request.param}.conf").read_text()


def state(text: str, **changes: Any) -> NginxState:
    return nginx_state(GREEN, site_text=text, **changes)


@pytest.mark.parametrize(
    "changes",
    [
        "",
        "strategy: canary\ncanary: {steps: [{percent: 5, hold: 1m}]}\nguard: {}\nbake: 1m",
        "strategy: rolling",
        "nginx: {certificate: /a/b, certificate_key: /a/c}",
    ],
)
def test_a_file_proves_that_nobody_edited_it(changes: str):
    text = written(changes)
    assert owner_of(text) == "shop"
    assert is_as_written(text)
    for edited in (text + "\n", text.replace("listen", "listen  ", 1), text.replace("192.0.2.11", "192.0.2.13", 1)):
        assert not is_as_written(edited)


def test_what_certbot_made_of_it_is_an_edit(certbot: str):
    assert owner_of(certbot) == "shop"
    assert state(certbot).edited
    # Even where our mark is gone, NGINX answers by that file.
    assert state(certbot.replace("# Made by jenkinsgen", "#")).edited
    assert not state(written()).edited
    assert not nginx_state(None, site_text="server {}").edited


def test_nginx_is_asked_where_certbot_has_moved_it(root: Path):
    data = root / "tests" / "data" / "nginx"
    plain, moved = ((data / f"certbot-{name}.conf").read_text() for name in ("no-redirect", "redirect"))
    on_80, on_443 = Asked("shop.example.com", 80, tls=False), Asked("shop.example.com", 443, tls=True)
    # A person may answer 301 on one of the two, in the same block.
    assert ways_to_ask(pipeline(), plain) == (on_80, on_443)
    # Port 80 is another server block by then, which answers 301.
    assert ways_to_ask(pipeline(), moved) == (on_443,)


@pytest.mark.parametrize(
    ("edit", "asked"),
    [
        (("listen 80;", "listen [::]:80; listen 8080;"), Asked("shop.example.com", 8080, tls=False)),
        (("listen 80;", "listen 127.0.0.1:81;"), Asked("shop.example.com", 81, tls=False)),
        (("listen 80;", ""), Asked("shop.example.com", 80, tls=False)),
        (("server_name shop.example.com", "server_name ~^x *.example.org"), Asked("jenkinsgen.example.org", 80, False)),
        (("server {", "server {"), Asked("shop.example.com", 80, tls=False)),
    ],
)
def test_nginx_is_asked_as_a_person_has_changed_it(edit: tuple[str, str], asked: Asked):
    assert ways_to_ask(pipeline(), written().replace(*edit)) == (asked,)


def test_a_build_stops_before_it_begins_and_shows_the_edit(certbot: str):
    check_unedited(pipeline(), state(written()))
    with pytest.raises(StateError, match="was edited by hand") as refused:
        check_unedited(pipeline(), state(certbot))
    assert "+    listen 443 ssl; # managed by Certbot" in refused.value.message
    assert "jenkinsgen nginx setup SPEC --take-back | ssh root@192.0.2.10 sh" in (refused.value.hint or "")
    # Any host.
    with pytest.raises(StateError, match="was edited by hand"):
        check_unedited(
            pipeline("nginx: {others: [deploy@192.0.2.9]}"),
            replace(state(written()), others={"the NGINX 192.0.2.9": state(certbot)}),
        )


def test_what_is_shown_of_an_edit_is_bounded_and_no_command_for_a_terminal():
    text = written() + "\x1b[2J" + "x" * 1000 + "\n" + "more;\n" * 1000
    with pytest.raises(StateError) as refused:
        check_unedited(pipeline(), state(text))
    lines = refused.value.message.splitlines()
    assert "\x1b" not in refused.value.message
    assert len(lines) < 50
    assert max(map(len, lines[1:])) < 200


def test_a_rollback_needs_the_flag_alone(certbot: str):
    check_nginx_ready(pipeline(), state(certbot))
    plan = plan_switch(pipeline(), release(), world(GREEN, READY, nginx=state(certbot)))
    steps = [step for phase in plan.phases for step in phase.steps[NGINX]]
    assert [type(step) for step in steps] == [ProveReachable, SetFlag, ProveLive]
    assert "was edited by hand, and stays as it is" in plan.note
    assert [phase.steps for phase in plan.undo] == [{NGINX: (SetFlag(GREEN),)}]


def test_an_edited_file_is_not_overwritten_where_it_would_have_to_be(certbot: str):
    with pytest.raises(StateError, match="does not have the servers that the spec has for blue"):
        site_change(pipeline(MORE), BLUE, state(certbot))
    rolling = pipeline("strategy: rolling\nrolling: {batch: 1}")
    with pytest.raises(StateError, match="was edited by hand"):
        site_change(rolling, GREEN, state(certbot))


def test_status_and_doctor_show_it(certbot: str):
    spec, found = pipeline(), state(certbot)
    (difference,) = [each for each in drift(spec, found, {}, {}, Journal()) if each.what.endswith(".conf")]
    assert "edited by hand" in difference.found
    check = doctor.judge_site("192.0.2.10", spec, found, "shop.yaml")
    assert check.verdict is Verdict.FAILED
    assert "edited by hand" in check.found


def test_what_is_installed_says_what_it_takes_the_place_of():
    old = written("nginx: {proxy: {body_size: 5m}}")
    plan = plan_switch(pipeline(), release(), world(GREEN, READY, nginx=state(old)))
    (install,) = (s for phase in plan.phases for s in phase.steps[NGINX] if isinstance(s, InstallSite))
    (back,) = (s for phase in plan.undo for s in phase.steps[NGINX] if isinstance(s, InstallSite))
    assert (install.seen, back.seen) == (checksum(old), checksum(install.text))
    first = plan_switch(pipeline(), release(GREEN), world(None, servers(container(GREEN))))
    (install,) = (s for phase in first.phases for s in phase.steps[NGINX] if isinstance(s, InstallSite))
    (gone,) = (s for phase in first.undo for s in phase.steps[NGINX])
    assert install.seen == "-"
    assert gone == RemoveSite(install.path, checksum(install.text))


def test_in_mode_reload_only_what_was_seen_is_replaced():
    files = {GREEN: "server { # green\n}", BLUE: "server { # blue\n}"}
    nginx = nginx_state(GREEN, site_text=files[GREEN], serving=None)
    plan = plan_switch(pipeline(RELOAD), release(), world(GREEN, READY, nginx=nginx, prepared=files))
    install = plan.phases[-1].steps[NGINX][0]
    (back,) = plan.undo[0].steps[NGINX]
    assert isinstance(install, InstallSite)
    assert isinstance(back, InstallSite)
    assert (install.seen, back.seen) == (checksum(files[GREEN]), checksum(files[BLUE]))
    assert not nginx.edited


def test_the_answer_of_an_edited_file_is_still_the_services():
    assert state(written() + "#\n", serving=Serving(BLUE, "0" * 16)).edited
