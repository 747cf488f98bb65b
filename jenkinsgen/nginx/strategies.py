"""The part of each strategy in the site file."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from jenkinsgen.nginx.canary import split_by_bucket
from jenkinsgen.nginx.rolling import split_by_batch
from jenkinsgen.nginx.split import Split, by_colour

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from jenkinsgen.nginx.split import Upstreams
    from jenkinsgen.spec.pipeline import Pipeline
    from jenkinsgen.spec.strategies import StrategyName


@dataclass(frozen=True, slots=True)
class SiteStrategy:
    """The differences between the site files of two strategies."""

    split: Callable[[Pipeline, Upstreams, str], Split]
    """Makes the split of the traffic, from the upstreams of both colours and the folder of the flag."""
    keeps_servers: bool = True
    """Does the live colour keep its servers until the switch? One that the spec has gained does not run it."""


_STRATEGIES: Mapping[StrategyName, SiteStrategy] = {
    "blue-green": SiteStrategy(lambda _pipeline, upstreams, _folder: Split(by_colour(upstreams))),
    "canary": SiteStrategy(split_by_bucket),
    # A server that the spec has gained runs the live colour before it gets requests.
    "rolling": SiteStrategy(split_by_batch, keeps_servers=False),
}


def site_strategy_of(pipeline: Pipeline) -> SiteStrategy:
    """The one of the spec."""
    return _STRATEGIES[pipeline.strategy]
