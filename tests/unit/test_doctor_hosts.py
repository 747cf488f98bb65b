"""The verdicts on a host: its sshd, its clock, its disk, its engine, its ports, its registry."""

from __future__ import annotations

import re
import subprocess
from dataclasses import replace
from importlib import resources

import pytest
from examples import container, pipeline

from jenkinsgen.deploy.observed import Container, ServerState
from jenkinsgen.doctor.agent import judge_tool, judge_variables
from jenkinsgen.doctor.check import Check, Verdict, summary
from jenkinsgen.doctor.clock import Offset, judge_clock, judge_clocks, offset
from jenkinsgen.doctor.disk import MEBI, judge_disk, judge_inodes, judge_server_disk, judge_small_disk, show_size
from jenkinsgen.doctor.engine import judge_engine, judge_memory, judge_ports
from jenkinsgen.doctor.registry import Answer, judge_registry
from jenkinsgen.doctor.ssh import judge_limits, judge_tunnel
from jenkinsgen.doctor.swarm import judge_services
from jenkinsgen.doctor.text import as_text
from jenkinsgen.facts import one, read_facts
from jenkinsgen.spec.colour import Colour

HOST = "192.0.2.11"
OK, WARNING, FAILED = Verdict.OK, Verdict.WARNING, Verdict.FAILED


def only(checks: object) -> Check:
    (found,) = checks  # type: ignore[misc]
    assert isinstance(found, Check)
    return found


def test_a_bad_verdict_always_has_a_remedy():
    bad = [
        judge_limits(HOST, {}),
        judge_tunnel(HOST, 80, "forbidden"),
        judge_clock(HOST, Offset(60, 0)),
        judge_engine(HOST, "1.12", "1.24"),
        judge_tool("git", ""),
        *judge_disk_twice(),
    ]
    assert all(check.verdict is not OK and check.remedy for check in bad)


def judge_disk_twice() -> list[Check]:
    return [judge_disk(HOST, "disk", "/d", free, 100 * MEBI, images="there") for free in (0, 150 * MEBI)]


@pytest.mark.parametrize(
    ("lines", "verdict", "found"),
    [
        ("sshd hidden", WARNING, "not visible"),
        ("sshd from files", OK, "MaxStartups 10:30:100, MaxSessions 10"),
        ("sshd from files\nsshd maxsessions 20\nsshd maxsessions 1", OK, "MaxSessions 20"),
        ("sshd maxstartups 100:30:200\nsshd maxsessions 2", WARNING, "MaxSessions 2"),
        ("sshd maxstartups 1:30:100\nsshd maxsessions 10", WARNING, "MaxStartups 1:30:100"),
        ("sshd maxsessions many", WARNING, "cannot be understood"),
        ("", WARNING, "not visible"),
    ],
)
def test_limits_of_sshd(lines: str, verdict: Verdict, found: str):
    check = judge_limits(HOST, read_facts(lines))
    assert check.verdict is verdict
    assert found in check.found


def test_an_offset_is_measured_from_the_middle_of_the_round_trip():
    assert offset(100.0, 103.5, 101.0) == Offset(3.0, 0.5)


@pytest.mark.parametrize(
    ("seconds", "uncertain", "verdict"),
    [(0.1, 0.1, OK), (1.9, 0.0, OK), (2.5, 1.0, OK), (2.5, 0.1, WARNING), (-2.5, 0.1, WARNING), (-86400, 1, FAILED)],
)
def test_a_clock_is_judged_without_the_doubt(seconds: float, uncertain: float, verdict: Verdict):
    assert judge_clock(HOST, Offset(seconds, uncertain)).verdict is verdict


@pytest.mark.parametrize(
    ("offsets", "verdict", "found"),
    [
        ({"a": Offset(1.5, 0.1), "b": Offset(-1.5, 0.1)}, WARNING, "3.00 s at most between two hosts (a and b)"),
        ({"a": Offset(20, 0.1), "b": Offset(-20, 0.1)}, FAILED, "40.00 s"),
        ({"a": Offset(0.1, 0.1), "b": Offset(-0.1, 0.1)}, OK, "0.20 s"),
        ({"a": Offset(90, 0.1), "b": Offset(90.1, 0.1)}, WARNING, "its own clock is wrong"),
    ],
)
def test_clocks_among_each_other(offsets: dict[str, Offset], verdict: Verdict, found: str):
    check = only(judge_clocks("agent", offsets))
    assert check.verdict is verdict
    assert found in check.found


