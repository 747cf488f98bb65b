"""lock: who holds the lease of a service; and giving it back for a holder that cannot."""

from __future__ import annotations

import secrets
from dataclasses import dataclass
from typing import TYPE_CHECKING

from jenkinsgen.deploy.state.history import Event
from jenkinsgen.deploy.state.holding import holding
from jenkinsgen.deploy.state.lease import Lease
from jenkinsgen.edge import agent, workspace
from jenkinsgen.errors import LeaseHeld
from jenkinsgen.stages.context.real import REAL, open_state

if TYPE_CHECKING:
    from jenkinsgen.deploy.state.holding import Holding
    from jenkinsgen.edge.state.folder import Found
    from jenkinsgen.report import Report
    from jenkinsgen.spec.pipeline import Pipeline
    from jenkinsgen.stages.context.outside import Outside

RELEASE = "lock release"


@dataclass(frozen=True, slots=True)
class SeenLease:
    """The lease, as it was found just now."""

    found: Found | None
    """None when nothing was ever deployed."""
    holding: Holding | None
    """None when no one holds it."""


def seen_lease(found: Found | None, outside: Outside = REAL) -> SeenLease:
    """The lease in the folder, and what this machine and Jenkins know of its holder."""
    if found is None:
        return SeenLease(None, None)
    return SeenLease(found, holding(found.lease, found.now, outside.dead_because(found.lease.holder)))


def look_at_lease(pipeline: Pipeline, report: Report) -> SeenLease:
    """Read it. Raises HostError."""
    with open_state(pipeline, workspace.login(pipeline, report)) as folder:
        return seen_lease(folder.read())


def release_lease(pipeline: Pipeline, report: Report, *, force: bool) -> Holding | None:
    """Give back the lease of a dead holder; with `force`, any lease. Returns whose it was; None when it was free.

    Raises LeaseHeld when its holder is not known to be dead, StateError when the folder cannot be written.
    """
    with open_state(pipeline, workspace.login(pipeline, report)) as folder:
        seen = seen_lease(folder.read())
        if seen.found is None or seen.holding is None:
            return None
        holder, reason = seen.holding.holder, seen.holding.free_because
        if reason is None and not force:
            raise LeaseHeld(
                f"the lease is {seen.holding.line}, renewed {max(0, seen.holding.renewed)} s ago; "
                "its holder is not known to be dead",
                hint="stop that build; or, if you know that it does nothing any more: jenkinsgen lock release --force",
            )
        if not folder.claim(Lease(secrets.token_hex(8), None, seen.found.now), seen.found.lease):
            raise LeaseHeld("the lease changed hands at this very moment", hint="look again: jenkinsgen lock show")
        me = agent.holder(RELEASE, workspace.current_build())
        why = reason or "forced, although its holder was not known to be dead"
        detail = f"the lease of {holder.title}: {why}"
        folder.append(Event(seen.found.now, RELEASE, "done", me.build, me.user, me.host, detail=detail))
        return seen.holding
