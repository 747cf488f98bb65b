"""Which strategies a spec may name, and what of the spec has to fit each of them."""

from __future__ import annotations

from typing import TYPE_CHECKING, Literal

from jenkinsgen.spec.canary import check_canary
from jenkinsgen.spec.rolling import check_rolling
from jenkinsgen.spec.section import ProblemAt

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from jenkinsgen.spec.pipeline import Pipeline

StrategyName = Literal["blue-green", "canary", "rolling"]

# A strategy without an entry fits every spec. Each has its settings in the section of its own name.
_CHECKS: Mapping[StrategyName, Callable[[Pipeline], None]] = {"canary": check_canary, "rolling": check_rolling}


def check_strategy(pipeline: Pipeline) -> None:
    """Raises ProblemAt where the strategy is not possible, or where a section belongs to another one."""
    for name, check in _CHECKS.items():
        if pipeline.strategy == name:
            check(pipeline)
        elif getattr(pipeline, name) is not None:
            raise ProblemAt(f"belongs to `strategy: {name}`", (name,))
