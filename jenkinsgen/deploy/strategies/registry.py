"""Which strategy a spec names. The one place that asks."""

from __future__ import annotations

from typing import TYPE_CHECKING

from jenkinsgen.deploy.strategies.blue_green.strategy import BlueGreen
from jenkinsgen.deploy.strategies.canary.review import REVIEW as CANARY
from jenkinsgen.deploy.strategies.canary.strategy import Canary
from jenkinsgen.deploy.strategies.rolling.review import REVIEW as ROLLING
from jenkinsgen.deploy.strategies.rolling.strategy import Rolling

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from jenkinsgen.deploy.strategies.strategy import Strategy
    from jenkinsgen.spec.pipeline import Pipeline

STRATEGIES: Mapping[str, Callable[[Pipeline], Strategy]] = {
    "blue-green": BlueGreen,
    "canary": Canary,
    "rolling": Rolling,
}
"""The strategies, by the value of the key `strategy`."""

REVIEWS = (ROLLING, CANARY)
"""Reviews of the strategies that have a section in the spec, in the order in which they are shown."""


def strategy_of(pipeline: Pipeline) -> Strategy:
    """The strategy of the spec."""
    return STRATEGIES[pipeline.strategy](pipeline)
