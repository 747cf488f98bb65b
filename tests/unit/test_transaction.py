"""What a stage writes down, and by which clock; the folder is in memory."""

from __future__ import annotations

import threading
import time
from dataclasses import dataclass, field
from types import SimpleNamespace
from typing import TYPE_CHECKING, Any

import pytest
from in_memory.clock import QuickClock

from jenkinsgen.clock import CLOCK, Clock
from jenkinsgen.deploy.state.journal import Journal
from jenkinsgen.deploy.state.lease import FoundLease, Holder, Lease
from jenkinsgen.edge.state.folder import Found
from jenkinsgen.errors import HostError
from jenkinsgen.spec.colour import Colour
from jenkinsgen.stages.context.transaction import Transaction

if TYPE_CHECKING:
    from jenkinsgen.deploy.state.history import Event

ME = Holder("https://ci/job/shop/8/", "jenkins", "agent1", "deploy-colour", None)


@dataclass
class Folder:
    """Keeps what was written last."""

    journal: Journal = field(default_factory=Journal)
    events: list[Event] = field(default_factory=list)

    answers_after: list[float] = field(default_factory=list)
    """Seconds that each look at the lease takes."""
    clock: Clock = field(default_factory=QuickClock)

    def renew(self, _lease: Lease) -> None:
        self.clock.sleep(self.answers_after.pop(0))

    def write_journal(self, _held: Lease, journal: Journal) -> None:
        self.journal = journal

    def append(self, event: Event) -> None:
        self.events.append(event)


def working(folder: Any) -> Transaction:
    session: Any = SimpleNamespace(state=folder, clock=folder.clock)
    return Transaction(session, ME, Lease("token", ME, 1000), Found(1000, FoundLease(None, 0, None), Journal()))


def test_the_history_has_the_time_of_the_end_and_the_journal_that_of_the_beginning():
    """A stage may last for half an hour; what somebody else does meanwhile comes before its end."""
    folder: Any = Folder()
    work = working(folder)
    folder.clock.sleep(90.2)

    work.begin("v-8", Colour.BLUE)
    work.tell("done")

    assert folder.journal.under_way is not None
    assert folder.journal.under_way.began == 1000
    assert [event.time for event in folder.events] == [1090]
    assert work.now == 1090


def test_an_answer_that_was_long_on_its_way_is_no_leave_to_act():
    folder: Any = Folder(answers_after=[31.0, 20.0, 0.1])
    work = working(folder)

    work.check()
    assert folder.answers_after == []

    folder.answers_after = [31.0] * 3
    with pytest.raises(HostError, match="needed more than 15 s"):
        work.check()


def test_servers_that_ask_at_the_same_time_share_an_answer_that_was_asked_for_later():
    began = [threading.Event(), threading.Event()]
    answer = threading.Event()
    asked: list[float] = []

    class Slow(Folder):
        def renew(self, _lease: Lease) -> None:
            asked.append(time.monotonic())
            began[len(asked) - 1].set()
            assert answer.wait(10)

    folder: Any = Slow(clock=CLOCK)
    work = working(folder)
    first = threading.Thread(target=work.check)
    first.start()
    assert began[0].wait(10)
    others = [threading.Thread(target=work.check) for _ in range(20)]
    for thread in others:
        thread.start()
    time.sleep(0.1)
    answer.set()
    for thread in (first, *others):
        thread.join(10)

    # The first question began before the others were asked: its answer may be too old for them.
    assert len(asked) == 2
