"""All that a stage found before it decides."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from jenkinsgen.deploy.state.journal import Journal

if TYPE_CHECKING:
    from collections.abc import Mapping

    from jenkinsgen.deploy.observed import ServerState
    from jenkinsgen.deploy.strangers import Leading
    from jenkinsgen.nginx.canary import Gate
    from jenkinsgen.nginx.connections import Endpoint
    from jenkinsgen.nginx.state import NginxState
    from jenkinsgen.spec.colour import Colour


@dataclass(frozen=True, slots=True)
class World:
    """NGINX, the servers and the journal, at one moment."""

    nginx: NginxState
    servers: Mapping[str, ServerState]
    idle: tuple[Endpoint, ...] | None = ()
    """The endpoints of the colour without traffic, as the NGINX host resolves them; None where it cannot."""
    prepared: Mapping[Colour, str] = field(default_factory=dict)
    """The team's own site files (mode reload)."""
    leading: Mapping[str, Leading] = field(default_factory=dict)
    """The traces of traffic to containers in the way that are not ours, by `address:port`."""
    journal: Journal = field(default_factory=Journal)
    gate: Gate | None = None
    """The canary as it lies on the NGINX host."""
    out: int = 0
    """The batch of servers that is out of the traffic (nginx/rolling.py); 0 for none."""

    @property
    def live(self) -> Colour | None:
        """The colour that gets the traffic."""
        return self.nginx.live

    @property
    def canary(self) -> Gate | None:
        """The canary that has clients now; None for the remains of one that became live."""
        return self.gate if self.gate and self.gate.live is self.live else None
