"""Mode reload: what the team's two prepared files prove about a switch between them, and what they do not.

A look through NGINX cannot tell the colours apart: the files are the team's, and what answers at one path says nothing
about the others. But when the files differ by the port of their colour alone, every location that led to the servers
of one colour leads to those of the other.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from http import HTTPStatus
from itertools import zip_longest
from typing import TYPE_CHECKING

from jenkinsgen.nginx.configuration import Directive, parse_configuration
from jenkinsgen.nginx.site import site_path, upstreams_of
from jenkinsgen.spec.colour import Colour

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping

    from jenkinsgen.deploy.health import Answer
    from jenkinsgen.nginx.connections import Endpoint
    from jenkinsgen.spec.pipeline import Pipeline

_ENDPOINT = re.compile(
    r"(?<![\w.$}-])(\[[0-9A-Fa-f:.]+\]|[A-Za-z0-9_](?:[A-Za-z0-9_.-]*[A-Za-z0-9_])?):([0-9]{1,5})(?!\w)"
)
_SHOWN = 3


@dataclass(frozen=True, slots=True)
class Loaded:
    """The configuration that NGINX reads, by file; and why it is not known, where it is not."""

    files: Mapping[str, str]
    unknown: str = ""


def endpoints_in(directive: Directive) -> Iterator[str]:
    """The `host:port` that a directive names, but for its own addresses (`listen`) and servers that are `down`."""
    if directive.name == "listen" or (directive.name == "server" and "down" in directive.words):
        return
    for word in directive.words[1:]:
        for match in _ENDPOINT.finditer(word):
            yield match[0]


def leading_to(
    loaded: Loaded, doors: frozenset[Endpoint], resolved: Callable[[str], frozenset[Endpoint]]
) -> tuple[str, ...]:
    """The directives of NGINX's configuration that lead to one of `doors`, with their places."""
    ports = {str(port) for _, port in doors}
    return tuple(
        f"{path}:{directive.line} `{directive}`"
        for path, text in loaded.files.items()
        for directive in _readable(text)
        if any(each.rpartition(":")[2] in ports and doors & resolved(each) for each in endpoints_in(directive))
    )


def _readable(text: str) -> tuple[Directive, ...]:
    try:
        return parse_configuration(text)
    except ValueError:
        return ()


def doubts_about(
    pipeline: Pipeline,
    texts: Mapping[Colour, str],
    loaded: Loaded,
    resolved: Callable[[str], frozenset[str]],
    live: Colour | None,
) -> tuple[str, ...]:
    """Why a switch between the prepared files could not be proven, a sentence each; none when it can.

    `texts` are the prepared files. `resolved` gives the `address:port` that the NGINX host makes of a `host:port`.
    """
    try:
        parsed = {colour: parse_configuration(text) for colour, text in texts.items()}
    except ValueError as error:
        return (f"the prepared files cannot be compared: {error}",)
    return (
        *_differences(pipeline, parsed),
        *(doubt for colour in Colour for doubt in _servers(pipeline, colour, parsed[colour], resolved)),
        *_elsewhere(pipeline, loaded, resolved, live),
    )


def doubt_by_answer(pipeline: Pipeline, answer: Answer) -> str:
    """Why the answer that NGINX gives for the health path says nothing about who is behind it; empty when it may.

    An answer of the kind 5xx, or none in time, is the live release's own, and the next one may do better.
    """
    asked = f"{pipeline.nginx.host_header}{pipeline.service.health.path}"
    if answer.refused:
        # A release that is dead makes NGINX answer 502.
        return (
            f"NGINX does not listen where it was asked for {asked}, before the switch as after it; does a server with "
            f"the name {pipeline.nginx.server_name} in the site file say where it listens?"
        )
    if answer.healthy or answer.status is None or answer.status >= HTTPStatus.INTERNAL_SERVER_ERROR:
        return ""
    way = "in its location, `allow 127.0.0.1; deny all;` lets NGINX's own host ask"
    if answer.location.startswith("https:"):
        way = "with nginx.certificate and nginx.certificate_key it is asked on 443"
    return f"NGINX answers {asked} with {answer.status} and not with 200, before the switch as after it; {way}"


