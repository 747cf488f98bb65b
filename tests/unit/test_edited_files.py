"""What people and broken disks leave in the state folder: it is told, and never reaches a terminal raw."""

from __future__ import annotations

import json
from dataclasses import asdict, replace
from typing import Any

import pytest
from examples import container, pipeline, release

from jenkinsgen.deploy.reconciliation import reconciled
from jenkinsgen.deploy.screen import fitting, moment
from jenkinsgen.deploy.state.history import Event, dump_event, history_lines, parse_history
from jenkinsgen.deploy.state.journal import (
    Entry,
    Journal,
    UnderWay,
    became_live,
    dump_journal,
    parse_journal,
)
from jenkinsgen.deploy.state.lease import Holder, Lease, Process, dump_lease, parse_lease
from jenkinsgen.spec.colour import Colour

GREEN, BLUE = Colour.GREEN, Colour.BLUE
BASELINE = {"requests": 3.0, "error_percent": 0.5, "p95_seconds": 0.1}
JOURNAL = Journal(
    (Entry(release(), 2, baseline=BASELINE), Entry(release(GREEN, number=6), 1, "by me")),
    release().version,
    UnderWay("cleanup", "https://ci/1/", "v", "blue", 3),
)
LEASE = Lease("0123456789abcdef", Holder("https://ci/1/", "u", "h", "cleanup", Process("boot", "pid:[1]", 7, 8)), 5)
EVENT = Event(1, "cleanup", "done", "https://ci/1/", "u", "h")


def test_what_is_written_is_read():
    assert parse_journal(dump_journal(JOURNAL)) == JOURNAL
    for lease in (LEASE, replace(LEASE, holder=None)):
        assert parse_lease(dump_lease(lease)) == lease
    assert parse_history(dump_event(EVENT) * 2) == ((EVENT, EVENT), 0)


def places(data: Any, path: tuple[str | int, ...] = ()) -> list[tuple[str | int, ...]]:
    """The place of everything in it that is not a list or an object."""
    if isinstance(data, (dict, list)):
        items = data.items() if isinstance(data, dict) else enumerate(data)
        return [place for key, value in items for place in places(value, (*path, key))]
    return [path]


def test_a_value_of_another_kind_is_damage_wherever_it_stands():
    for place in places(json.loads(dump_journal(JOURNAL))):
        with pytest.raises(ValueError, match=str(place[-1])):
            parse_journal(edited(dump_journal(JOURNAL), place))
    for place in places(json.loads(dump_lease(LEASE))):
        assert parse_lease(edited(dump_lease(LEASE), place)) is None


def edited(text: str, place: tuple[str | int, ...]) -> str:
    data = inner = json.loads(text)
    for key in place[:-1]:
        inner = inner[key]
    inner[place[-1]] = ["$(reboot)"]
    return json.dumps(data)


@pytest.mark.parametrize("text", ["", "[]", "null", "[" * 100_000, '{"entries": 1}', "\ufffd", '{"live": NaN}'])
def test_garbage_is_damage(text: str):
    with pytest.raises(ValueError):  # noqa: PT011 - the words are pydantic's
        parse_journal(text)
    assert parse_lease(text) is None
    assert parse_history(text + "\n" + json.dumps({**asdict(EVENT), "time": "now"})) == ((), 2)


def test_nothing_of_it_reaches_a_terminal_as_a_command():
    event = replace(EVENT, time=10**18, detail="\x1b]0;title\x07\x1b[2J \u202egnp.exe\r", build="a\nb")
    lines = history_lines([event], 0, 0)
    assert all(line.isprintable() for line in lines)
    assert "in no known year" in lines[0]
    assert moment(-(10**18)) == "in no known year"
    assert fitting("a\tb \udc80 \x1b[1;31mü\x1b[0m") == "a   b ? ü"


def test_a_server_with_a_release_of_long_ago_does_not_change_what_the_journal_has_as_live():
    """It was out of the spec for a while, and came back with what it ran then."""
    journal = became_live(became_live(Journal(), release(number=5), 1), release(number=7), 2)
    found = [container(BLUE, number=5), container(BLUE, number=7)]
    assert reconciled(journal, pipeline(), BLUE, found, 9) == journal

    behind = became_live(Journal(), release(GREEN, number=6), 2)
    several = [container(BLUE, number=5), container(BLUE, number=7), container(BLUE, number=7)]
    assert reconciled(behind, pipeline(), BLUE, several, 9).live == release(number=7).version
    stopped = [container(BLUE, number=5, running=False)]
    assert reconciled(behind, pipeline(), BLUE, stopped, 9) == behind
