"""A container in the way may be what serves now: nobody is told to stop what gets the traffic."""

from __future__ import annotations

import re
from dataclasses import replace
from ipaddress import ip_address

import pytest
from examples import RELOAD, container, nginx_state, pipeline, release, servers, world

from jenkinsgen.deploy.observed import SERVICE, Container
from jenkinsgen.deploy.plan.deploy import plan_deploy
from jenkinsgen.deploy.strangers import Leading, doors_of
from jenkinsgen.errors import StateError
from jenkinsgen.nginx.prepared import Loaded, leading_to
from jenkinsgen.spec.colour import Colour

GREEN = Colour.GREEN
SEEDS_OWN = Container("x", "momo-app-8080", {}, running=True, host_ports=(8080,))
DOORS = ("192.0.2.11:8080", "192.0.2.12:8080")
SITE = "/etc/nginx/sites-enabled/momo.conf:2 `server 192.0.2.11:8080`"


def refused(found: Container, leading: dict[str, Leading], changes: str = "") -> StateError:
    spec = pipeline(changes)
    there = replace(world(None, servers(found), nginx=nginx_state(None)), leading=leading)
    with pytest.raises(StateError) as caught:
        plan_deploy(spec, release(GREEN), there)
    return caught.value


def test_a_container_that_nginx_sends_requests_to_is_said_to_be_live():
    error = refused(SEEDS_OWN, {DOORS[0]: Leading((SITE,), 3)})

    assert error.message == (
        "192.0.2.11: port 8080 is taken by the container momo-app-8080, which gets requests: "
        f"{SITE}; 3 open connections of the NGINX host"
    )
    assert error.hint == (
        "leave it running: it serves. To deploy beside it, choose other ports in service.ports; it can go when nothing "
        "leads there"
    )
    assert "with prepared files for them" in str(refused(SEEDS_OWN, {DOORS[0]: Leading((SITE,))}, RELOAD))


@pytest.mark.parametrize(
    ("leading", "said"),
    [
        ({}, "whether it gets requests is not known, so it may be what serves now"),
        ({DOORS[0]: Leading(unknown="a password is required")}, r"is not known \(a password is required\)"),
        ({DOORS[0]: Leading()}, "no configuration and no connection of the NGINX host leads there now, but others may"),
    ],
)
def test_what_is_not_known_of_a_container_is_not_guessed(leading: dict[str, Leading], said: str):
    error = refused(SEEDS_OWN, leading)

    assert error.message == "192.0.2.11: port 8080 is taken by the container momo-app-8080"
    assert error.hint is not None
    assert re.search(said, error.hint)
    assert "stop that container" not in error.hint


def test_our_own_container_under_another_name_of_nginx_is_not_one_to_remove():
    """Whoever writes the NGINX host in another way has the live containers as strangers."""
    renamed = container(GREEN)
    renamed = replace(renamed, labels={**renamed.labels, SERVICE: "shop@nginx.example.com"})

    error = refused(renamed, {DOORS[0]: Leading(connections=1)})
    assert "which gets requests: 1 open connection of the NGINX host" in error.message
    assert "docker rm" not in str(error)

    error = refused(replace(renamed, running=False), {})
    assert "It was made for shop@nginx.example.com, and this spec is shop@192.0.2.10" in str(error)
    assert "docker rm" not in str(error)


def test_only_what_stands_in_the_way_is_asked_about():
    spec = pipeline()
    others = Container("y", "grafana", {}, running=True, host_ports=(3000,))
    state = servers(container(GREEN), others)["192.0.2.11"]

    assert list(doors_of(spec.servers[0], state, spec)) == []
    state = servers(SEEDS_OWN, others)["192.0.2.11"]
    assert list(doors_of(spec.servers[0], state, spec)) == ["192.0.2.11:8080"]


def test_what_leads_to_a_container_is_found_in_nginxs_configuration_by_name_and_by_address():
    files = {
        "/etc/nginx/a.conf": "upstream a { server app1.internal:8080; server 192.0.2.12:8080; }",
        "/etc/nginx/b.conf": "server { listen 8080; location / { proxy_pass http://192.0.2.11:80801; } }",
        "/etc/nginx/c.conf": "this is { no configuration",
    }
    names = {"app1.internal": "192.0.2.11"}

    def resolved(endpoint: str) -> frozenset[tuple[object, int]]:
        name, _, port = endpoint.rpartition(":")
        return frozenset({(ip_address(names.get(name, name)), int(port))})

    door = frozenset({(ip_address("192.0.2.11"), 8080)})
    assert leading_to(Loaded(files), door, resolved) == ("/etc/nginx/a.conf:1 `server app1.internal:8080`",)  # type: ignore[arg-type]
