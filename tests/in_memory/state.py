"""The state on the NGINX host: lease, journal and history; and what moves traffic."""

from __future__ import annotations

import hashlib
from typing import TYPE_CHECKING

from jenkinsgen.deploy import steps
from jenkinsgen.deploy.state.journal import Journal, dump_journal, parse_journal
from jenkinsgen.deploy.state.lease import FoundLease, Lease, dump_lease
from jenkinsgen.deploy.steps import NGINX
from jenkinsgen.edge.state.folder import Found
from jenkinsgen.errors import LeaseLost

if TYPE_CHECKING:
    from collections.abc import Callable

    from jenkinsgen.deploy.state.history import Event
    from jenkinsgen.nginx.canary import Gate
    from jenkinsgen.spec.colour import Colour

    from .house import House


class StateInMemory:
    """See `StateStore`."""

    path = "/var/lib/jenkinsgen/shop"

    def __init__(self, house: House) -> None:
        self._house = house
        self.made = False
        self.lease: Lease | None = None
        self.renewed = 0
        self.journal = Journal()
        self.damage = ""
        """Why the journal cannot be read."""
        self.events: list[Event] = []
        self.when_given_back: list[Callable[[], None]] = []

    def make(self) -> None:
        self._house.call("make the state folder")
        self.made = True

    def read(self) -> Found | None:
        self._house.call("read the state")
        if not self.made:
            return None
        world = self._house.world
        journal = Journal() if self.damage else self.journal
        return Found(self._house.now(), self._found(), journal, self.damage, world.gate, world.out)

    def _found(self) -> FoundLease:
        if self.lease is None:
            return FoundLease(None, 0, None)
        return FoundLease(self.lease, self._house.now() - self.renewed, self._checksum())

    def _checksum(self) -> str | None:
        # Renewing is `touch`: the same bytes.
        return hashlib.sha256(dump_lease(self.lease).encode()).hexdigest() if self.lease else None

    def claim(self, lease: Lease, found: Found) -> bool:
        self._house.call("claim the lease")
        with self._house.lock:
            if self._checksum() != found.lease.checksum:
                return False
            self._write(lease)
        self._house.behind("claim the lease")
        return True

    def _write(self, lease: Lease) -> None:
        self.lease, self.renewed = lease, self._house.now()

    def _held(self, lease: Lease) -> None:
        if self.lease is None or self.lease.token != lease.token:
            raise LeaseLost("the lease is another's")

    def renew(self, lease: Lease) -> None:
        self._house.call("renew the lease")
        self._held(lease)
        self.renewed = self._house.now()

    def write_lease(self, held: Lease, new: Lease) -> None:
        self._house.call("give the lease back")
        self._held(held)
        self._write(new)
        self._house.behind("give the lease back")
        for happening in self.when_given_back if new.holder is None else ():
            happening()

    def write_journal(self, held: Lease, journal: Journal) -> None:
        self._house.call("write the journal")
        self._held(held)
        # As it lies there: what cannot be read again is no journal.
        self.journal, self.damage = parse_journal(dump_journal(journal)), ""
        self._house.behind("write the journal")

    def append(self, event: Event) -> None:
        self._house.call("append to the history")
        self.events.append(event)

    def set_flag(self, held: Lease, colour: Colour) -> float:
        self._held(held)
        self._house.do("set the flag", NGINX, steps.SetFlag(colour))
        return 1.0

    def set_canary(self, held: Lease, gate: Gate) -> float:
        self._held(held)
        self._house.do("set the canary", NGINX, steps.SetCanary(gate))
        return 1.0

    def end_canary(self, held: Lease) -> None:
        self._held(held)
        self._house.do("end the canary", NGINX, steps.EndCanary())

    def set_out(self, held: Lease, batch: int) -> None:
        self._held(held)
        self._house.do("set the batch", NGINX, steps.TakeOut(batch, (), 0) if batch else steps.PutBack())
