"""The answer of Prometheus, and whether it is too much. Pure."""

from __future__ import annotations

import json
import math
from typing import TYPE_CHECKING

from jenkinsgen.errors import StateError

if TYPE_CHECKING:
    from jenkinsgen.spec.colour import Colour
    from jenkinsgen.spec.guard import Prometheus

COLOUR = "$colour"
"""Stands in a query for the colour that is judged."""
_SHOWN = 300


def query_for(prometheus: Prometheus, colour: Colour) -> str:
    """The query as it is asked."""
    return prometheus.query.replace(COLOUR, str(colour))


def read_values(body: str) -> tuple[float, ...]:
    """The numbers of an instant query's answer, NaN left out: none says that there is no data.

    Source: https://prometheus.io/docs/prometheus/latest/querying/api/ (instant queries; scalar and vector).
    Raises StateError when Prometheus refused the query, or when the answer is of another kind.
    """
    try:
        answer = json.loads(body)
        if answer["status"] != "success":
            raise StateError(
                f"Prometheus refused the query: {answer.get('error', body[:_SHOWN])}",
                hint="mend guard.prometheus.query",
            )
        kind, result = answer["data"]["resultType"], answer["data"]["result"]
        if kind not in ("scalar", "vector"):
            raise StateError(
                f"guard.prometheus.query gives a {kind}", hint="it has to give a number now: rate(…), not a range"
            )
        found = [result[1]] if kind == "scalar" else [sample["value"][1] for sample in result]
        numbers = tuple(float(number) for number in found)
    except (ValueError, KeyError, TypeError, IndexError, AttributeError, OverflowError, RecursionError) as error:
        raise StateError(
            f"what answered is no Prometheus: {body[:_SHOWN]!r}", hint="guard.prometheus.url, without /api/v1/query"
        ) from error
    return tuple(number for number in numbers if not math.isnan(number))


def too_much(values: tuple[float, ...], prometheus: Prometheus) -> str | None:
    """Why that is bad, in a sentence; None when it is not. Every one of the numbers has to be low enough."""
    worst = max(values, default=-math.inf)
    if worst <= prometheus.at_most:
        return None
    return f"guard.prometheus.query gives {worst:g}; {prometheus.at_most:g} is allowed (at_most)"
