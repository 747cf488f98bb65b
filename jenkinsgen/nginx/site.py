"""The site file of mode flag: from the spec to text, and back to what an installed file says of itself."""

from __future__ import annotations

import json
import re
from dataclasses import dataclass
from functools import cache
from importlib import resources
from typing import TYPE_CHECKING

from jenkinsgen.nginx.layout import LOOPBACK, read_servers
from jenkinsgen.nginx.mark import NO_DIGEST, digest_of
from jenkinsgen.nginx.prefix import prefix_of
from jenkinsgen.nginx.strategies import site_strategy_of
from jenkinsgen.spec.colour import Colour

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from jinja2 import Template

    from jenkinsgen.nginx.split import Upstreams
    from jenkinsgen.spec.pipeline import Pipeline

STATE_FOLDER = "/var/lib/jenkinsgen"
LOG_FOLDER = "/var/log/nginx"
_MARK = "# jenkinsgen upstreams "
_NAME = re.compile(r"_|[a-z0-9*][a-z0-9*.-]*")


@dataclass(frozen=True, slots=True)
class Site:
    """A site file: its text, and the digest by which NGINX tells that it serves this very text."""

    text: str
    digest: str


def flag_folder(pipeline: Pipeline) -> str:
    """The folder of the flag on the NGINX host; it belongs to the user that deploys."""
    return f"{STATE_FOLDER}/{pipeline.service.name}"


def site_path(pipeline: Pipeline) -> str:
    """The file that NGINX includes."""
    return pipeline.nginx.site or f"/etc/nginx/conf.d/jenkinsgen-{pipeline.service.name}.conf"


def log_path(pipeline: Pipeline) -> str | None:
    """The access log that the site file writes for the guard; None without one, and in mode reload."""
    if pipeline.guard is None or pipeline.nginx.mode == "reload":
        return None
    return f"{LOG_FOLDER}/jenkinsgen-{pipeline.service.name}.log"


def state_path(pipeline: Pipeline) -> str:
    """The URL path at which NGINX says which colour it serves."""
    return f"/.jenkinsgen/{pipeline.service.name}/state"


def health_path(pipeline: Pipeline) -> str:
    """The URL path at which NGINX asks the live colour for its health."""
    return f"/.jenkinsgen/{pipeline.service.name}/health"


def endpoint(address: str, port: int) -> str:
    """`address:port`, with brackets around IPv6."""
    return f"[{address}]:{port}" if ":" in address else f"{address}:{port}"


def upstreams_of(pipeline: Pipeline) -> Upstreams:
    """Both colours on every server of the spec."""
    ports = pipeline.service.ports
    return {
        colour: tuple(endpoint(server.upstream, ports.of(colour)) for server in pipeline.servers) for colour in Colour
    }


def wanted_upstreams(pipeline: Pipeline, installed: Upstreams | None, live: Colour | None) -> Upstreams:
    """The upstreams that the file should have before a switch away from `live`.

    The live colour keeps its servers, unless the strategy makes the servers that the spec has gained run it first.
    """
    wanted = upstreams_of(pipeline)
    if site_strategy_of(pipeline).keeps_servers and installed is not None and live is not None:
        wanted[live] = installed[live]
    return wanted


def idle_upstreams(pipeline: Pipeline, installed: Upstreams | None, live: Colour | None) -> tuple[str, ...]:
    """The upstreams to which the connections of the colour without traffic lead; none when nothing is live.

    NGINX has sent them there: after a change of ports or servers the spec names others.
    """
    if live is None:
        return ()
    both = (*upstreams_of(pipeline)[live.other], *(installed[live.other] if installed else ()))
    return tuple(dict.fromkeys(both))


def render_site(pipeline: Pipeline, upstreams: Upstreams) -> Site:
    """The text of the site file."""
    digest = digest_of(_rendered(pipeline, upstreams, NO_DIGEST))
    return Site(_rendered(pipeline, upstreams, digest), digest)


@cache
def _template() -> Template:
    from jinja2 import Environment, StrictUndefined  # noqa: PLC0415 - slow to import, and not every stage renders

    source = resources.files("jenkinsgen.nginx").joinpath("site.conf.j2").read_text(encoding="utf-8")
    environment = Environment(  # noqa: S701 - not HTML
        undefined=StrictUndefined, trim_blocks=True, lstrip_blocks=True, keep_trailing_newline=True
    )
    return environment.from_string(source)


