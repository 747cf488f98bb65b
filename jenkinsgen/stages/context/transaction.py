"""A stage as a transaction: the lease is held while it works, and what it did is written down for the next one."""

from __future__ import annotations

import json
import threading
from contextlib import contextmanager
from dataclasses import replace
from typing import TYPE_CHECKING, Any

from typing_extensions import TypedDict, Unpack

from jenkinsgen import timings
from jenkinsgen.deploy.reconciliation import reconciled
from jenkinsgen.deploy.state.history import Event
from jenkinsgen.deploy.state.journal import UnderWay, refuse_older
from jenkinsgen.deploy.state.lease import LEASE_SECONDS, RENEW_SECONDS, given_back, handed_over
from jenkinsgen.deploy.strategies.canary.owner import canary_of_another, refuse_canary
from jenkinsgen.errors import HostError, JenkinsgenError, LeaseLost
from jenkinsgen.masks import shown
from jenkinsgen.stages.context.claim import claim
from jenkinsgen.stages.context.in_step import put_in_step

if TYPE_CHECKING:
    from collections.abc import Iterator
    from contextlib import AbstractContextManager

    from jenkinsgen.clock import Clock
    from jenkinsgen.deploy.state.journal import Canary, Journal
    from jenkinsgen.deploy.state.lease import Holder, Lease
    from jenkinsgen.deploy.world import World
    from jenkinsgen.edge.state.folder import Found
    from jenkinsgen.nginx.canary import Gate
    from jenkinsgen.report import Report
    from jenkinsgen.spec.colour import Colour
    from jenkinsgen.spec.pipeline import Pipeline
    from jenkinsgen.stages.context.outside import StateStore
    from jenkinsgen.stages.context.session import Session

TAKEN_OVER, DONE = "taken over", "done"
_CHECKS = 3


class Transaction:
    """A stage at work, with its lease. Its methods raise LeaseLost as soon as another process has taken over."""

    def __init__(self, session: Session, me: Holder, lease: Lease, found: Found) -> None:
        """`found` is what lay in the folder when the lease was taken."""
        self.session = session
        self.lease = lease
        self.journal = found.journal
        self.hand_over = False
        """Whether another stage of this build is to follow, for which the lease is kept."""
        self.who = me.title
        self._me = me
        self._folder = session.state
        self._clock = session.clock
        self._gate = found.gate
        self._out = found.out
        self._began = found.now
        self._taken = self._clock.now()
        self._asking = threading.Lock()
        self._known = self._taken
        """When the lease was last known to be mine: the moment at which that was asked, not answered."""
        self._version = self._colour = ""

    @property
    def pipeline(self) -> Pipeline:
        return self.session.pipeline

    @property
    def report(self) -> Report:
        return self.session.report

    @property
    def build(self) -> str:
        """The name of this build, as the lease and a canary have it."""
        return self._me.build

    @property
    def now(self) -> int:
        """The clock of the NGINX host, as it was when the lease was taken and has gone on since."""
        return self._began + round(self._clock.now() - self._taken)

    def check(self) -> None:
        """The lease is still mine: asked before every effect, because a process may be stuck for longer than it
        lasts. Raises HostError when the NGINX host cannot be asked: then nothing is done.

        An answer that was long on its way tells of a lease that may be another's by now; so does one that waited for
        a process that was stopped. Such an answer is asked for again. Servers that ask at the same time share one.
        """
        for _ in range(_CHECKS):
            known = self._held_at(self._clock.now())
            if self._clock.now() - known < LEASE_SECONDS / 2:
                return
        raise HostError(
            f"the NGINX host needed more than {LEASE_SECONDS / 2:.0f} s to renew the lease, {_CHECKS} times in a row",
            hint="nothing more was done; is that host, or the way to it, overloaded?",
        )

    def _held_at(self, asked: float) -> float:
        """When it was mine: a moment after `asked`, that of the last question that was answered."""
        with self._asking:
            if self._known <= asked:
                began = self._clock.now()
                self._renew()
                self._known = began
            return self._known

    def _renew(self) -> None:
        try:
            with timings.span("check the lease"):
                self._folder.renew(self.lease)
        except LeaseLost as lost:
            found = self._folder.read()
            holder = found.lease.holder if found else None
            raise LeaseLost(
                f"{lost.message}: " + (f"{holder.title} has it" if holder else "somebody has released it"),
                hint="nothing more was done here; the other build puts the rest right",
            ) from None

    def set_flag(self, colour: Colour) -> float:
        """The switch, and the look at the lease, as one. Returns milliseconds."""
        return self._folder.set_flag(self.lease, colour)

    @property
    def batch_out(self) -> int:
        """The batch of servers that is out of the traffic on any of the hosts; 0 for none."""
        return self._out

    @property
    def has_canary(self) -> bool:
        """Does a canary lie in the folder?"""
        return self._gate is not None

    @property
    def canary_of_another(self) -> Canary | None:
        """The one that lies there, when another build began it."""
        return canary_of_another(self.journal, self._gate, self.build)

    def set_canary(self, gate: Gate) -> float:
        """So many percent for the colour that is not live, as one with the look at the lease. Milliseconds."""
        took = self._folder.set_canary(self.lease, gate)
        self._gate = gate
        return took

    def end_canary(self) -> None:
        """All clients for the live colour."""
        self._folder.end_canary(self.lease)
        self._gate = None

    def set_out(self, batch: int) -> None:
        """Past a batch of servers, or with 0 to all of them."""
        self._folder.set_out(self.lease, batch)
        self._out = batch

    def observe(self) -> World:
        """The world as it is. If a build was killed before it could write down that it switched, the journal catches
        up with that.
        """
        world = self.session.observe(self.journal)
        containers = [container for server in world.servers.values() for container in server.containers]
        self.journal = reconciled(self.journal, self.pipeline, world.live, containers, self.now, out=self._out)
        return replace(world, journal=self.journal, gate=self._gate, out=self._out)

    def begin(self, version: str, colour: Colour | None) -> None:
        """Write down what is under way, as long as it can still be undone by doing nothing."""
        self._version, self._colour = version, str(colour or "")
        self.write(self.journal)

    def write(self, journal: Journal) -> None:
        """Keep the journal, with this stage as the one under way."""
        self.journal = journal
        under_way = UnderWay(self._me.stage, self._me.build, self._version, self._colour, self._began)
        with timings.span("write the journal"):
            self._folder.write_journal(self.lease, replace(journal, under_way=under_way))

    def tell(self, result: str, detail: str = "") -> None:
        """One line for the history."""
        me = self._me
        known = shown(detail)
        self._folder.append(
            Event(self.now, me.stage, result, me.build, me.user, me.host, self._version, self._colour, known)
        )

    def write_report(self, name: str, facts: dict[str, Any]) -> None:
        """Keep what was done for machines, as `.jenkinsgen/NAME.json`; the stage may have another name."""
        self.session.stage.workspace.write_report(name, json.dumps(facts))

    def end(self) -> None:
        """Nothing is under way any more."""
        self._folder.write_journal(self.lease, replace(self.journal, under_way=None))
        after = handed_over(self.lease) if self.hand_over else given_back(self.lease)
        self._folder.write_lease(self.lease, after)


