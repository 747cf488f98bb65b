"""Which engine a spec names. The one place of all plans that asks."""

from __future__ import annotations

from typing import TYPE_CHECKING

from jenkinsgen.deploy.engines.docker.plan import DockerPlan
from jenkinsgen.deploy.engines.swarm.plan import SwarmPlan

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from jenkinsgen.deploy.engines.engine import EnginePlan
    from jenkinsgen.spec.pipeline import Pipeline

ENGINES: Mapping[str, Callable[[Pipeline], EnginePlan]] = {"docker": DockerPlan, "swarm": SwarmPlan}
"""The engines, by the value of the key `engine`."""


def engine_plan(pipeline: Pipeline) -> EnginePlan:
    """The plan of the spec's engine."""
    return ENGINES[pipeline.engine](pipeline)
