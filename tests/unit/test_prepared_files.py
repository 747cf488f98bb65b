"""Mode reload: what two prepared files prove of a switch between them. NGINX's answers do not tell them apart."""

from __future__ import annotations

from types import SimpleNamespace
from typing import TYPE_CHECKING, Any

import pytest
from examples import RELOAD, nginx_state, pipeline, release, servers, world
from examples import container as example

from jenkinsgen.deploy.health import Answer
from jenkinsgen.deploy.plan.build import check_nginx_ready
from jenkinsgen.deploy.plan.switch import plan_switch
from jenkinsgen.deploy.steps import NGINX, InstallSite, ProveLive, ProveReachable
from jenkinsgen.edge.nginx.asking import Asking
from jenkinsgen.edge.ssh.command import Completed
from jenkinsgen.errors import Unproven
from jenkinsgen.nginx.configuration import loaded_files, parse_configuration
from jenkinsgen.nginx.prepared import Loaded, doubt_by_answer, doubts_about
from jenkinsgen.nginx.site import Asked, way_to_ask_prepared
from jenkinsgen.spec.colour import Colour

if TYPE_CHECKING:
    from jenkinsgen.spec.pipeline import Pipeline

GREEN, BLUE = Colour.GREEN, Colour.BLUE
SPEC = pipeline(RELOAD)
READY = servers(example(GREEN), example(BLUE))
FILE = """
upstream shop_COLOUR {
    server 192.0.2.11:PORT;   # PORT
    server 192.0.2.12:PORT;
}
server {
    listen 80;
    server_name shop.example.com;
    root /srv/static;
    location /api/ { proxy_pass http://shop_COLOUR; }
}
"""


def of(colour: Colour, text: str = FILE) -> str:
    return text.replace("PORT", str(SPEC.service.ports.of(colour))).replace("COLOUR", str(colour))


def doubts(
    *,
    green: str | None = None,
    blue: str | None = None,
    others: dict[str, str] | None = None,
    unknown: str = "",
    names: dict[str, str] | None = None,
    spec: Pipeline = SPEC,
) -> tuple[str, ...]:
    """About a pair whose green file is live."""
    texts = {GREEN: green or of(GREEN), BLUE: blue or of(BLUE)}
    known = names or {}

    def resolved(endpoint: str) -> frozenset[str]:
        return frozenset({known.get(endpoint, endpoint)})

    loaded = Loaded({"/etc/nginx/live": texts[GREEN], **(others or {})}, unknown)
    return doubts_about(spec, texts, loaded, resolved, GREEN)


def test_two_files_that_differ_by_the_port_and_the_name_of_their_colour_prove_a_switch():
    assert doubts() == ()


def test_one_location_that_leads_to_a_wrong_port_is_found_before_anything_moves():
    """The static application at `/` answers the health path with 200 whatever `/api/` does."""
    wrong = of(BLUE).replace("proxy_pass http://shop_blue", "proxy_pass http://192.0.2.11:8082")

    (doubt,) = doubts(blue=wrong)

    assert (
        "/etc/nginx/g:10 `proxy_pass http://shop_green` and /etc/nginx/b:10 `proxy_pass http://192.0.2.11:8082`"
        in doubt
    )


@pytest.mark.parametrize(
    ("find", "instead", "said"),
    [
        ("server 192.0.2.12:8081;", "server 192.0.2.12:8080;", "/etc/nginx/b does not name 192.0.2.12:8081"),
        ("server 192.0.2.12:8081;", "server 192.0.2.12:8081 down;", "/etc/nginx/b does not name 192.0.2.12:8081"),
        ("server 192.0.2.12:8081;", "server 192.0.2.13:8081;", "names 192.0.2.13:8081, which is none of `servers`"),
        ("root /srv/static;", "", "differ by more than their colour's port"),
        ("root /srv/static;", "root /srv/static; include api.blue;", "differ by more than their colour's port"),
        ("listen 80;", "listen 80", "cannot be compared: it ends"),
    ],
)
def test_what_would_not_move_with_the_switch_is_a_doubt(find: str, instead: str, said: str):
    broken = of(BLUE).replace(find, instead)
    broken = broken[:-3] if instead == "listen 80" else broken

    assert any(said in doubt for doubt in doubts(blue=broken))


