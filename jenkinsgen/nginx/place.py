"""Can a site file be what NGINX serves, with all else that NGINX loads? And if it is not: why?"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from jenkinsgen.nginx.layout import ANY, conflicting_names, shared_names

if TYPE_CHECKING:
    from collections.abc import Collection, Iterator, Sequence

    from jenkinsgen.nginx.layout import Layout, ServerBlock

_HTTP = ("http",)
# The hint where /run/nginx.pid names no process that lives. To start a second NGINX would not help.
NO_MASTER = (
    "does one run with its pid in another file (ps -C nginx), or in a container (nginx.container)? If none does: "
    "nginx -t && systemctl start nginx"
)


@dataclass(frozen=True, slots=True)
class Obstacle:
    """Something that is in the way, and what a person may do."""

    what: str
    remedy: str


def obstacles(
    layout: Layout, path: str, servers: Sequence[ServerBlock], endpoints: Collection[str] = (), address: str = ""
) -> Iterator[Obstacle]:
    """The obstacles to a file at `path` with these server blocks, before it is there.

    A block that has the name and does nothing but hand requests on to `endpoints`, the servers of this service, serves
    it until now: the name is taken over from that one. `address` is the host's own, as far as it is known.
    """
    yield from _misplaced(layout, path)
    for other, name, port in _namesakes(layout, path, servers):
        if layout.leads_only_to(other, endpoints) and not layout.reads_before(other.file, path):
            continue
        yield Obstacle(
            f"{other} has the server_name {name} on port {port} already, and NGINX lets only one of two have a name: "
            "this service would take it away from that one, or get nothing",
            f"take the name out of {other.file} (with its other locations, if there are any, the name is better left "
            "there: nginx.mode: reload uses files of your own), or give this service another nginx.server_name",
        )
    yield from _hidden(layout, path, servers)
    yield from _passed_by(layout, path, servers, address)


def obstacles_to_prepared(layout: Layout, path: str, servers: Sequence[ServerBlock]) -> Iterator[Obstacle]:
    """The obstacles to a team's own file (mode reload). The team chooses on which addresses it listens."""
    yield from _misplaced(layout, path)
    for other in layout.servers:
        for ours in servers if other.file != path else ():
            for name, port in conflicting_names(ours, other):
                yield Obstacle(
                    f"{other} has the server_name {name} on port {port} already, as line {ours.line} of the prepared "
                    "files has, and NGINX would drop one of the two",
                    f"take the name out of {other.file}, or out of both prepared files",
                )


def predecessors(
    layout: Layout, path: str, servers: Sequence[ServerBlock], endpoints: Collection[str]
) -> tuple[str, ...]:
    """The places of the server blocks from which a name is taken over."""
    namesakes = [other for other, _, _ in _namesakes(layout, path, servers)]
    return tuple(dict.fromkeys(str(other) for other in namesakes if layout.leads_only_to(other, endpoints)))


def why_silent(layout: Layout, path: str, servers: Sequence[ServerBlock]) -> Iterator[Obstacle]:
    """Why NGINX may not answer with the file at `path`, which is there."""
    if path not in layout.files:
        yield from _misplaced(layout, path)
    before = {other.file for other in _read_before(layout, path)}
    for other, name, port in _namesakes(layout, path, servers):
        if other.file in before:
            yield Obstacle(
                f"{other} has the same server_name, {name}, on port {port}, and NGINX reads it first: it ignores ours",
                f"if it is this service's name, take it out of {other.file}, then nginx -t && nginx -s reload; if not, "
                "nginx.server_name",
            )
    yield from _hidden(layout, path, servers)


def _misplaced(layout: Layout, path: str) -> Iterator[Obstacle]:
    includes = [include for include in layout.includes if include.leads_to(path)]
    if not includes:
        known = ", ".join(dict.fromkeys(include.pattern for include in layout.includes if include.inside == _HTTP))
        yield Obstacle(
            f"no include of nginx.conf leads to {path}, so NGINX would never read it",
            f"what http {{}} includes: {known or 'nothing'}; name such a place (nginx.site), or add an include of it",
        )
    for include in includes:
        if include.inside != _HTTP:
            yield Obstacle(
                f"{include.where} includes {path} inside of {' '.join(include.inside) or 'no block'}, where upstreams "
                "and servers cannot stand",
                "name a place that is included in http {} alone: nginx.site",
            )


def _namesakes(layout: Layout, path: str, servers: Sequence[ServerBlock]) -> Iterator[tuple[ServerBlock, str, int]]:
    for other in layout.servers:
        for ours in servers:
            if other.file != path:
                yield from ((other, name, port) for name, port in shared_names(ours, other))


def _read_before(layout: Layout, path: str) -> Iterator[ServerBlock]:
    for other in layout.servers:
        if other.file == path:
            return
        yield other


def _hidden(layout: Layout, path: str, servers: Sequence[ServerBlock]) -> Iterator[Obstacle]:
    """NGINX gives a request to 127.0.0.1 to the servers that listen on that address alone, where there are any."""
    for other in layout.servers:
        for listen in other.listens:
            ports = _everywhere(servers).intersection(listen.ports)
            if other.file == path or not listen.loopback or not ports:
                continue
            port = min(ports)
            if not listen.everywhere:
                yield Obstacle(
                    f"{other} listens on {listen.address}:{port}, so a request to 127.0.0.1 never reaches a server "
                    f"that listens on {port}, and NGINX cannot be asked which colour is live",
                    f"let it listen on another port, or on {port} of all addresses: {other.file}",
                )
            elif "proxy_protocol" in listen.options:
                yield Obstacle(
                    f"{other} makes port {port} speak the PROXY protocol, which a request to 127.0.0.1 does not",
                    f"give the load balancer a port of its own: {other.file}",
                )


def _passed_by(layout: Layout, path: str, servers: Sequence[ServerBlock], address: str) -> Iterator[Obstacle]:
    """Servers on the address that clients use hide ours there; a proof, which asks 127.0.0.1, would miss that."""
    for other in layout.servers:
        for listen in other.listens:
            ports = _everywhere(servers).intersection(listen.ports)
            if other.file == path or listen.loopback or listen.address != address or not ports:
                continue
            port = min(ports)
            yield Obstacle(
                f"{other} listens on {address}:{port}, this host's own address, so a request to it never reaches a "
                f"server that listens on {port} of all addresses: this service would get nothing there",
                f"let it listen on {port} of all addresses (listen {port};): {other.file}; or use files of your own "
                "that name the address (nginx.mode: reload)",
            )


def _everywhere(servers: Sequence[ServerBlock]) -> set[int]:
    """The ports of all addresses that these listen on."""
    return {port for ours in servers for each in ours.listens if each.address == ANY for port in each.ports}
