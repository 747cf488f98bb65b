"""Things that two specs may not share, because one would replace or answer for the other. Pure.

Staging and production may have the same names on machines of their own: all is compared by machine.
"""

from __future__ import annotations

import ipaddress
from dataclasses import dataclass
from typing import TYPE_CHECKING

from jenkinsgen.spec.addresses import is_loopback

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence

    from jenkinsgen.spec.pipeline import Pipeline
    from jenkinsgen.spec.reading.document import KeyPath
    from jenkinsgen.spec.reading.load import Spec
    from jenkinsgen.spec.values import HostAddress


SHARED = "two specs that share a service, a port or a name are one, or one of them needs another; docs/render.md"
"""The hint for each conflict."""


@dataclass(frozen=True, slots=True)
class Conflict:
    """Two specs that cannot both be deployed."""

    first: Spec
    second: Spec
    message: str
    """`pipelines/b.yaml:7:9: service.name: …`, with the place in the first one."""


@dataclass(frozen=True, slots=True)
class _Claim:
    """A thing that one spec must have for itself alone."""

    kind: str
    what: tuple[object, ...]
    places: tuple[KeyPath, ...]
    says: str
    """The thing that the other spec has as well, and what comes of it."""


def conflicts(specs: Sequence[Spec]) -> list[Conflict]:
    """Every pair that shares what it may not, each once for each kind of thing; in the order of the specs."""
    first: dict[tuple[object, ...], tuple[Spec, _Claim]] = {}
    found: dict[tuple[object, ...], Conflict] = {}
    for spec in specs:
        for claim in _claims(spec.pipeline):
            other, theirs = first.setdefault((claim.kind, *claim.what), (spec, claim))
            pair = (other.path, spec.path)
            # Two builds of one service share all the rest as well.
            if other is not spec and (*pair, "service") not in found:
                found.setdefault((*pair, claim.kind), _conflict(other, theirs, spec, claim))
    return list(found.values())


def _conflict(other: Spec, theirs: _Claim, spec: Spec, claim: _Claim) -> Conflict:
    here, key = _place(spec, claim.places)
    there, _ = _place(other, theirs.places)
    return Conflict(other, spec, f"{here}: {key}: {there} has {theirs.says}")


def _place(spec: Spec, places: Iterable[KeyPath]) -> tuple[str, str]:
    """The position and the name of the first of the keys that the file has."""
    known = list(places)
    path = next((path for path in known if path in spec.document.values), known[-1])
    return str(spec.document.position(path)), ".".join(str(part) for part in path if isinstance(part, str))


def _claims(pipeline: Pipeline) -> Iterator[_Claim]:
    service, nginx = pipeline.service, pipeline.nginx
    name: KeyPath = ("service", "name")
    for host in (nginx.host, *nginx.others):
        machine = _machine(pipeline, host)
        says = f"the service {service.name} behind {host.name}, too; they would replace each other's releases"
        yield _Claim("service", (machine, service.name), (name,), says)
    yield from _of_servers(pipeline)
    for host in (nginx.host, *nginx.others):
        place = (_machine(pipeline, host), nginx.container)
        if nginx.mode == "flag":
            says = f"the server_name {nginx.server_name} on port {nginx.port} of {host.name}, too; NGINX gives all "
            says += "requests to one of them"
            what = (*place, nginx.server_name.lower(), nginx.port)
            yield _Claim("name", what, (("nginx", "server_name"),), says)
        site = nginx.site or f"the default of {service.name}"
        says = f"the site file {site} on {host.name}, too; they would replace each other's"
        yield _Claim("site", (*place, site), (("nginx", "site"), name), says)


def _of_servers(pipeline: Pipeline) -> Iterator[_Claim]:
    service = pipeline.service
    for index, server in enumerate(pipeline.servers):
        place: KeyPath = ("servers", index)
        machines = [_machine(pipeline, server.ssh)]
        if not is_loopback(server.upstream):
            # The address counts as its NGINX sees it: elsewhere the same one may be another machine's.
            machines.append((_machine(pipeline, pipeline.nginx.host), server.upstream.lower()))
        for machine in machines:
            says = f"the service {service.name} on {server}, too; their containers have the same names"
            yield _Claim("container", (machine, service.name), (("service", "name"), place), says)
            for colour, port in (("green", service.ports.green), ("blue", service.ports.blue)):
                says = f"port {port} of {server}, too; only one of them can have it"
                yield _Claim("port", (machine, port), (("service", "ports", colour), place), says)


def _machine(pipeline: Pipeline, host: HostAddress) -> tuple[object, ...]:
    """A machine, as far as its name tells: a private address may mean another one to another agent."""
    return (host.name.lower(), host.port, pipeline.job.agent if _is_private(host.name) else None)


def _is_private(name: str) -> bool:
    try:
        return ipaddress.ip_address(name).is_private
    except ValueError:
        return is_loopback(name)
