"""Each reader of what others write: any shape is an error of its source, never a traceback and never an answer."""

from __future__ import annotations

import base64
import ipaddress
import json
import math
import os
from contextlib import suppress
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest
from examples import pipeline, release
from hypothesis import HealthCheck, assume, example, given, settings
from hypothesis import strategies as st

from jenkinsgen import timings
from jenkinsgen.deploy.bounds import numbers_of, read_count
from jenkinsgen.deploy.guard.judgement import Baseline
from jenkinsgen.deploy.observed import VERSION, Container
from jenkinsgen.deploy.release import dump_release, parse_release
from jenkinsgen.deploy.screen import moment
from jenkinsgen.deploy.state.history import Event, dump_event, history_lines, parse_history
from jenkinsgen.deploy.state.journal import Canary, Entry, Journal, UnderWay, dump_journal, parse_journal, release_of
from jenkinsgen.deploy.state.lease import Holder, Lease, Process, dump_lease, parse_lease
from jenkinsgen.deploy.strategies.canary.owner import _is_later
from jenkinsgen.doctor import disk, engine, reach, ssh
from jenkinsgen.edge import agent
from jenkinsgen.edge.agent import read_stat
from jenkinsgen.edge.host_look import read_clock
from jenkinsgen.edge.nginx.access_log import AccessLog
from jenkinsgen.edge.ssh.command import Completed
from jenkinsgen.edge.state.folder import StateFolder, read_found
from jenkinsgen.edge.workspace import current_build
from jenkinsgen.errors import CommandFailed, HostError, JenkinsgenError, StateError
from jenkinsgen.facts import read_facts
from jenkinsgen.nginx.connections import count_connections, read_addresses
from jenkinsgen.nginx.rolling import batch_size_in, read_out
from jenkinsgen.nginx.state import read_observation
from jenkinsgen.spec.colour import Colour
from jenkinsgen.stages.operate.examination import Examination
from jenkinsgen.timings import Timings

if TYPE_CHECKING:
    from collections.abc import Iterator

JSON: st.SearchStrategy[Any] = st.recursive(
    st.one_of(
        st.none(), st.booleans(), st.integers(), st.floats(), st.text(max_size=20), st.sampled_from([10**30, -(2**63)])
    ),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=10), inner, max_size=3),
    max_leaves=8,
)
TEXT = st.text(alphabet=st.characters(exclude_categories=["Cs"]), max_size=300)
DEEP = "[" * 100_000
LEASE = Lease("t", Holder("build", "ci", "agent-1", "switch-nginx", Process("boot", "pid:[1]", 7, 99)), 1000)
JOURNAL = Journal(
    (Entry(release(), 1000, baseline={"requests": 1.0}),),
    release().version,
    UnderWay("cleanup", "build", release().version, "blue", 999),
    Canary(release(), 25, "build", 998, {"requests": 1.0, "error_percent": 0.0, "p95_seconds": 0.1}),
)
EVENT = Event(1000, "deploy-colour", "done", "build", "ci", "agent-1")


def paths(value: Any, at: tuple[Any, ...] = ()) -> Iterator[tuple[Any, ...]]:
    """Where something lies in a JSON value, the value itself first."""
    yield at
    children = value.items() if isinstance(value, dict) else enumerate(value) if isinstance(value, list) else ()
    for key, child in children:
        yield from paths(child, (*at, key))


def changed(value: Any, at: tuple[Any, ...], by: Any) -> Any:
    """The same with another thing in one place."""
    if not at:
        return by
    copy = dict(value) if isinstance(value, dict) else list(value)
    copy[at[0]] = changed(value[at[0]], at[1:], by)
    return copy


def mutants(*texts: str) -> st.SearchStrategy[str]:
    """Texts that are damaged in one place: another thing at any path, cut off, anything."""
    values = [json.loads(text) for text in texts]
    places = [(value, at) for value in values for at in paths(value)]
    return st.one_of(
        st.builds(lambda place, by: json.dumps(changed(*place, by)), st.sampled_from(places), JSON),
        st.builds(lambda text, end: text[: end % len(text)], st.sampled_from(texts), st.integers(0, 10_000)),
        TEXT,
        st.builds(json.dumps, JSON),
    )


