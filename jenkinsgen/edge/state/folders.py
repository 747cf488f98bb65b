"""The state folders of a service on all of its NGINX hosts.

The first one has the lease, the journal and the history. Each of the others has its own flag, and a copy of the lease:
so a process that lost the lease cannot move any flag. A copy is written by comparison, as the lease itself is, and
it names no holder: a lease with one on another host is of a spec for which that host is the first.
"""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, TypeVar

from jenkinsgen.deploy.state.lease import FoundLease, given_back
from jenkinsgen.errors import JenkinsgenError
from jenkinsgen.parallel import in_parallel, on_each

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence

    from jenkinsgen.deploy.state.history import Event
    from jenkinsgen.deploy.state.journal import Journal
    from jenkinsgen.deploy.state.lease import Lease
    from jenkinsgen.edge.state.folder import Found, StateFolder
    from jenkinsgen.nginx.canary import Gate
    from jenkinsgen.spec.colour import Colour

T = TypeVar("T")
_NOTHING = FoundLease(None, 0, None)


class StateFolders:
    """Every method raises HostError when a host cannot be reached that it needs: all of them for what changes traffic
    and for the claim, the first one for the rest.
    """

    def __init__(self, folders: Sequence[StateFolder]) -> None:
        self._leader, *self._others = folders
        self._folders = {str(index): folder for index, folder in enumerate(folders)}

    @property
    def path(self) -> str:
        return self._leader.path

    def make(self) -> None:
        """Make the leader's folder; those of the others are made when the lease is claimed. Raises CommandFailed."""
        self._leader.make()

    def read(self) -> Found | None:
        """The leader's state, with the canary and the servers that are out on any host.

        None when the leader has no folder: nothing was ever deployed.
        """
        all_found = list(self._each(lambda folder: folder.read()).values())
        found, others = all_found[0], all_found[1:]
        if found is None:
            return None
        there = [found, *(other for other in others if other is not None)]
        return replace(
            found,
            gate=next((each.gate for each in there if each.gate), None),
            out=max(each.out for each in there),
            copies=tuple(None if other is None else other.lease for other in others),
        )

    def claim(self, lease: Lease, found: Found) -> bool:
        """Take the lease, and write a copy of it to every other host, if those that were found are still there.

        False when another process was faster, on any of them: then it is given back where it was taken.
        """
        if not self._leader.claim(lease, found.lease):
            return False
        try:
            copied = all(self._copy(lease, found).values())
        except JenkinsgenError:
            self._leader.write_lease(lease, given_back(lease))
            raise
        if not copied:
            self._leader.write_lease(lease, given_back(lease))
        return copied

    def _copy(self, lease: Lease, found: Found) -> dict[str, bool]:
        def copy(index: int) -> bool:
            folder, seen = self._others[index], found.copies[index]
            if seen is None:
                folder.make()
            return folder.claim(given_back(lease), seen or _NOTHING)

        return in_parallel(copy, {str(index): index for index in range(len(self._others))})

    def renew(self, lease: Lease) -> None:
        """Renew the lease: its holder lives. Raises LeaseLost when another process holds it."""
        self._leader.renew(lease)

    def write_lease(self, held: Lease, new: Lease) -> None:
        """Hand the lease over, or give it back; the copies do not change. Raises LeaseLost."""
        self._leader.write_lease(held, new)

    def write_journal(self, held: Lease, journal: Journal) -> None:
        """Raises LeaseLost."""
        self._leader.write_journal(held, journal)

    def append(self, event: Event) -> None:
        """One line more in the history."""
        self._leader.append(event)

    def set_flag(self, held: Lease, colour: Colour) -> float:
        """The switch, on all hosts at one moment. Returns the milliseconds that it took on the slowest of them.

        Where a host fails, the others have done it: taking it back is the plan's. Raises as a folder does.
        """
        return max(self._each(lambda folder: folder.set_flag(held, colour)).values())

    def set_canary(self, held: Lease, gate: Gate) -> float:
        """Give a part of the clients to the colour that is not live, on all hosts. Raises as `set_flag` does."""
        return max(self._each(lambda folder: folder.set_canary(held, gate)).values())

    def end_canary(self, held: Lease) -> None:
        """Take all clients from the colour that is not live, on all hosts. Raises as `set_flag` does."""
        self._each(lambda folder: folder.end_canary(held))

    def set_out(self, held: Lease, batch: int) -> None:
        """Let traffic go past this batch of servers; with 0, to all. Raises as `set_flag` does."""
        self._each(lambda folder: folder.set_out(held, batch))

    def _each(self, do: Callable[[StateFolder], T]) -> Mapping[str, T]:
        return on_each(do, self._folders)
