"""The runner of plans: order, failure, cancellation, interruption, and always the way back."""

from __future__ import annotations

import io
import os
import signal
import threading
import time
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

import pytest

from jenkinsgen.deploy.run import Cancellation, Cancelled, run_plan
from jenkinsgen.deploy.steps import Phase, Plan, RemoveTag, Step
from jenkinsgen.errors import HostError, ReleaseRefused
from jenkinsgen.report import Report

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

# Longer than a test may take: who sleeps it out is ended.
A_WHILE = 600.0
"""Seconds after which a test that waits has failed."""


def step(name: str) -> Step:
    """Any step will do; the performer below decides by the name what happens."""
    return RemoveTag(name)


def phase(title: str, **hosts: str) -> Phase:
    return Phase(title, {host: tuple(map(step, names.split())) for host, names in hosts.items()})


@dataclass
class Recorder:
    """Performs steps by writing them down; `acts` says what else happens at a step of a name."""

    acts: dict[str, Callable[[Cancellation], None]] = field(default_factory=dict)
    done: list[str] = field(default_factory=list)
    said: str = ""

    def accept(self, plan: Plan) -> None:
        """Whatever it is."""

    def __call__(self, host: str, step: Step, cancellation: Cancellation) -> None:
        assert isinstance(step, RemoveTag)
        self.acts.get(step.reference, lambda _cancellation: None)(cancellation)
        self.done.append(f"{host}:{step.reference}")


def fails_with(error: BaseException) -> Callable[[Cancellation], None]:
    def act(_cancellation: Cancellation) -> None:
        raise error

    return act


def run(plan: Plan, recorder: Recorder) -> None:
    said = io.StringIO()
    try:
        run_plan(plan, recorder, Report(said))
    finally:
        recorder.said = said.getvalue()


def test_phases_follow_each_other_and_every_step_is_told():
    recorder = Recorder()
    run(Plan((phase("one", a="1 2", b="1"), phase("two", a="3")), undo=(phase("back", a="u"),)), recorder)
    assert recorder.done[-1] == "a:3"
    assert sorted(recorder.done[:-1]) == ["a:1", "a:2", "b:1"]
    assert recorder.done.index("a:1") < recorder.done.index("a:2")
    assert len(recorder.said.splitlines()) == 4
    assert "a: remove the local tag 3 (0.0 s)" in recorder.said


def test_an_empty_plan_does_nothing():
    recorder = Recorder()
    run(Plan(()), recorder)
    assert (recorder.done, recorder.said) == ([], "")


def test_hosts_work_at_the_same_time():
    together = threading.Barrier(3, timeout=A_WHILE)
    recorder = Recorder({"meet": lambda _cancellation: together.wait() and None})
    run(Plan((phase("one", a="meet", b="meet", c="meet"),)), recorder)
    assert len(recorder.done) == 3


def test_a_failure_cancels_the_other_hosts_and_takes_everything_back():
    recorder = Recorder({"fail": fails_with(ReleaseRefused("a: sick")), "wait": lambda c: c.sleep(A_WHILE)})
    plan = Plan(
        (phase("one", a="x"), phase("two", a="fail never", b="wait never"), phase("three", a="never")),
        undo=(phase("back", a="u", b="u"),),
    )
    with pytest.raises(ReleaseRefused, match="a: sick"):
        run(plan, recorder)
    assert sorted(recorder.done) == ["a:u", "a:x", "b:u"]


def test_all_failures_are_in_the_message_of_the_first():
    both = threading.Barrier(2, timeout=A_WHILE)

    def refuse(name: str) -> Callable[[Cancellation], None]:
        def act(_cancellation: Cancellation) -> None:
            both.wait()
            raise ReleaseRefused(f"{name} is sick", hint=f"help {name}")

        return act

    with pytest.raises(ReleaseRefused) as caught:
        run(Plan((phase("one", a="a", b="b"),)), Recorder({"a": refuse("a"), "b": refuse("b")}))
    assert caught.value.message == "a is sick\nb is sick"
    assert caught.value.hint == "help a"


