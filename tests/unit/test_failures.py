"""Many hosts at the same time: one error tells of all that failed, and stays short."""

from __future__ import annotations

import os
import signal
import threading
import time

import pytest

from jenkinsgen import parallel
from jenkinsgen.deploy.outcomes import Outcome, failure_table
from jenkinsgen.errors import HostError, ReleaseRefused
from jenkinsgen.failures import joined
from jenkinsgen.parallel import in_parallel


def test_results_keep_their_names_and_order():
    names = {str(number): number for number in range(100)}
    assert list(in_parallel(lambda number: number + 1, names).items()) == [(name, n + 1) for name, n in names.items()]
    assert in_parallel(lambda number: number, {}) == {}


def test_no_more_calls_at_once_than_the_bound():
    lock, running, most = threading.Lock(), 0, 0

    def call(_: int) -> None:
        nonlocal running, most
        with lock:
            running += 1
            most = max(most, running)
        time.sleep(0.01)
        with lock:
            running -= 1

    in_parallel(call, {str(number): number for number in range(200)})

    assert most == parallel.AT_ONCE


def test_one_error_tells_of_all_hosts_that_failed():
    def call(name: str) -> None:
        if name != "b":
            raise HostError(f"{name}: gone", hint="look")

    with pytest.raises(HostError) as caught:
        in_parallel(call, {name: name for name in "abc"})

    assert str(caught.value) == "a: gone\nc: gone\nhint: look"


def test_a_bug_is_not_hidden_behind_an_error_of_a_host():
    def call(name: str) -> None:
        raise HostError("a: gone") if name == "a" else TypeError("oops")

    with pytest.raises(TypeError, match="oops"):
        in_parallel(call, {"a": "a", "b": "b"})


def test_a_signal_ends_the_wait_although_a_host_does_not_answer():
    over = threading.Event()
    threading.Timer(0.2, os.kill, (os.getpid(), signal.SIGINT)).start()

    # Longer than a test may take.
    with pytest.raises(KeyboardInterrupt):
        in_parallel(lambda _: over.wait(600), {"a": 1, "b": 2})
    over.set()


def test_two_hundred_errors_fit_on_a_screen():
    log = "\n".join(f"    line {number}" for number in range(30))
    errors = [ReleaseRefused(f"192.0.2.{n}: shop-blue ended\n{log}", hint="mend it") for n in range(200)]

    lines = str(joined(errors)).splitlines()

    assert len(lines) < 120
    assert lines[-2:] == ["and 177 more like these", "hint: mend it"]
    assert lines.count("    line 29") == 3


def test_the_table_tells_the_failed_servers_first_and_counts_the_others():
    outcomes = [Outcome(f"192.0.2.{number}", step="shop-blue healthy") for number in range(1, 17)]
    for outcome in outcomes[4:]:
        outcome.state = "done"
    outcomes[1].fail(ReleaseRefused("192.0.2.2: shop-blue was not healthy within 10s\n  last look: ..."))
    outcomes[12].fail(HostError("deploy@192.0.2.13: Docker does not answer"))

    assert list(failure_table("health", outcomes)) == [
        "health: failed on 2 of 16",
        "  192.0.2.2   failed   shop-blue was not healthy within 10s",
        "  192.0.2.13  failed   Docker does not answer",
        "  stopped because of that: 3 (192.0.2.1, 192.0.2.3, 192.0.2.4)",
        "  done: 11 (192.0.2.5, 192.0.2.6, 192.0.2.7, 192.0.2.8, 192.0.2.9, 192.0.2.10 and 5 more)",
    ]


def test_the_table_of_two_hundred_failed_servers_is_short():
    outcomes = [Outcome(f"192.0.2.{number}") for number in range(200)]
    for outcome in outcomes:
        outcome.fail(HostError(f"{outcome.host}: " + "no answer " * 100))

    lines = list(failure_table("prepare", outcomes))

    assert len(lines) == 22
    assert all(len(line) <= 160 for line in lines)
    assert lines[-1].startswith("  and 180 more failed: 192.0.2.20, ")


def test_one_host_alone_needs_no_table():
    outcome = Outcome("the NGINX")
    outcome.fail(HostError("gone"))
    assert list(failure_table("switch", [outcome])) == []
