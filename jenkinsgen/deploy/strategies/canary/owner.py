"""The owner of a canary, and what may be done while there is one. Pure."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from jenkinsgen.deploy.release import job_of
from jenkinsgen.deploy.screen import fitting, lasting, moment
from jenkinsgen.errors import LeaseHeld

if TYPE_CHECKING:
    from collections.abc import Callable

    from jenkinsgen.deploy.state.journal import Canary, Journal
    from jenkinsgen.nginx.canary import Gate


def refuse_canary(journal: Journal, gate: Gate | None, me: str, ended: Callable[[str], str | None]) -> None:
    """May `me` deploy while the gate is as it is? Raises LeaseHeld.

    A canary lasts for longer than a lease: it may wait for a person. So the journal says whose it is, and it is
    that build's alone until that build is over: Jenkins says so (`ended`), or `me` is a later build of the same job,
    of which Jenkins runs one at a time.
    """
    canary = canary_of_another(journal, gate, me)
    if gate is None or canary is None or _is_later(me, canary.build) or ended(canary.build):
        return
    raise LeaseHeld(
        f"{canary.release.version} is a canary with {gate.percent} % of the clients: {canary.build}",
        hint="wait for that build, or end its canary: jenkinsgen canary promote, or jenkinsgen canary abort",
    )


def canary_of_another(journal: Journal, gate: Gate | None, me: str) -> Canary | None:
    """The canary that lies there, when it is known that it is not of `me`."""
    canary = journal.canary
    return canary if gate is not None and canary is not None and canary.build != me else None


def _is_later(build: str, than: str) -> bool:
    numbers = [re.search(r"/([0-9]{1,18})/?$", each) for each in (build, than)]
    if job_of(build) != job_of(than) or not all(numbers):
        return False
    mine, other = (int(number[1]) for number in numbers if number)
    return mine > other


@dataclass(frozen=True, slots=True)
class SeenCanary:
    """A canary that has clients, as it is shown."""

    gate: Gate
    canary: Canary | None
    """None when the journal lost it."""
    now: int
    """The clock of the NGINX host."""

    @property
    def line(self) -> str:
        """The canary in one line."""
        what = f"{self.gate.colour} has {self.gate.percent} % of the clients"
        if self.canary is None:
            return f"{what}; nobody knows whose it is"
        lasts = lasting(self.now - self.canary.since)
        return f"{what} since {moment(self.canary.since)} ({lasts}), {self.canary.build}"


def canary_lines(seen: SeenCanary | None) -> list[str]:
    """For people."""
    if seen is None:
        return ["there is no canary"]
    version = f"{seen.canary.release.version}: " if seen.canary else ""
    return [fitting(f"{version}{seen.line}")]


def canary_data(seen: SeenCanary | None) -> dict[str, Any] | None:
    """For programs; docs/canary.md has the keys."""
    if seen is None:
        return None
    canary = seen.canary
    return {
        "colour": seen.gate.colour,
        "percent": seen.gate.percent,
        "version": canary.release.version if canary else None,
        "build": canary.build if canary else None,
        "since": canary.since if canary else None,
    }