@given(mutants(dump_lease(LEASE), dump_lease(replace(LEASE, holder=None))))
@example(DEEP)
@example(dump_lease(LEASE).replace("99", "9" * 4400))
def test_a_lease_of_any_shape_is_nobodys_or_a_lease(text: str):
    found = parse_lease(text)
    if found is not None and found.holder is not None and found.holder.process is not None:
        # What is read is used: it may name any process.
        assert isinstance(agent.runs(found.holder.process), bool)
        assert isinstance(found.holder.title, str)
    if found is not None:
        assert moment(found.since) != "in no known year"


@given(mutants(dump_journal(JOURNAL)))
@example(DEEP)
@example(dump_journal(JOURNAL).replace("998", "9" * 4400))
@example(dump_journal(JOURNAL).replace("0.1", "NaN"))
def test_a_journal_of_any_shape_is_damaged_or_a_journal(text: str):
    try:
        found = parse_journal(text)
    except ValueError:
        return
    assert parse_journal(dump_journal(found)) == found or "NaN" in text
    if found.canary is not None:
        with suppress(StateError):
            Baseline.from_dict(found.canary.baseline)
    assert [moment(entry.since) for entry in found.entries].count("in no known year") == 0


@given(st.lists(mutants(dump_event(EVENT)), max_size=4))
@example([DEEP])
@example([dump_event(EVENT).replace("1000", "9" * 4400)])
def test_a_history_of_any_shape_is_shown(lines: list[str]):
    text = "\n".join(lines)
    events, damaged = parse_history(text + "\n" + dump_event(EVENT))
    assert events[-1:] == (EVENT,)
    assert history_lines(events, damaged, 0)


@given(mutants(dump_release(release())))
@example(DEEP)
@example(dump_release(release()).replace(": 7", ": " + "9" * 4400))
def test_a_release_of_any_shape_is_damaged_or_a_release(text: str):
    try:
        found = parse_release(text)
    except StateError as error:
        assert "release.json is damaged" in error.message  # noqa: PT017 - there may be none
        return
    assert parse_release(dump_release(found)) == found
    assert all(isinstance(each, str) for each in (found.version, found.repository, found.digest, found.build_url))


class Says:
    """A host whose command ends with this output."""

    address = "app1"

    def __init__(self, output: str) -> None:
        self._output = output

    def run(self, *_: Any, **__: Any) -> Completed:
        return Completed(0, self._output, "")

    def check(self, *_: Any, **__: Any) -> str:
        return self._output


WHOLE = "\n".join(
    [
        "now 1000",
        "lease.json " + base64.b64encode(dump_lease(LEASE).encode()).decode(),
        "journal.json " + base64.b64encode(dump_journal(JOURNAL).encode()).decode(),
        "out 2",
        "canary canaries/green-25",
        "age 3",
    ]
)
LINES = st.lists(
    st.one_of(
        st.sampled_from(WHOLE.splitlines()),
        st.builds(
            lambda key, value: f"{key} {value}",
            st.sampled_from(["now", "age", "lease.json", "journal.json", "out", "canary"]),
            st.one_of(TEXT, st.sampled_from(["9" * 5000, "²", "٣", "-1", "=", "AA", "canaries/blue-٣"])),
        ),
        TEXT,
    ),
    max_size=8,
)


@given(LINES)
@example(["now ²"])
@example(["now " + "9" * 5000])
@example(["now 1", "age x"])
@example(["now 1", "lease.json !"])
@example(["now 1", "out " + "9" * 5000])
def test_a_state_folder_of_any_shape_is_an_error_of_its_host_or_a_state(lines: list[str]):
    host: Any = Says("\n".join(lines))
    folder = StateFolder(host, pipeline())
    try:
        found = folder.read()
    except CommandFailed as error:
        assert error.message.startswith("app1: ")  # noqa: PT017 - there may be none
        return
    assert found is not None
    with suppress(JenkinsgenError):
        folder.set_flag(LEASE, Colour.BLUE)
    folder.history()