def _rendered(pipeline: Pipeline, upstreams: Upstreams, digest: str) -> str:
    nginx = pipeline.nginx
    by_name = {colour.value: servers for colour, servers in upstreams.items()}
    return _template().render(
        service=pipeline.service.name,
        prefix=prefix_of(pipeline.service.name),
        split=site_strategy_of(pipeline).split(pipeline, upstreams, flag_folder(pipeline)),
        upstreams_json=json.dumps(by_name),
        port=nginx.port,
        server_name=nginx.server_name,
        certificate=nginx.certificate,
        certificate_key=nginx.certificate_key,
        flag=f"{flag_folder(pipeline)}/{Colour.BLUE}",
        limits=_limits(pipeline),
        trusted=nginx.trusted_proxies,
        trusted_header=nginx.trusted_header or "X-Forwarded-For",
        log=log_path(pipeline),
        state_path=state_path(pipeline),
        health_path=health_path(pipeline),
        application_health_path=pipeline.service.health.path,
        digest=digest,
    )


def _limits(pipeline: Pipeline) -> Mapping[str, str]:
    proxy = pipeline.nginx.proxy
    all_limits = {
        "proxy_buffer_size": proxy.buffer_size,
        "proxy_buffers": proxy.buffers,
        "proxy_busy_buffers_size": proxy.busy_buffers_size,
        "proxy_read_timeout": proxy.read_timeout,
        "client_max_body_size": proxy.body_size,
    }
    return {directive: value for directive, value in all_limits.items() if value is not None}


def read_upstreams(text: str) -> Upstreams | None:
    """The upstreams that an installed file says it has; None when it is not a file of ours."""
    for line in text.splitlines():
        if line.startswith(_MARK):
            try:
                found = json.loads(line.removeprefix(_MARK))
                return {colour: tuple(found[colour.value]) for colour in Colour}
            except (ValueError, KeyError, TypeError):
                return None
    return None


@dataclass(frozen=True, slots=True)
class Asked:
    """A host name, and the port and address under which NGINX serves a site file."""

    name: str
    port: int
    tls: bool
    address: str = LOOPBACK


def ways_to_ask(pipeline: Pipeline, installed: str | None) -> tuple[Asked, ...]:
    """The ways to ask NGINX, the likeliest first: by the installed file, because the spec may have got another name
    since, and people or certbot may have moved it to another port; else by the spec.
    """
    found: list[Asked] = []
    for block in read_servers(installed or ""):
        if state_path(pipeline) in block.paths:
            name = _host_of(pipeline, block.names)
            found.extend(
                Asked(name, listen.ports.start, "ssl" in listen.options)
                for listen in block.listens
                if listen.loopback and not listen.options & {"proxy_protocol", "quic"}
            )
    by_spec = _asked_by_spec(pipeline)
    # Without TLS first: it may be the other way round for clients, but here it is one thing less to go wrong.
    return tuple(dict.fromkeys(sorted(found, key=lambda each: each.tls))) or (by_spec,)


def way_to_ask_prepared(pipeline: Pipeline, installed: str) -> Asked:
    """The way to ask by a team's own file, which may listen on a port that is not the spec's, or on one address."""
    by_spec, name = _asked_by_spec(pipeline), pipeline.nginx.server_name.lower()
    found = [
        Asked(
            by_spec.name, listen.ports.start, "ssl" in listen.options, LOOPBACK if listen.loopback else listen.address
        )
        for block in read_servers(installed)
        if name in block.names
        for listen in block.listens
        if ":" not in listen.address and not listen.options & {"proxy_protocol", "quic"}
    ]
    return found[0] if found and by_spec not in found else by_spec


def _asked_by_spec(pipeline: Pipeline) -> Asked:
    nginx = pipeline.nginx
    return Asked(nginx.host_header, nginx.port, nginx.certificate is not None)


def _host_of(pipeline: Pipeline, names: Iterable[str]) -> str:
    """A Host that a block with these names answers to."""
    plain = (name.lstrip(".") for name in names)
    return next((pipeline.nginx.host_for(name) for name in plain if _NAME.fullmatch(name)), pipeline.nginx.host_header)


@dataclass(frozen=True, slots=True)
class Serving:
    """The answer of NGINX at the state path."""

    colour: Colour
    digest: str


def read_serving(body: str, service: str) -> Serving | None:
    """Parse the answer of the state path; None when another site answered."""
    match = re.fullmatch(rf"{re.escape(service)} (green|blue) ([0-9a-f]{{16}})\s*", body)
    return Serving(Colour(match[1]), match[2]) if match else None
