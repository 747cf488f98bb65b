"""How a release reaches the servers one batch after the other."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, Annotated, TypeVar

from pydantic import Field

from jenkinsgen.spec.section import ProblemAt, Section
from jenkinsgen.spec.values import show_duration

if TYPE_CHECKING:
    from collections.abc import Sequence

    from jenkinsgen.spec.pipeline import Pipeline
    from jenkinsgen.spec.service import Server

T = TypeVar("T")

MOST_BATCHES = 32
"""NGINX looks for one file per batch, for every request."""


class Rolling(Section):
    """How a release reaches the servers one batch after the other (docs/rolling.md). Needs `strategy: rolling`."""

    batch: Annotated[int, Field(ge=1)] = 1
    """How many servers are out of the traffic at one time."""


def in_batches(things: Sequence[T], size: int) -> tuple[tuple[T, ...], ...]:
    """Batches of names, in their order. A spec's servers and a site file's upstreams must fall into the same ones."""
    return tuple(tuple(things[first : first + size]) for first in range(0, len(things), size))


def batch_size(pipeline: Pipeline) -> int:
    """How many servers make a batch."""
    return (pipeline.rolling or Rolling()).batch


def batches_of(pipeline: Pipeline) -> tuple[tuple[Server, ...], ...]:
    """The servers, in the order of the spec."""
    return in_batches(pipeline.servers, batch_size(pipeline))


def check_rolling(pipeline: Pipeline) -> None:
    """Raises ProblemAt where servers cannot be replaced one batch after the other."""
    if pipeline.nginx.mode == "reload":
        raise ProblemAt(
            "rolling needs nginx.mode flag: which servers are out is in the site file that jenkinsgen writes",
            ("strategy",),
        )
    if pipeline.engine != "docker":
        raise ProblemAt(
            "rolling needs `engine: docker`: in a swarm a colour is one service, on all servers at once", ("strategy",)
        )
    if pipeline.bake or pipeline.guard:
        raise ProblemAt(
            "has nothing to go back to with `strategy: rolling`: no old colour stays warm",
            ("guard",) if pipeline.guard else ("bake",),
            ("strategy",),
        )
    batches = batches_of(pipeline)
    where = ("rolling", "batch") if pipeline.rolling else ("strategy",)
    if len(batches) < 2:  # noqa: PLR2004 - one that is out and one that serves
        raise ProblemAt("rolling would take every server out of the traffic at one time", where, ("servers",))
    if len(batches) > MOST_BATCHES:
        least = math.ceil(len(pipeline.servers) / MOST_BATCHES)
        raise ProblemAt(
            f"{len(batches)} batches are too many, NGINX looks for a file of each for every request; "
            f"`rolling: {{batch: {least}}}` makes {math.ceil(len(pipeline.servers) / least)} of them",
            where,
        )
    _check_time(pipeline, len(batches))


def _check_time(pipeline: Pipeline, batches: int) -> None:
    health, leaving, limit = pipeline.service.health.timeout, pipeline.cleanup, pipeline.timeouts.deploy
    needed = batches * (leaving.drain + leaving.grace + health)
    if needed >= limit:
        raise ProblemAt(
            f"timeouts.deploy ({show_duration(limit)}) must be longer than {batches} batches may need "
            f"({show_duration(needed)}: cleanup.drain, cleanup.grace and service.health.timeout for each)",
            ("timeouts", "deploy"),
            ("strategy",),
        )