def test_files_that_include_one_another_of_their_colour_prove_nothing():
    """What is in an included file is not compared."""
    including = "include /etc/nginx/COLOUR.inc; " + FILE

    assert any("include" in doubt for doubt in doubts(green=of(GREEN, including), blue=of(BLUE, including)))


def test_a_prepared_file_that_names_no_server_proves_nothing():
    """As where the upstreams of both colours are in another file."""
    choosing = "server { location / { proxy_pass http://shop_COLOUR; } }"

    found = doubts(green=of(GREEN, choosing), blue=of(BLUE, choosing))

    assert len([doubt for doubt in found if "does not name" in doubt]) == 4


def test_another_file_that_leads_to_a_colour_is_a_doubt():
    """It would not move with the switch, and its requests would end with the old colour."""
    other = "server { server_name admin.example.com; location / { proxy_pass http://app1.internal:8080/admin; } }"

    (doubt,) = doubts(others={"/etc/nginx/conf.d/admin.conf": other}, names={"app1.internal:8080": "192.0.2.11:8080"})

    assert "/etc/nginx/conf.d/admin.conf:1 `proxy_pass http://app1.internal:8080/admin` leads to green" in doubt
    assert doubts(others={"/etc/nginx/conf.d/admin.conf": other}) == ()


def test_a_site_that_nginx_does_not_include_is_a_doubt():
    loaded = Loaded({"/etc/nginx/nginx.conf": "events {}"})

    (doubt,) = doubts_about(SPEC, {GREEN: of(GREEN), BLUE: of(BLUE)}, loaded, lambda each: frozenset({each}), GREEN)

    assert "does not include /etc/nginx/live" in doubt
    # Before the first switch there is no such file.
    assert doubts_about(SPEC, {GREEN: of(GREEN), BLUE: of(BLUE)}, loaded, lambda each: frozenset({each}), None) == ()


def test_that_nobody_knows_what_nginx_reads_is_a_doubt_of_its_own():
    assert "is not known" in doubts(unknown="unknown directive")[0]


@pytest.mark.parametrize(
    ("answer", "said"),
    [
        (Answer(200), ""),
        (Answer(403), "allow 127.0.0.1"),
        (Answer(404), "with 404 and not with 200"),
        (Answer(301, location="https://shop.example.com/health"), "asked on 443"),
        # The live release is ill: the next one is there to help.
        (Answer(503), ""),
        (Answer(None, error="timed out after 5 s"), ""),
        (Answer(None, error="connection refused"), "does not listen where it was asked"),
    ],
)
def test_what_nginx_hides_before_the_switch_it_will_hide_from_the_proof(answer: Answer, said: str):
    found = doubt_by_answer(SPEC, answer)

    assert said in found
    assert bool(said) is bool(found)


def test_doubts_stop_a_build_before_it_builds_and_a_switch_before_it_moves_anything():
    doubtful = nginx_state(GREEN, doubts=("/etc/nginx/b does not name 192.0.2.12:8081",))

    for refused in (
        lambda: check_nginx_ready(SPEC, doubtful),
        lambda: plan_switch(SPEC, release(), world(GREEN, READY, nginx=doubtful, prepared={BLUE: ""})),
    ):
        with pytest.raises(Unproven, match=r"could not be proven.*\n  - /etc/nginx/b does not name") as caught:
            refused()
        assert "nginx.unproven: accept" in str(caught.value)


def test_doubts_that_are_accepted_are_said():
    spec = pipeline(RELOAD.replace("mode: reload", "mode: reload, unproven: accept"))
    doubtful = nginx_state(GREEN, doubts=("somebody hides it",))

    check_nginx_ready(spec, doubtful)
    plan = plan_switch(spec, release(), world(GREEN, READY, nginx=doubtful, prepared={BLUE: ""}))

    assert plan.note == "warning: not proven:\n  - somebody hides it"
    assert all(
        each.lenient
        for phase in plan.phases
        for each in phase.steps[NGINX]
        if isinstance(each, (ProveLive, ProveReachable))
    )


