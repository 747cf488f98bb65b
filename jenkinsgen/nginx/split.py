"""How a strategy splits the traffic in the site file, beyond the switch between two colours."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from jenkinsgen.spec.colour import Colour

if TYPE_CHECKING:
    from collections.abc import Mapping

Upstreams = dict[Colour, tuple[str, ...]]
"""For each colour the `address:port` of its servers."""


@dataclass(frozen=True, slots=True)
class Split:
    """Values of the template. Names of variables and upstreams are without the prefix of the service."""

    pools: Mapping[str, tuple[str, ...]]
    """The upstreams by name; a request gets the one of its colour."""
    switched: str = "colour"
    """The variable that the flag decides: the colour of every request, unless a part of the template decides that."""
    parts: Mapping[str, object] = field(default_factory=dict)
    """The values of the parts that the template has for this strategy alone, by their name there."""


def by_colour(upstreams: Upstreams) -> dict[str, tuple[str, ...]]:
    """The pools of both colours."""
    return {str(colour): servers for colour, servers in upstreams.items()}