def test_the_state_folder_itself_is_read():
    found = read_found(WHOLE)
    assert (found.now, found.lease.lease, found.lease.age, found.journal, found.out) == (1000, LEASE, 3, JOURNAL, 2)


@given(
    st.one_of(TEXT, st.lists(st.sampled_from(["192.0.2.11 STREAM", "::1 ", " ", "x", "fe80::1%eth0"])).map("\n".join))
)
def test_what_getent_says_is_addresses_or_no_answer(output: str):
    """No address is no answer: connections to nowhere are never open, so a drain would be over at once."""
    try:
        found = read_addresses(output)
    except ValueError:
        return
    assert found


TCP = (Path("/proc/net/tcp").read_text(), Path("/proc/net/tcp6").read_text() if Path("/proc/net/tcp6").exists() else "")
REMOTE = (ipaddress.ip_address("192.0.2.11"), 8080)


@pytest.mark.parametrize("table", ["", "\n", "cat: /proc/net/tcp: Permission denied", "now 5\n"])
def test_what_is_no_table_of_connections_does_not_say_that_there_is_none(table: str):
    with pytest.raises(ValueError, match="kernel"):
        count_connections(table, [REMOTE])


@given(TEXT, st.sampled_from(TCP), st.integers(0, 5000))
@example("0: 0 :XYZ 01", TCP[0], 5000)
@example("0: 0 0B0200C0B:1F90 01", TCP[0], 5000)
@example("0: 0 0B0200C0:² 01", TCP[0], 5000)
def test_a_table_of_connections_of_any_shape_is_counted_or_is_no_answer(noise: str, table: str, at: int):
    header = TCP[0].splitlines()[0]
    for text in (noise, table[:at] + noise + table[at:], table[:at], f"{header}\n{noise}"):
        with suppress(ValueError):
            assert count_connections(text, [REMOTE]) >= 0


@given(st.binary(max_size=200))
@example(b"7 (a) S")
@example(b"7 (\xff) (x) R 1 2 3 4 5 6 7 8 9 10 11 12 13 14 15 16 17 18 99 20")
def test_what_the_kernel_says_of_a_process_is_read_or_is_no_answer(content: bytes):
    with suppress(ValueError):
        state, started = read_stat(content)
        assert (type(state), type(started)) == (str, int)


def test_a_process_may_have_any_name():
    content = Path(f"/proc/{os.getpid()}/stat").read_bytes()
    before, _, after = content.partition(b"(")
    expected = read_stat(content)
    for name in (b"a b", b") R 1 (", b"\xff\xfe", b""):
        assert read_stat(before + b"(" + name + b")" + after.rpartition(b")")[2]) == expected


def test_a_process_that_the_kernel_hides_is_not_dead(monkeypatch: pytest.MonkeyPatch, tmp_path: Path):
    """With hidepid the folder of another user's process is not there; that is no reason to take its lease."""
    mine = agent.this_process()
    assert mine is not None
    monkeypatch.setattr(agent, "_PROC", tmp_path)
    assert agent.runs(mine)

    def gone(_pid: int, _signal: int) -> None:
        raise ProcessLookupError

    monkeypatch.setattr(os, "kill", gone)
    assert not agent.runs(mine)


OBSERVED = "version 1.22.1\nuser deploy\nroot sudo\nflags writable\nsite\nserver {}\n"


OBSERVED_LINES = st.one_of(
    st.sampled_from(OBSERVED.splitlines()),
    st.builds("{} {}".format, st.sampled_from(["version", "user", "root", "flags", "missing", "prepared"]), TEXT),
    TEXT,
)


@given(st.one_of(TEXT, st.lists(OBSERVED_LINES, max_size=8).map("\n".join)))
@example(OBSERVED.replace("root sudo", "root maybe"))
@example(OBSERVED.replace("flags writable", "flags "))
@example(OBSERVED.replace("\nsite", "\nprepared green\nprepared red\nsite"))
@example(OBSERVED.replace("\nsite", "\nprepared red\nsite"))
def test_what_was_observed_on_the_nginx_host_is_read_or_is_no_answer(output: str):
    for spec in (pipeline(), pipeline("nginx: {mode: reload, site: /etc/nginx/a, prepared: {green: /g, blue: /b}}")):
        with suppress(ValueError):
            state = read_observation(output, spec, None)
            assert state.root in ("yes", "sudo", "no")
            assert state.flags in ("writable", "readonly", "absent")


