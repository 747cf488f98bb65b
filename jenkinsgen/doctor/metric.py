"""The query of Prometheus by which a guard judges."""

from __future__ import annotations

from typing import TYPE_CHECKING

from jenkinsgen.deploy.guard.metric import too_much
from jenkinsgen.doctor.check import Check, ok, warning

if TYPE_CHECKING:
    from collections.abc import Mapping

    from jenkinsgen.spec.colour import Colour
    from jenkinsgen.spec.guard import Prometheus

PROMETHEUS = "Prometheus"


def judge_metric(host: str, prometheus: Prometheus, values: Mapping[Colour, tuple[float, ...]]) -> Check:
    """Judge what the query gives now, for either colour."""
    said = ", ".join(
        f"{', '.join(f'{v:g}' for v in each) or 'nothing'} for {colour}" for colour, each in values.items()
    )
    found = f"{prometheus.url} gives {said}; {prometheus.at_most:g} is allowed"
    if any(too_much(each, prometheus) for each in values.values()):
        return warning(host, PROMETHEUS, found, "a colour that is as bad when it is judged is taken back")
    return ok(host, PROMETHEUS, found)
