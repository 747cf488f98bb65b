"""The site file: text from a spec, and back."""

from __future__ import annotations

import re

import pytest
from examples import pipeline

from jenkinsgen.nginx.canary import canary_health_path
from jenkinsgen.nginx.configuration import parse_configuration
from jenkinsgen.nginx.prefix import prefix_of
from jenkinsgen.nginx.site import (
    Serving,
    endpoint,
    flag_folder,
    health_path,
    idle_upstreams,
    read_serving,
    read_upstreams,
    render_site,
    site_path,
    upstreams_of,
    wanted_upstreams,
)
from jenkinsgen.spec.colour import Colour

GREEN, BLUE = Colour.GREEN, Colour.BLUE


def test_a_site_says_of_itself_what_was_asked_for():
    spec = pipeline()
    site = render_site(spec, upstreams_of(spec))
    assert read_upstreams(site.text) == upstreams_of(spec)
    assert site.digest in site.text
    assert read_serving(f"shop blue {site.digest}\n", "shop") == Serving(BLUE, site.digest)


@pytest.mark.parametrize(
    "changes",
    [
        "servers: [deploy@192.0.2.11]",
        "nginx: {proxy: {body_size: 10m}}",
        "nginx: {certificate: /a/b, certificate_key: /a/c}",
        "service: {health: {path: /other}}",
        "service: {ports: {green: 9080}}",
    ],
)
def test_every_change_that_nginx_sees_changes_the_digest(changes: str):
    before, after = pipeline(), pipeline(changes)
    assert render_site(before, upstreams_of(before)).digest != render_site(after, upstreams_of(after)).digest


def test_what_nginx_does_not_see_does_not_reload_it():
    before, after = pipeline(), pipeline("service: {memory: 1g, environment: {A: b}}\njob: {description: x}")
    assert render_site(before, upstreams_of(before)) == render_site(after, upstreams_of(after))


@pytest.mark.parametrize("text", ["", "server {}", "# jenkinsgen upstreams {", "# jenkinsgen upstreams []"])
def test_a_file_that_is_not_ours_has_no_upstreams(text: str):
    assert read_upstreams(text) is None


@pytest.mark.parametrize(
    "body",
    [
        "",
        "<html>404</html>",
        "shop red 0123456789abcdef",
        "cart blue 0123456789abcdef",
        "shop blue 0123",
        "xshop blue 0123456789abcdef",
    ],
)
def test_an_answer_of_somebody_else_is_none(body: str):
    assert read_serving(body, "shop") is None


def test_the_live_colour_keeps_the_servers_that_it_has():
    spec = pipeline()
    installed = {GREEN: ("192.0.2.1:8080",), BLUE: ("192.0.2.1:8081",)}
    assert wanted_upstreams(spec, installed, GREEN) == {GREEN: ("192.0.2.1:8080",), BLUE: upstreams_of(spec)[BLUE]}
    assert wanted_upstreams(spec, None, GREEN) == upstreams_of(spec)
    assert wanted_upstreams(spec, installed, None) == upstreams_of(spec)


def test_the_connections_of_the_idle_colour_lead_to_the_servers_of_old_as_well():
    spec = pipeline()
    old = {GREEN: ("192.0.2.1:8080",), BLUE: ("192.0.2.11:8081", "192.0.2.9:8081")}
    assert idle_upstreams(spec, old, GREEN) == ("192.0.2.11:8081", "192.0.2.12:8081", "192.0.2.9:8081")
    assert idle_upstreams(spec, None, BLUE) == upstreams_of(spec)[GREEN]
    assert idle_upstreams(spec, old, None) == ()


def test_ipv6_stands_in_brackets():
    assert endpoint("2001:db8::11", 8080) == "[2001:db8::11]:8080"
    spec = pipeline("servers: ['deploy@[2001:db8::11]']")
    assert "server [2001:db8::11]:8080;" in render_site(spec, upstreams_of(spec)).text


def test_places_on_the_nginx_host():
    assert flag_folder(pipeline()) == "/var/lib/jenkinsgen/shop"
    assert site_path(pipeline()) == "/etc/nginx/conf.d/jenkinsgen-shop.conf"
    assert site_path(pipeline("nginx: {site: /etc/nginx/sites-enabled/x}")) == "/etc/nginx/sites-enabled/x"


LONGEST_NAME = "shop-of-the-team-that-has-long-names-too"
STRATEGIES = {
    "blue-green": "bake: 10m",
    "rolling": "strategy: rolling",
    "canary": """
strategy: canary
canary:
  steps: [{percent: 5, hold: 5m}]
  sticky: cookie
  cookie: client
  override: {header: X-Canary, cookie: canary}
""",
}


@pytest.mark.parametrize("strategy", STRATEGIES)
@pytest.mark.parametrize("name", ["shop", "http", "sent-http", LONGEST_NAME])
def test_nginx_takes_every_name_of_a_service(name: str, strategy: str):
    """By its default of variables_hash_bucket_size, 64, a variable has 46 characters at most, and some are its own."""
    guard = "guard: {}" if strategy != "rolling" else ""
    spec = pipeline(f"service: {{name: {name}}}\n{guard}\n{STRATEGIES[strategy]}")
    text = render_site(spec, upstreams_of(spec)).text
    made = set(re.findall(r"^ *(?:set|map \S+|split_clients \"[^\"]*\") \$(\w+)", text, re.MULTILINE))
    assert made
    assert max(map(len, made)) <= 46
    assert not made & {"http_cookie", "http_host", "sent_http_connection"}


def test_names_that_are_cut_stay_different():
    assert prefix_of(LONGEST_NAME) != prefix_of(f"{LONGEST_NAME[:-1]}a")
    assert prefix_of("shop-api") == "shop_api"


@pytest.mark.parametrize("strategy", STRATEGIES)
def test_what_nginx_says_for_all_sites_does_not_answer_in_place_of_a_colour(strategy: str):
    """`auth_basic`, `deny` and `proxy_cache` of http {} are inherited, and no server could ever be proven."""
    guard = "guard: {}" if strategy != "rolling" else ""
    spec = pipeline(f"{guard}\n{STRATEGIES[strategy]}")
    asked = {health_path(spec), *([canary_health_path(spec)] if strategy == "canary" else [])}
    found: dict[str, set[tuple[str, ...]]] = {path: set() for path in asked}
    for directive in parse_configuration(render_site(spec, upstreams_of(spec)).text):
        for path in asked:
            if directive.inside and directive.inside[-1] == ("location", "=", path):
                found[path].add(directive.words)
    for words in found.values():
        assert {("auth_basic", "off"), ("allow", "all"), ("proxy_cache", "off")} <= words
