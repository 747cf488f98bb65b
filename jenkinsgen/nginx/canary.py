"""The canary in the site file: who gets the new colour.

On the NGINX host the link `canary` leads to a folder with a file for each bucket that has the new colour:
`green-1` … `green-25`, and `green-always` for testers, while green is live. NGINX looks for the file of the live
colour and of the client's bucket. So one rename moves from 5 to 25 %, removing the link ends the canary, and the
switch itself, which makes another colour live, ends it for everybody at once.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import TYPE_CHECKING

from jenkinsgen.nginx.prefix import prefix_of
from jenkinsgen.nginx.split import Split, by_colour
from jenkinsgen.spec.canary import canary_of
from jenkinsgen.spec.colour import Colour

if TYPE_CHECKING:
    from jenkinsgen.nginx.split import Upstreams
    from jenkinsgen.spec.pipeline import Pipeline

LINK = "canary"


def percent_path(pipeline: Pipeline) -> str:
    """The URL path at which NGINX says how many percent get the colour that is not live."""
    return f"/.jenkinsgen/{pipeline.service.name}/canary"


def read_percent(body: str, service: str) -> int | None:
    """The percent that NGINX answers there; None when it does not say, or another site answered."""
    match = re.fullmatch(rf"{re.escape(service)} (?:none|\S*/canaries/(?:green|blue)-([0-9]{{1,2}}))\s*", body)
    return int(match[1] or 0) if match else None


def canary_health_path(pipeline: Pipeline) -> str:
    """The URL path at which NGINX asks the colour that is not live for its health."""
    return f"/.jenkinsgen/{pipeline.service.name}/canary/health"


@dataclass(frozen=True, slots=True)
class Override:
    """One map: what a tester sent beats `otherwise`."""

    name: str
    variable: str
    otherwise: str


@dataclass(frozen=True, slots=True)
class CanaryValues:
    """Values for the template of the site file. Names of variables are without the prefix of the service."""

    link: str
    key: str
    """The key of a client's bucket. It holds the service, so that a client's bucket differs between services."""
    by_cookie: str | None
    overrides: tuple[Override, ...]
    group: str
    """The last one: a bucket, `always` or `never`."""
    percent_path: str
    health_path: str


def split_by_bucket(pipeline: Pipeline, upstreams: Upstreams, folder: str) -> Split:
    """Some of the clients get the colour that is not live; `folder` is that of the flag."""
    # The colour of a request is not always the live one.
    return Split(by_colour(upstreams), switched="live", parts={"canary": _values(pipeline, folder)})


def _values(pipeline: Pipeline, folder: str) -> CanaryValues:
    canary = canary_of(pipeline)
    prefix = prefix_of(pipeline.service.name)
    keys = {"address": "$remote_addr", "cookie": f"${prefix}_key", "none": "$request_id"}
    overrides: list[Override] = []
    group = "bucket"
    # The later one beats the earlier.
    for name, variable in (
        ("cookie", canary.override.cookie and f"$cookie_{canary.override.cookie}"),
        ("header", canary.override.header and f"$http_{canary.override.header.lower().replace('-', '_')}"),
    ):
        if variable:
            overrides.append(Override(name, variable, group))
            group = name
    return CanaryValues(
        link=f"{folder}/{LINK}",
        key=keys[canary.sticky],
        by_cookie=f"$cookie_{canary.cookie}" if canary.cookie else None,
        overrides=tuple(overrides),
        group=group,
        percent_path=percent_path(pipeline),
        health_path=canary_health_path(pipeline),
    )


@dataclass(frozen=True, slots=True)
class Gate:
    """The target of the link: so many percent of the clients of `live` get the other colour."""

    live: Colour
    percent: int

    @property
    def colour(self) -> Colour:
        return self.live.other


def read_gate(target: str) -> Gate | None:
    """`canaries/green-25`; None when it is no link of ours."""
    match = re.fullmatch(r"canaries/(green|blue)-([0-9]{1,2})", target.strip())
    return Gate(Colour(match[1]), int(match[2])) if match else None
