"""Examples for the tests of pure code: a spec, what was observed, a release."""

from __future__ import annotations

from ipaddress import ip_address
from typing import Any

import yaml

from jenkinsgen.deploy.observed import COLOUR, DIGEST, SERVICE, VERSION, Container, ServerState, StoredImage
from jenkinsgen.deploy.release import Release
from jenkinsgen.deploy.state.journal import Journal
from jenkinsgen.deploy.world import World
from jenkinsgen.nginx.site import Serving, render_site, upstreams_of
from jenkinsgen.nginx.state import NginxState
from jenkinsgen.spec.colour import Colour
from jenkinsgen.spec.pipeline import Pipeline

MINIMAL = """
job: {name: shop}
source: {repository: https://git.example.com/shop.git}
image: {repository: registry.example.com/shop}
service:
  name: shop
  ports: {green: 8080, blue: 8081}
  container_port: 80
  health: {path: /health}
servers: [deploy@192.0.2.11, deploy@192.0.2.12]
nginx: {host: deploy@192.0.2.10, server_name: shop.example.com}
"""
IDLE = ((ip_address("192.0.2.11"), 8080),)
RELOAD = """
nginx: {mode: reload, site: /etc/nginx/live, prepared: {green: /etc/nginx/g, blue: /etc/nginx/b}}
"""


def pipeline(changes: str = "") -> Pipeline:
    """The minimal spec, with the YAML of `changes` laid over it."""
    return Pipeline.model_validate(laid_over(yaml.safe_load(MINIMAL), yaml.safe_load(changes) or {}))


def laid_over(base: dict[str, Any], own: dict[str, Any]) -> dict[str, Any]:
    both = {key: laid_over(base[key], own[key]) for key in own if isinstance(own[key], dict) and key in base}
    return {**base, **own, **both}


def release(colour: Colour = Colour.BLUE, *, number: int = 7, service: str = "shop") -> Release:
    return Release(
        service=service,
        colour=colour,
        version=f"0123456789ab-{number}",
        repository=f"registry.example.com/shop-{colour}",
        digest="sha256:" + "d" * 64,
        git_sha="0123456789abcdef0123456789abcdef01234567",
        build_number=number,
        build_url=f"https://jenkins.example.com/job/shop/{number}/",
    )


def container(colour: Colour, *, number: int = 7, running: bool = True) -> Container:
    """One of ours."""
    return Container(
        id=f"id-{colour}-{number}",
        name=f"shop-{colour}",
        labels={
            SERVICE: "shop@192.0.2.10",
            COLOUR: str(colour),
            VERSION: f"0123456789ab-{number}",
            DIGEST: release(colour).digest,
        },
        running=running,
        host_ports=(8080 if colour is Colour.GREEN else 8081,),
    )


def servers(*containers: Container, images: tuple[StoredImage, ...] = ()) -> dict[str, ServerState]:
    """Two servers with the same containers."""
    return {name: ServerState(name, containers, images) for name in ("192.0.2.11", "192.0.2.12")}


def nginx_state(live: Colour | None, spec: Pipeline | None = None, **changes: Any) -> NginxState:
    """NGINX with the site file that belongs to the spec, when something is live."""
    site = render_site(spec or pipeline(), upstreams_of(spec or pipeline()))
    facts: dict[str, Any] = {
        "live": live,
        "site_text": site.text if live else None,
        "version": "1.22.1",
        "user": "deploy",
        "root": "sudo",
        "flags": "writable",
        "serving": Serving(live, site.digest) if live else None,
    }
    return NginxState(**{**facts, **changes})


def world(
    live: Colour | None,
    found: dict[str, ServerState],
    journal: Journal | None = None,
    *,
    nginx: NginxState | None = None,
    prepared: dict[Colour, str] | None = None,
) -> World:
    """What a stage found."""
    return World(
        nginx=nginx or nginx_state(live),
        servers=found,
        idle=IDLE if live else (),
        prepared=prepared or {},
        journal=journal or Journal(),
    )