def test_one_clock_is_not_compared():
    assert judge_clocks("agent", {"a": Offset(90, 0)}) == []


@pytest.mark.parametrize(
    ("free", "image", "verdict"),
    [
        (99 * MEBI, 100 * MEBI, FAILED),
        (150 * MEBI, 100 * MEBI, WARNING),
        (200 * MEBI, 100 * MEBI, OK),
        (400 * MEBI, None, FAILED),
        (2000 * MEBI, None, OK),
    ],
)
def test_disk_against_the_image(free: int, image: int | None, verdict: Verdict):
    assert judge_disk(HOST, "disk", "/var/lib/docker", free, image, images="there").verdict is verdict


@pytest.mark.parametrize(("free", "total", "verdicts"), [(0, 0, []), (10, 9**9, [FAILED]), (9_000, 9**9, [WARNING])])
def test_inodes(free: int, total: int, verdicts: list[Verdict]):
    assert [check.verdict for check in judge_inodes(HOST, "/d", free, total)] == verdicts


def test_the_lines_of_the_script_are_read():
    facts = read_facts("disk 1024 /with a space\ninodes 50 100 /with a space")
    disk, inodes = judge_server_disk(HOST, facts, None)
    assert disk.found.startswith("1 MiB free in /with a space;")
    assert inodes.verdict is FAILED
    assert [check.verdict for check in judge_small_disk(HOST, facts)] == [FAILED]
    assert [check.verdict for check in judge_small_disk(HOST, read_facts("disk 99999 /d\ninodes 0 100 /d"))] == [FAILED]
    assert [check.verdict for check in judge_small_disk(HOST, read_facts("disk 99999 /d\ninodes 0 0 /d"))] == [OK]


def test_sizes_are_shown():
    assert (show_size(350 * MEBI), show_size(1536 * MEBI)) == ("350 MiB", "1.5 GiB")


def test_memory_for_one_colour_more():
    facts = read_facts("memory 102400")
    assert only(judge_memory(HOST, facts, 100 * MEBI)).verdict is OK
    assert only(judge_memory(HOST, facts, 101 * MEBI)).verdict is WARNING
    assert list(judge_memory(HOST, facts, None)) == list(judge_memory(HOST, {}, 1)) == []


def ports_of(*containers: Container, listens: str = "") -> dict[str, Check]:
    found = judge_ports(HOST, pipeline(), ServerState(HOST, containers), read_facts(listens))
    return {check.name: check for check in found}


def test_free_ports_and_our_own():
    found = ports_of(container(Colour.GREEN), listens="listens 8080 root")
    assert {name: check.verdict for name, check in found.items()} == {"port 8080 (green)": OK, "port 8081 (blue)": OK}
    assert found["port 8080 (green)"].found == "shop-green, 0123456789ab-7"
    assert found["port 8081 (blue)"].found == "free"


@pytest.mark.parametrize(
    ("facts", "verdict"),
    [
        ("outgoing 8000 9000\nreserved ", WARNING),
        ("outgoing 8000 9000\nreserved 22,8082-8090", WARNING),
        ("outgoing 8000 9000\nreserved 22,8079-8081", OK),
        ("outgoing 8000 9000\nreserved 8081", OK),
        ("outgoing 32768 60999\nreserved ", OK),
        ("outgoing what\nreserved -", OK),
    ],
)
def test_a_port_that_the_kernel_may_give_to_a_connection_is_told_before_one_has_it(facts: str, verdict: Verdict):
    assert ports_of(listens=facts)["port 8081 (blue)"].verdict is verdict


def test_the_script_tells_the_kernels_range(monkeypatch: pytest.MonkeyPatch):
    """A shell's own `read` gets one byte of such a file."""
    monkeypatch.setenv("DOCKER_HOST", "unix:///nowhere")
    text = resources.files("jenkinsgen.doctor").joinpath("server.sh").read_text(encoding="utf-8")
    done = subprocess.run(["sh", "-c", text, "sh", "8080", "8081"], capture_output=True, text=True, check=True)
    low, high = one(read_facts(done.stdout), "outgoing").split()
    assert 0 < int(low) < int(high) < 65536
    assert "reserved" in read_facts(done.stdout)