class Options(TypedDict, total=False):
    """How a lease is taken."""

    name: str
    """The name of the stage in the lease and the history, where that is more than the stage's own."""
    allow_older: bool
    """Go on even when a newer build of the same job was live already."""
    wait: float
    """For so many seconds at most, when another build deploys."""
    urgent: bool
    """Before a build that is between two of its stages."""
    beside_canary: bool
    """Go on even while another build has a canary."""


@contextmanager
def transaction(session: Session, **options: Unpack[Options]) -> Iterator[Transaction]:
    """Hold the lease of the service while a stage works.

    Raises LeaseHeld when another build deploys, StateError when a newer build of the same job was live already.
    """
    stage, folder, report = session.stage, session.state, session.report
    urgent = options.get("urgent", False)
    me = session.outside.holder(options.get("name", stage.name), stage.build)
    with timings.span("take the lease"):
        lease, found, was_dead = claim(session, me, wait=options.get("wait", 0.0), urgent=urgent)
    stop = threading.Event()
    renewing = threading.Thread(target=_renew, args=(folder, lease, stop, session.clock), daemon=True)
    work = Transaction(session, me, lease, found)
    renewing.start()
    try:
        _look_back(work, found.journal_damage, was_dead)
        put_in_step(work, urgent=urgent)
        if not options.get("beside_canary", False):
            refuse_canary(work.journal, found.gate, me.build, session.outside.build_ended)
        if not options.get("allow_older", False):
            refuse_older(work.journal, stage.build)
        yield work
        with timings.span("end"):
            work.end()
    except BaseException as error:
        _end_badly(work, error, report)
        raise
    finally:
        stop.set()


def urgent_transaction(
    session: Session, *, wait: float, name: str | None = None
) -> AbstractContextManager[Transaction]:
    """A transaction for a person who decides, and for a rollback: it does not wait for a build that is between two
    stages, and goes on beside any canary, whatever was live before. Raises LeaseHeld.
    """
    return transaction(
        session,
        name=name or session.stage.name,
        allow_older=True,
        wait=wait,
        urgent=True,
        beside_canary=True,
    )


def _look_back(work: Transaction, damage: str, was_dead: str) -> None:
    if damage:
        work.report.line(f"warning: the journal on the NGINX host is damaged ({damage}); it begins anew")
    if was_dead:
        work.report.line(f"took the lease over from {was_dead}")
        work.tell(TAKEN_OVER, was_dead)
    left = work.journal.under_way
    if left is not None:
        work.report.line(f"{left.build} did not end its stage {left.stage} ({left.version or 'no release yet'})")


def _renew(folder: StateStore, lease: Lease, stop: threading.Event, clock: Clock) -> None:
    while not clock.wait(stop, RENEW_SECONDS):
        try:
            folder.renew(lease)
        except LeaseLost:
            return
        except JenkinsgenError:
            # Each effect asks for itself; here a cut connection may come back in time.
            continue


def _end_badly(work: Transaction, error: BaseException, report: Report) -> None:
    """Say why in the history, and let the next build in. What cannot be said must not hide the error itself."""
    work.hand_over = False
    said = shown(error.message) if isinstance(error, JenkinsgenError) else ""
    try:
        work.tell(type(error).__name__, said.partition("\n")[0])
        work.end()
    except LeaseLost:
        # There is nothing to give back; the journal is the next holder's.
        return
    except JenkinsgenError as trouble:
        report.line(f"the lease could not be given back ({trouble.message}); it expires by itself")
