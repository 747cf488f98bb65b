"""Steps on the NGINX hosts, and questions to them."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from jenkinsgen.nginx.canary import Gate
    from jenkinsgen.nginx.connections import Endpoint
    from jenkinsgen.spec.colour import Colour


@dataclass(frozen=True, slots=True)
class InstallSite:
    """Write NGINX's site file and prove that the new generation serves; or leave all as it was."""

    path: str
    text: str = field(repr=False)
    digest: str | None
    """The digest that NGINX must answer at the state path; None for a team's own file (mode reload)."""
    colour: Colour
    """The colour that this file, or the flag beside it, makes live."""
    drain: float
    """Seconds for the worker processes of before."""
    seen: str = "-"
    """The SHA-256 of the file that it takes the place of, as it was looked at; `-` for none."""
    takes_over: bool = False
    """Whether another file is known to have the name, and to lead to this service's own servers."""

    def __str__(self) -> str:
        return f"install {self.path}"


@dataclass(frozen=True, slots=True)
class RemoveSite:
    """Take a first installation back."""

    path: str
    seen: str
    """The SHA-256 of what was installed: nothing else is removed."""

    def __str__(self) -> str:
        return f"remove {self.path}"


@dataclass(frozen=True, slots=True)
class SetFlag:
    colour: Colour

    def __str__(self) -> str:
        return f"switch to {self.colour}"


@dataclass(frozen=True, slots=True)
class ProveReachable:
    """Ask every one of `upstreams` from the NGINX host itself, before anything moves."""

    colour: Colour
    upstreams: tuple[str, ...]
    lenient: bool
    """Go on when the look itself is forbidden."""

    def __str__(self) -> str:
        return f"prove that the NGINX host reaches {self.colour}"


@dataclass(frozen=True, slots=True)
class ProveLive:
    """Ask NGINX until every one of `upstreams` has answered as the live colour; in mode reload, once for any."""

    colour: Colour
    upstreams: tuple[str, ...]
    lenient: bool = False
    """Mode reload: whatever NGINX answers is enough, unless it is a failure."""

    def __str__(self) -> str:
        return f"prove that {self.colour} answers through NGINX"


@dataclass(frozen=True, slots=True)
class ProveCanary:
    """Ask NGINX until every one of `upstreams` has answered as the colour that is not live."""

    colour: Colour
    upstreams: tuple[str, ...]

    def __str__(self) -> str:
        return f"prove that NGINX reaches {self.colour}"


@dataclass(frozen=True, slots=True)
class SetCanary:
    """So many percent of the clients get the colour that is not live."""

    gate: Gate

    def __str__(self) -> str:
        return f"give {self.gate.percent} % to {self.gate.colour}"


@dataclass(frozen=True, slots=True)
class EndCanary:
    """The live colour has all clients again."""

    def __str__(self) -> str:
        return "end the canary: 0 %"


@dataclass(frozen=True, slots=True)
class Drain:
    """Wait until NGINX has no open connection to these, at most `seconds`."""

    remotes: tuple[Endpoint, ...] | None = field(repr=False)
    """None where their addresses are unknown: then it takes all of the `seconds`."""
    colour: Colour
    seconds: float

    def __str__(self) -> str:
        return f"drain {self.colour}"


@dataclass(frozen=True, slots=True)
class TakeOut:
    """Requests go past a batch of servers from now on, and what they had begun ends, within `seconds`."""

    batch: int
    upstreams: tuple[str, ...]
    seconds: float

    def __str__(self) -> str:
        return f"take {', '.join(self.upstreams)} out"


@dataclass(frozen=True, slots=True)
class PutBack:
    """All servers get requests again."""

    def __str__(self) -> str:
        return "traffic for all servers"


SiteStep = InstallSite | RemoveSite | SetFlag

TrafficStep = TakeOut | PutBack | SetCanary | EndCanary
"""Steps that change the traffic for a part of the clients, or of the servers."""

ProofStep = ProveReachable | ProveLive | ProveCanary | Drain
"""Questions; nothing changes."""