@given(TEXT)
def test_facts_are_read_whatever_was_printed(output: str):
    assert isinstance(read_facts(output), dict)


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(st.one_of(st.binary(max_size=200), st.builds(lambda value: json.dumps(value).encode(), JSON)))
@example(DEEP.encode())
@example(b'{"traceEvents": 5}')
def test_a_file_of_timings_of_any_shape_is_written_anew(tmp_path: Path, content: bytes):
    path = tmp_path / "timings.json"
    path.write_bytes(content)
    recorded = Timings()
    recorded.add("step", "host", 1, 2)
    recorded.save(path, "test")
    assume(b"NaN" not in content)
    assert any(
        each.get("name") == "step" for each in json.loads(path.read_bytes())["traceEvents"] if isinstance(each, dict)
    )


def test_timings_are_not_written_through_a_link(tmp_path: Path):
    (tmp_path / "other").write_text("untouched")
    for name in ("timings.json", ".timings.json.draft"):
        (tmp_path / name).symlink_to("other")
    Timings().save(tmp_path / "timings.json", "test")
    assert (tmp_path / "other").read_text() == "untouched"
    assert timings.VARIABLE


@given(TEXT)
@example("1 2 3")
@example("nan 1 2 3")
@example("1.5 1 2 " + "9" * 5000)
@example("1.5 1 2 3\nline\n")
def test_what_an_access_log_begins_with_is_read_or_an_error_of_its_host(output: str):
    host: Any = Says(output)
    with suppress(CommandFailed):
        assert math.isfinite(AccessLog(host, "/var/log/nginx/shop.log").look().time)


@given(TEXT)
@example("²")
@example("1²")
@example("1732.5")
@example("9" * 5000)
def test_what_a_clock_says_is_read_or_an_error_of_its_host(output: str):
    host: Any = Says(output)
    with suppress(HostError):
        assert math.isfinite(read_clock(host).seconds)


FACTS = st.dictionaries(
    st.sampled_from(["disk", "inodes", "memory", "sshd", "root", "port", "listens", "door", "free", "available"]),
    st.lists(st.one_of(TEXT, st.sampled_from(["1", "1 2 /", "x y z", "²", "9" * 5000])), min_size=1, max_size=3),
)


@given(FACTS)
def test_facts_of_any_shape_are_a_verdict_on_their_host(facts: dict[str, list[str]]):
    """Each is judged as doctor does: what cannot be understood is a failed check of that host."""
    spec = pipeline()
    found = Examination("app1")
    with found.step("disk"):
        found.add(*disk.judge_server_disk("app1", facts, None), *disk.judge_small_disk("app1", facts))
    with found.step("memory"):
        found.add(*engine.judge_memory("app1", facts, 1024))
    with found.step("sshd"):
        found.add(ssh.judge_limits("app1", facts))
    with found.step("NGINX"):
        found.add(*reach.judge_upstreams("app1", spec, facts, None))
    assert all(check.host == "app1" for check in found.checks(ended=True))


@pytest.mark.parametrize("number", ["9" * 5000, "\u00b2", "\u0663", "", "+1", "1e3"])
def test_a_number_in_the_words_of_others_is_one_or_none(number: str):
    """Python reads no more than 4,300 digits, and has digits that are no number."""
    assert read_count(number) is None
    assert numbers_of(f"1.{number}.3") == (1, 3)
    assert current_build({"BUILD_NUMBER": number}) is None
    assert batch_size_in(f"# jenkinsgen batch {number}\n") is None
    assert read_out(f"out_without_{number}") is None
    job = "https://jenkins.example.com/job/shop"
    assert not _is_later(f"{job}/{number}/", f"{job}/7/")
    container = Container(
        "1", "shop-blue", {VERSION: f"abc-{number}"}, running=True, host_ports=(), image="registry.example.com/shop"
    )
    assert release_of(container, pipeline(), Colour.BLUE).build_number == 0