def test_a_foreign_container_is_named():
    foreign = Container("x", "grafana", {}, running=True, host_ports=(8081,))
    check = ports_of(foreign, listens="listens 8081 root")["port 8081 (blue)"]
    assert check.verdict is FAILED
    assert "grafana" in check.found


def test_our_other_colour_on_this_port_is_foreign_too():
    swapped = pipeline("service: {ports: {green: 8081, blue: 8080}}")
    found = judge_ports(HOST, swapped, ServerState(HOST, (container(Colour.GREEN),)), {})
    assert [check.verdict for check in found] == [OK, FAILED]


def test_a_process_is_named_by_its_user():
    check = ports_of(listens="listens 8081 tomcat")["port 8081 (blue)"]
    assert check.verdict is FAILED
    assert "a process of tomcat" in check.found
    assert "ss -ltnp" in check.remedy


def test_a_taken_name_is_found_although_no_port_is():
    foreign = Container("x", "shop-blue", {}, running=False, host_ports=())
    assert ports_of(foreign)["name shop-blue"].verdict is FAILED


UNAUTHORISED = Answer("r/shop-green:latest", "unauthorized: authentication required", "image.credential")
THERE = Answer("r/shop-blue:latest")
UNKNOWN = Answer("r/shop-green@sha256:d", "manifest unknown: manifest unknown")


@pytest.mark.parametrize(
    ("coming", "running", "verdicts"),
    [
        ([THERE, UNKNOWN], [], [OK]),
        ([UNKNOWN, UNKNOWN], [], [OK]),
        ([UNAUTHORISED, THERE], [], [FAILED]),
        ([THERE, THERE], [UNKNOWN], [OK, WARNING]),
        ([THERE, THERE], [UNAUTHORISED], [FAILED]),
    ],
)
def test_the_registry(coming: list[Answer], running: list[Answer], verdicts: list[Verdict]):
    assert [check.verdict for check in judge_registry(HOST, coming, running)] == verdicts


def test_a_server_with_its_own_login_is_neither_good_nor_bad_until_it_pulls():
    refused = Answer("r/shop-green:latest", "unauthorized", "docker login there", wants_login=True)
    (check,) = judge_registry(HOST, [refused, THERE], [], own_login=True)
    assert (check.verdict, check.remedy) == (WARNING, "docker login there")
    assert "cannot tell" in check.found
    assert [each.verdict for each in judge_registry(HOST, [refused], [])] == [FAILED]


def test_variables_are_named_and_never_shown():
    spec = pipeline("{image: {repository: r/shop, credential: reg}, service: {secrets: {DB: db-password}}}")
    found = list(judge_variables(spec, {"JENKINSGEN_REGISTRY_USER", "JENKINSGEN_SECRET_DB"}))
    assert [check.verdict for check in found] == [FAILED, OK]
    assert "JENKINSGEN_REGISTRY_PASSWORD is not set" in found[0].found
    assert list(judge_variables(pipeline(), set())) == []
    reader = list(judge_variables(pipeline("image: {pull_credential: reader}"), {"JENKINSGEN_PULL_USER"}))
    assert "JENKINSGEN_PULL_PASSWORD is not set; image.pull_credential names" in reader[0].found


def test_the_table_has_the_worst_of_each_host_first():
    checks = [
        Check("b", "one", OK, "fine"),
        Check("b", "second", FAILED, "two\nlines", "mend it"),
        Check("a", "one", WARNING, "hm", "look"),
    ]
    assert as_text(checks).splitlines() == [
        "b",
        "    failed   second  two",
        "                     lines",
        "                     -> mend it",
        "    ok       one     fine",
        "a",
        "    warning  one     hm",
        "                     -> look",
    ]
    assert summary(checks) == "3 checks: 1 failed, 1 warning, 1 ok"


def test_no_remedy_removes_what_may_serve_or_what_a_rollback_needs():
    """What if the cause is another one? A container on the port may be the live one, an image the way back."""
    disk = judge_disk("192.0.2.11", "disk", "/var/lib/docker", 1, None, images="on that server")
    other = Container("x", "momo-app-8080", {}, running=True, host_ports=(8080,))
    there = ServerState("192.0.2.11", (other, replace(other, name="shop-blue", host_ports=(9,))))
    found = [disk, *judge_ports("192.0.2.11", pipeline(), there, {}), *judge_services(pipeline(), there)]

    for check in found:
        assert not re.search(r"prune --all|docker rm|docker stop|service rm", check.remedy), check.remedy