def _differences(pipeline: Pipeline, parsed: Mapping[Colour, tuple[Directive, ...]]) -> tuple[str, ...]:
    prepared = pipeline.nginx.prepared
    assert prepared is not None  # noqa: S101 - the spec was checked
    found = [
        f"{_place(prepared.green, green)} and {_place(prepared.blue, blue)} differ by more than their colour's port"
        for green, blue in zip_longest(*(parsed[colour] for colour in Colour))
        if _alike(pipeline, Colour.GREEN, green) != _alike(pipeline, Colour.BLUE, blue)
    ]
    # One directive more shifts all that follow.
    return tuple(found[:_SHOWN])


def _place(path: str, directive: Directive | None) -> str:
    return f"{path}:{directive.line} `{directive}`" if directive else f"the end of {path}"


def _alike(pipeline: Pipeline, colour: Colour, directive: Directive | None) -> tuple[tuple[str, ...], ...]:
    """A directive without what says its colour: the port, and the colour's name, as in the name of an upstream."""
    if directive is None:
        return ()
    if directive.name == "include":
        # The included file is not seen here.
        return (directive.words,)
    own = re.compile(rf"(?<!\d){pipeline.service.ports.of(colour)}(?!\d)|{colour}", re.IGNORECASE)
    return tuple(tuple(own.sub("COLOUR", word) for word in words) for words in (*directive.inside, directive.words))


def _servers(
    pipeline: Pipeline,
    colour: Colour,
    directives: tuple[Directive, ...],
    resolved: Callable[[str], frozenset[str]],
) -> Iterator[str]:
    """Each server of the spec is named with the colour's port, and no other."""
    prepared = pipeline.nginx.prepared
    assert prepared is not None  # noqa: S101 - the spec was checked
    path, port = prepared.of(colour), str(pipeline.service.ports.of(colour))
    named = {each for directive in directives for each in endpoints_in(directive) if each.rpartition(":")[2] == port}
    wanted = upstreams_of(pipeline)[colour]
    reached = frozenset().union(*(resolved(each) for each in named))
    for server in wanted:
        if not resolved(server) & reached:
            yield f"{path} does not name {server}, so nothing proves that {colour} gets requests there"
    known = frozenset().union(*(resolved(server) for server in wanted))
    for each in sorted(named):
        if not resolved(each) & known:
            yield f"{path} names {each}, which is none of `servers`, so {colour} may not run there"


def _elsewhere(
    pipeline: Pipeline, loaded: Loaded, resolved: Callable[[str], frozenset[str]], live: Colour | None
) -> Iterator[str]:
    """No other file leads to either colour: what does so would not move with the switch."""
    if loaded.unknown:
        yield f"what NGINX reads is not known, so other files may lead to the servers as well: {loaded.unknown}"
        return
    site = site_path(pipeline)
    if live is not None and site not in loaded.files:
        yield f"NGINX's configuration does not include {site}, so changing that file moves nothing"
    both = {each: colour for colour, servers in upstreams_of(pipeline).items() for each in servers}
    known = {address: colour for each, colour in both.items() for address in resolved(each)}
    ports = {str(pipeline.service.ports.of(colour)) for colour in Colour}
    for path, text in loaded.files.items():
        if path == site:
            continue
        try:
            directives = parse_configuration(text)
        except ValueError as error:
            yield f"{path} cannot be read, so it may lead to the servers as well: {error}"
            continue
        for directive in directives:
            for each in endpoints_in(directive):
                if each.rpartition(":")[2] in ports and (leads := known.keys() & resolved(each)):
                    yield (
                        f"{path}:{directive.line} `{directive}` leads to {known[min(leads)]}, whichever colour is live"
                    )
