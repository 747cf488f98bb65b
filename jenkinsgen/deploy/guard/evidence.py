"""The evidence by which a watch judged a release. No evidence is no good news: it is a result of its own. Pure."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from jenkinsgen.nginx.access_log import Request


@dataclass(frozen=True, slots=True)
class Counted:
    """The requests of the judged colour, as far as the access log had them."""

    needed: int
    """`guard.requests`: fewer say nothing."""
    answers: int = 0
    """All answers that came."""
    judged: bool = False
    """Were there ever enough of them together?"""
    timed: bool = False
    """Were there ever enough of them whose latency tells of the colour?"""

    def and_more(self, new: Iterable[Request], together: Iterable[Request]) -> Counted:
        """After a look: the requests that it found, and those that are judged together by now."""
        judged = [request for request in together if request.answered]
        return Counted(
            self.needed,
            self.answers + sum(request.answered for request in new),
            self.judged or len(judged) >= self.needed,
            self.timed or sum(request.waited for request in judged) >= self.needed,
        )

    def __str__(self) -> str:
        said = "no request" if self.answers == 0 else f"{self.answers} request{'s' if self.answers > 1 else ''}"
        if not self.judged:
            return f"{said} to judge by; guard.requests wants {self.needed} together"
        return said if self.timed else f"{said}, too few of them to judge latency"


@dataclass(frozen=True, slots=True)
class Evidence:
    """All that a watch had."""

    traffic: Counted | None
    """None where no access log is read (mode reload, or no guard)."""
    unseen: Sequence[str] = ()
    """The servers of which no look said how they do."""
    servers: int = 0
    """So many are looked at; 0 without a guard."""
    numberless: bool = False
    """Prometheus was asked, and never gave a number."""

    @property
    def lacking(self) -> str:
        """Why the release could not be judged; empty when it was."""
        reasons = []
        if self.traffic is not None and not self.traffic.judged:
            reasons.append(str(self.traffic))
        if self.servers and len(self.unseen) == self.servers:
            reasons.append("no server's health could be looked at")
        return "; ".join(reasons)

    @property
    def lines(self) -> list[str]:
        """The evidence, for people."""
        found = [] if self.traffic is None else [f"judged by {self.traffic}" if self.traffic.judged else self.lacking]
        if self.unseen:
            found.append(f"warning: the health of {', '.join(self.unseen)} could not be looked at once")
        if self.numberless:
            found.append("warning: guard.prometheus.query never gave a number, so it judged nothing")
        return found