def test_a_bug_is_never_hidden_behind_an_error_of_ours():
    both = threading.Barrier(2, timeout=A_WHILE)

    def fail(_cancellation: Cancellation) -> None:
        both.wait()
        raise HostError("gone")

    def bug(_cancellation: Cancellation) -> None:
        both.wait()
        raise TypeError("oops")

    recorder = Recorder({"bug": bug, "fail": fail})
    with pytest.raises(TypeError, match="oops"):
        run(Plan((phase("one", a="fail", b="bug"),), undo=(phase("back", a="u"),)), recorder)
    assert recorder.done == ["a:u"]


def test_a_host_that_cannot_be_taken_back_does_not_stop_the_others():
    gone = threading.Event()

    def fail(_cancellation: Cancellation) -> None:
        gone.set()
        raise HostError("a: unreachable")

    def slow(_cancellation: Cancellation) -> None:
        assert gone.wait(A_WHILE)
        time.sleep(0.3)

    recorder = Recorder({"fail": fails_with(ReleaseRefused("sick")), "gone": fail, "slow": slow})
    plan = Plan((phase("one", a="fail"),), undo=(phase("back", a="gone", b="slow second"), phase("more", b="third")))
    with pytest.raises(ReleaseRefused, match="sick"):
        run(plan, recorder)
    assert recorder.done == ["b:slow", "b:second", "b:third"]
    assert "back failed: a: unreachable" in recorder.said


def test_a_bug_while_taking_back_does_not_hide_why():
    recorder = Recorder({"fail": fails_with(ReleaseRefused("sick")), "bug": fails_with(KeyError("x"))})
    plan = Plan((phase("one", a="fail"),), undo=(phase("back", a="bug"), phase("more", a="u")))
    with pytest.raises(ReleaseRefused, match="sick"):
        run(plan, recorder)
    assert recorder.done == ["a:u"]


def test_what_is_interrupted_is_taken_back():
    def interrupt(cancellation: Cancellation) -> None:
        os.kill(os.getpid(), signal.SIGINT)
        cancellation.sleep(A_WHILE)

    recorder = Recorder({"interrupt": interrupt, "wait": lambda c: c.sleep(A_WHILE)})
    plan = Plan((phase("one", a="interrupt never", b="wait never"),), undo=(phase("back", a="u", b="u"),))
    with pytest.raises(KeyboardInterrupt):
        run(plan, recorder)
    assert sorted(recorder.done) == ["a:u", "b:u"]


def test_an_interruption_between_two_phases_is_taken_back_too():
    class Phases(tuple):
        __slots__ = ()

        def __iter__(self) -> Iterator[Phase]:
            yield phase("one", a="x")
            raise KeyboardInterrupt

    recorder = Recorder()
    with pytest.raises(KeyboardInterrupt):
        run(Plan(Phases(), undo=(phase("back", a="u"),)), recorder)
    assert recorder.done == ["a:x", "a:u"]


def test_what_had_just_begun_ends_before_it_is_taken_back(monkeypatch: pytest.MonkeyPatch):
    """A signal may come while a pool starts a thread: that runs then, and the pool does not know of it."""
    begun = threading.Event()
    start = threading.Thread.start

    def start_and_be_interrupted(thread: threading.Thread) -> None:
        monkeypatch.setattr(threading.Thread, "start", start)
        start(thread)
        assert begun.wait(A_WHILE)
        raise KeyboardInterrupt

    def act(_cancellation: Cancellation) -> None:
        begun.set()
        time.sleep(0.2)

    monkeypatch.setattr(threading.Thread, "start", start_and_be_interrupted)
    recorder = Recorder({"start": act})
    with pytest.raises(KeyboardInterrupt):
        run(Plan((phase("start", a="start"),), (phase("back", a="remove"),)), recorder)
    assert recorder.done == ["a:start", "a:remove"]


def test_a_cancelled_host_stops_at_its_next_look():
    event = threading.Event()
    cancellation = Cancellation(event)
    cancellation.check()
    event.set()
    with pytest.raises(Cancelled):
        cancellation.sleep(A_WHILE)
