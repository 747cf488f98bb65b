"""Containers that stand in the way of a colour and are not ours. One of them may be what serves now."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from jenkinsgen.deploy.container import container_name
from jenkinsgen.deploy.observed import SERVICE
from jenkinsgen.errors import StateError
from jenkinsgen.nginx.site import endpoint
from jenkinsgen.spec.colour import Colour

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from jenkinsgen.deploy.observed import Container, ServerState
    from jenkinsgen.spec.pipeline import Pipeline
    from jenkinsgen.spec.service import Server

_SHOWN = 3


@dataclass(frozen=True, slots=True)
class Leading:
    """The directives and connections of the NGINX hosts that lead to one `address:port`."""

    directives: tuple[str, ...] = ()
    """Directives of NGINX's configuration, with their places."""
    connections: int = 0
    """Open connections, of whatever process."""
    unknown: str = ""
    """Why the configuration could not be looked through; empty when it was."""

    def __add__(self, other: Leading) -> Leading:
        both = (*self.directives, *other.directives)
        return Leading(both, self.connections + other.connections, self.unknown or other.unknown)

    @property
    def found(self) -> str:
        """The signs that requests go there; empty when there are none."""
        found = list(self.directives[:_SHOWN])
        if self.connections:
            found.append(f"{self.connections} open connection{'s' if self.connections > 1 else ''} of the NGINX host")
        return "; ".join(found)


def strangers_on(server: ServerState, pipeline: Pipeline, colour: Colour) -> Iterator[Container]:
    """The containers that have the name of the colour's, or its port while they run, and are not of it."""
    name, port = container_name(pipeline, colour), pipeline.service.ports.of(colour)
    for container in server.containers:
        taken = container.running and port in container.host_ports
        if not container.belongs_to(pipeline.identity, colour) and (container.name == name or taken):
            yield container


def doors_of(server: Server, state: ServerState, pipeline: Pipeline) -> Iterator[str]:
    """The `address:port` by which NGINX would reach the strangers on a server, to ask whether it does."""
    strangers = [each for colour in Colour for each in strangers_on(state, pipeline, colour)]
    for port in sorted({port for each in strangers for port in each.host_ports}):
        yield endpoint(server.upstream, port)


def refuse_strangers(
    server: Server, state: ServerState, pipeline: Pipeline, colour: Colour, leading: Mapping[str, Leading]
) -> None:
    """`leading`: by `address:port`, as far as it was asked (`doors_of`). Raises StateError."""
    if state.unfit:
        raise StateError(
            f"{state.name}: {state.unfit}",
            hint="then run the stage again. Is it out on purpose, for long? Then take it out of servers until then",
        )
    for container in strangers_on(state, pipeline, colour):
        raise _refusal(server, container, pipeline, colour, leading)


def _refusal(
    server: Server, container: Container, pipeline: Pipeline, colour: Colour, leading: Mapping[str, Leading]
) -> StateError:
    name, port = container_name(pipeline, colour), pipeline.service.ports.of(colour)
    what = f"port {port} is taken by the container {container.name}"
    otherwise = "choose other ports in service.ports"
    if container.name == name:
        what = f"there is a container {name} that jenkinsgen did not make for this service behind this NGINX"
        otherwise = "rename the service, and choose other ports in service.ports"
    doors = [leading[door] for port in container.host_ports if (door := endpoint(server.upstream, port)) in leading]
    seen = sum(doors, Leading())
    if container.running and seen.found:
        if pipeline.nginx.mode == "reload":
            otherwise += ", with prepared files for them"
        return StateError(
            f"{server}: {what}, which gets requests: {seen.found}",
            hint=f"leave it running: it serves. To deploy beside it, {otherwise}; it can go when nothing leads there",
        )
    return StateError(
        f"{server}: {what}", hint=f"{_not_seen(container, doors, seen)}; {otherwise}{_whose(container, pipeline)}"
    )


def _not_seen(container: Container, doors: list[Leading], seen: Leading) -> str:
    if not container.running:
        return "it does not run now, and somebody may still need it"
    if not doors or seen.unknown:
        why = f" ({seen.unknown})" if seen.unknown else ""
        return f"whether it gets requests is not known{why}, so it may be what serves now"
    return (
        "no configuration and no connection of the NGINX host leads there now, but others may use it; stop it only if "
        "nobody does"
    )


def _whose(container: Container, pipeline: Pipeline) -> str:
    """Another deployment's, or ours under a name that NGINX's host had before."""
    identity = container.labels.get(SERVICE)
    if identity is None or identity.partition("@")[0] != pipeline.service.name:
        return ""
    return (
        f". It was made for {identity}, and this spec is {pipeline.identity}: the same NGINX under another name? "
        "Then write nginx.host as it was"
    )
