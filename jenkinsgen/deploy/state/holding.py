"""The holder of the lease, as it is shown: the words and the data of `lock show`, and a line of `status`."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from jenkinsgen.deploy.screen import folding, lasting, moment
from jenkinsgen.deploy.state.lease import LEASE_SECONDS, Holder, free_because

if TYPE_CHECKING:
    from jenkinsgen.deploy.state.lease import FoundLease

# A command that only looks deploys nothing, so it owns no lease.
_NOBODY = Holder("", "", "", "", None)


@dataclass(frozen=True, slots=True)
class Holding:
    """A lease that is held. All times by the clock of the NGINX host."""

    holder: Holder
    since: int
    """Seconds since 1970."""
    held: int
    """For how many seconds."""
    renewed: int
    """How many seconds ago; negative after that clock was set back."""
    free_because: str | None
    """Why the next build takes it over without waiting: it expired, or its holder is known to be dead."""

    @property
    def expires(self) -> int:
        """The seconds until it expires, if it is not renewed."""
        return max(0, LEASE_SECONDS - self.renewed)

    @property
    def line(self) -> str:
        """The holder and the time in one line."""
        return f"held by {self.holder.title} for {lasting(self.held)}"


def holding(found: FoundLease, now: int, dead: str | None) -> Holding | None:
    """The lease as it is shown; None when no one holds it.

    `now` is the clock of the NGINX host, `dead` why the holder is known to be dead.
    """
    if found.lease is None or found.lease.holder is None:
        return None
    return Holding(
        holder=found.lease.holder,
        since=found.lease.since,
        held=max(0, now - found.lease.since),
        renewed=found.age,
        free_because=free_because(found, _NOBODY, unchanged=0, dead=dead),
    )


def holding_lines(found: Holding) -> list[str]:
    """Everything that is known of it."""
    holder = found.holder
    process = f"process {holder.process.pid}" if holder.process else "between two stages, so that nobody renews it"
    end = f"expires in {lasting(found.expires)}" if found.expires else f"expired (it lasts {LEASE_SECONDS} s)"
    free = f"yes: {found.free_because}" if found.free_because else "no: not known to be dead, and not expired"
    return [
        part
        for line in (
            f"the lease is held by {holder.build}",
            f"  stage    {holder.stage}, {process}",
            f"  by       {holder.user} on {holder.host}",
            f"  since    {moment(found.since)} UTC ({lasting(found.held)})",
            f"  renewed  {lasting(found.renewed)} ago; {end}",
            f"  free     {free}",
        )
        for part in folding(line, len("  free     "))
    ]


def holding_data(found: Holding | None) -> dict[str, Any] | None:
    """For programs."""
    if found is None:
        return None
    holder = found.holder
    return {
        "build": holder.build,
        "user": holder.user,
        "host": holder.host,
        "stage": holder.stage,
        "process": holder.process.pid if holder.process else None,
        "since": found.since,
        "held_seconds": found.held,
        "renewed_seconds_ago": found.renewed,
        "expires_in_seconds": found.expires,
        "free_because": found.free_because,
    }