def test_doubts_never_stop_the_way_back():
    doubtful = nginx_state(GREEN, doubts=("somebody edited it",))

    plan = plan_switch(SPEC, release(), world(GREEN, READY, nginx=doubtful, prepared={BLUE: ""}), back=True)

    assert "somebody edited it" in plan.note


def test_the_nginx_host_reaches_every_server_before_the_reload():
    """A firewall may let the agent through and not NGINX."""
    plan = plan_switch(SPEC, release(), world(GREEN, READY, nginx=nginx_state(GREEN), prepared={BLUE: "blue's"}))

    reach, switch = plan.phases
    assert reach.steps[NGINX] == (ProveReachable(BLUE, ("192.0.2.11:8081", "192.0.2.12:8081"), lenient=False),)
    assert not reach.changes
    assert isinstance(switch.steps[NGINX][0], InstallSite)


@pytest.mark.parametrize("text", ["server {", "a b", "}", "a; ; b;", "'x", 'a "b'])
def test_what_is_no_configuration_is_said_to_be_none(text: str):
    with pytest.raises(ValueError, match=r"line|middle"):
        parse_configuration(text)


def test_quotes_comments_and_braces_in_words_are_read_as_nginx_reads_them():
    text = 'location ~ "^/a{2}" { # }\n  set $x "a;b"; proxy_pass http://${name}:8081/$1; return 200 \'it\\\'s\'; }'

    found = parse_configuration(text)

    assert [each.words for each in found] == [
        ("location", "~", "^/a{2}"),
        ("set", "$x", "a;b"),
        ("proxy_pass", "http://${name}:8081/$1"),
        ("return", "200", "it\\'s"),
    ]
    assert found[1].inside == (("location", "~", "^/a{2}"),)
    assert found[1].line == 2


def test_a_directive_in_a_message_is_short_and_does_nothing_to_a_terminal():
    (directive,) = parse_configuration(f"proxy_pass http://192.0.2.11:8080/\x1b[2J{'x' * 999};")

    assert "\x1b" not in str(directive)
    assert len(str(directive)) < 130


def test_what_nginx_prints_of_its_configuration_is_read_by_file():
    dump = "# configuration file /etc/nginx/nginx.conf:\nevents {}\n\n# configuration file /etc/nginx/x.conf:\na;\n"

    assert loaded_files(dump) == {"/etc/nginx/nginx.conf": "events {}\n\n", "/etc/nginx/x.conf": "a;\n"}


@pytest.mark.parametrize(
    ("listen", "asked"),
    [
        ("listen 80;", Asked("shop.example.com", 80, tls=False)),
        ("listen 80; listen 443 ssl;", Asked("shop.example.com", 80, tls=False)),
        # Behind a load balancer, or of a control panel: nothing at 127.0.0.1:80 is this site.
        ("listen 8080;", Asked("shop.example.com", 8080, tls=False)),
        ("listen 192.0.2.10:80;", Asked("shop.example.com", 80, tls=False, address="192.0.2.10")),
        ("listen 192.0.2.10:443 ssl;", Asked("shop.example.com", 443, tls=True, address="192.0.2.10")),
        # These cannot be asked as a client does: by the spec, as ever.
        ("listen 8080 proxy_protocol;", Asked("shop.example.com", 80, tls=False)),
        ("listen unix:/run/shop.sock;", Asked("shop.example.com", 80, tls=False)),
    ],
)
def test_a_teams_own_site_is_asked_where_it_listens(listen: str, asked: Asked):
    text = (
        f"server {{ listen 9000; server_name www.example.com; }}\nserver {{ {listen} server_name Shop.example.com; }}"
    )
    host: Any = SimpleNamespace(run=lambda _argv: Completed(0, text, ""))
    assert Asking(host, SPEC).way() == asked
    assert way_to_ask_prepared(SPEC, "not a { file").port == 80
