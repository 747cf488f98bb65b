"""Taking the lease: at once, or when its holder is done, or when it is known to be dead."""

from __future__ import annotations

import secrets
from typing import TYPE_CHECKING

from jenkinsgen.deploy.state.lease import Holder, Lease, free_because
from jenkinsgen.errors import LeaseHeld, StateError

if TYPE_CHECKING:
    from jenkinsgen.deploy.state.lease import FoundLease
    from jenkinsgen.edge.state.folder import Found
    from jenkinsgen.stages.context.outside import Outside, StateStore
    from jenkinsgen.stages.context.session import Session

LOOK_SECONDS = 1.0
_SAME_REFUSALS = 5


def claim(session: Session, me: Holder, *, wait: float, urgent: bool) -> tuple[Lease, Found, str]:
    """Take the lease of a service. Returns the lease, the folder as it was, and why it was free although it was held.

    A holder that renews it while we look is alive: then this waits for `wait` seconds at most. One that does not
    is waited for until that is certain, which takes deploy/state/lease.py's LEASE_SECONDS at most. Raises LeaseHeld.
    """
    folder, clock, outside = session.state, session.clock, session.outside
    began = unchanged_since = clock.now()
    seen: FoundLease | None = None
    said = False
    refused, refused_for, tried = 0, None, ""
    while True:
        found = folder.read() or _in_new_folder(folder)
        lease = found.lease
        now = clock.now()
        renewed = seen is not None and (lease.checksum != seen.checksum or lease.age < seen.age)
        if seen is None or renewed:
            unchanged_since = now
        seen = lease
        reason = free_because(
            lease, me, unchanged=now - unchanged_since, dead=outside.dead_because(lease.holder), urgent=urgent
        )
        if reason is not None:
            _refuse_other_leader(outside, found, me, urgent=urgent)
            mine = Lease(secrets.token_hex(8), me, found.now)
            if folder.claim(mine, found):
                return mine, found, f"{lease.holder.title}: {reason}" if reason and lease.holder else ""
            # Another process was faster; then the next look finds its lease. If it finds the lease that was just given
            # back here, a copy was refused on another host.
            again = lease.checksum == refused_for or (lease.lease is not None and lease.lease.token == tried)
            refused = refused + 1 if again else 1
            refused_for, tried = lease.checksum, mine.token
            if refused == _SAME_REFUSALS:
                where = "on one of the NGINX hosts " if found.copies else ""
                same = "; or is one of nginx.others the same machine as nginx.host?" if found.copies else ""
                raise StateError(
                    f"{where}{folder.path}/lease.json cannot be replaced, although nobody holds it",
                    hint="may this user read it? whose is it? ls -l tells; without that file nobody holds the lease"
                    + same,
                )
            continue
        if renewed and now - began >= wait:
            raise _held(lease, found.now)
        if not said:
            session.report.line(f"the lease is held by {_told(lease, found.now)}; waiting")
            said = True
        clock.sleep(LOOK_SECONDS)


def _refuse_other_leader(outside: Outside, found: Found, me: Holder, *, urgent: bool) -> None:
    """A copy has no holder. One that has is the lease itself, of a deployment for which that other host leads."""
    for copy in found.copies:
        if copy is None or copy.holder is None:
            continue
        if free_because(copy, me, unchanged=0.0, dead=outside.dead_because(copy.holder), urgent=urgent) is None:
            raise LeaseHeld(
                f"another deployment is under way through one of nginx.others: {copy.holder.title}, renewed "
                f"{max(0, copy.age)} s ago",
                hint="its spec has another nginx.host: all specs of a service want the same one",
            )


def _in_new_folder(folder: StateStore) -> Found:
    folder.make()
    found = folder.read()
    if found is None:
        raise StateError(
            f"{folder.path} was made, but it cannot be entered",
            hint=f"may this user look into {folder.path.rpartition('/')[0]}? it needs the right x",
        )
    return found


def _told(found: FoundLease, now: int) -> str:
    assert found.lease is not None  # noqa: S101 - it is held
    assert found.holder is not None  # noqa: S101 - same
    return f"{found.holder.title} for {max(0, now - found.lease.since)} s, renewed {max(0, found.age)} s ago"


def _held(found: FoundLease, now: int) -> LeaseHeld:
    return LeaseHeld(
        f"another deployment is under way: {_told(found, now)}",
        hint="wait for it (--wait 10m), stop that build, or look: jenkinsgen lock show",
    )
