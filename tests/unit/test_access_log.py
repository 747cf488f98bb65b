"""NGINX's access log: its lines, and how it is followed: a real shell reads real files."""

from __future__ import annotations

import json
import os
import subprocess
from typing import TYPE_CHECKING, Any

import pytest
from how_many import of_examples
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from jenkinsgen.edge.nginx import access_log
from jenkinsgen.edge.nginx.access_log import AccessLog, LogAbsent
from jenkinsgen.edge.ssh.host import Completed
from jenkinsgen.errors import HostError
from jenkinsgen.nginx.access_log import parse_log
from jenkinsgen.spec.colour import Colour

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path

NOW = 1_790_000_000.0
FIRST, SECOND = "192.0.2.11:8081", "192.0.2.12:8081"


def line(**changes: object) -> str:
    found = {
        "time": f"{NOW:.3f}",
        "request": "GET / HTTP/1.1",
        "status": "200",
        "received": "120",
        "colour": "blue",
        "upstream": FIRST,
        "upstream_status": "200",
        "upstream_header": "0.003",
        "upstream_seconds": "0.004",
    }
    return json.dumps({**found, **{name: str(value) for name, value in changes.items()}}) + "\n"


def test_a_line_is_a_request():
    (request,) = parse_log(line()).requests
    assert (request.time, request.colour, request.status, request.seconds) == (NOW, Colour.BLUE, 200, 0.003)
    assert request.answered
    assert request.waited
    assert not request.failed


@pytest.mark.parametrize(
    ("status", "answered", "failed"),
    [
        (101, False, False),
        (200, True, False),
        (404, True, False),
        (499, False, False),
        (500, True, True),
        (502, True, True),
        (504, True, True),
    ],
)
def test_what_a_status_says_of_the_colour(status: int, answered: bool, failed: bool):
    (request,) = parse_log(line(status=status)).requests
    assert (request.answered, request.failed) == (answered, failed)


@pytest.mark.parametrize("status", [400, 408, 413])
def test_a_request_whose_body_the_client_never_finished_is_nobodys(status: int):
    """As NGINX 1.22 logs it: the colour had got the header, and no answer of it was awaited any more."""
    unfinished = line(status=status, upstream_status="-", upstream_header="-", upstream_seconds="2.001")
    assert parse_log(unfinished).requests == ()
    # The application says such things, too; then they are its own.
    assert parse_log(line(status=status, upstream_status=status)).requests


@pytest.mark.parametrize(
    ("header", "response", "seconds"),
    [
        ("0.003", "3600.000", 0.003),
        ("-, 0.020", "1.000, 0.021", 1.02),
        ("-", "60.000", 60.0),
        ("-", "-", 0.0),
        ("0.001 : 0.002", "0.001 : 0.002", 0.003),
    ],
)
def test_how_long_a_client_waited(header: str, response: str, seconds: float):
    both = f"{FIRST}, {SECOND}"
    (request,) = parse_log(line(upstream=both, upstream_header=header, upstream_seconds=response)).requests
    assert request.seconds == pytest.approx(seconds)


def test_a_websocket_and_a_large_body_say_nothing_of_latency():
    (socket, upload) = parse_log(line(status=101) + line(received=1_000_000)).requests
    assert not socket.waited
    assert not upload.waited


def test_what_nginx_answers_alone_is_nobodys():
    assert parse_log(line(colour="", status=400, upstream="")) == parse_log("")
    assert parse_log(line(upstream="", status=413)) == parse_log("")


@pytest.mark.parametrize(
    "damaged",
    [
        '{"time":"17900',
        "null",
        "[]",
        "1",
        "\x00\x00",
        "[" * 100_000,
        line(status="x").strip(),
        line(colour="red").strip(),
        line(time="nan").strip(),
        line(upstream_header="0.1, 0.2").strip(),
        json.dumps({"time": None}),
    ],
)
def test_a_damaged_line_is_counted_and_the_others_are_read(damaged: str):
    parsed = parse_log(line() + damaged + "\n" + line())
    assert (len(parsed.requests), parsed.damaged) == (2, 1)


@given(st.text())
def test_no_text_at_all_is_an_error(text: str):
    assert parse_log(text).requests == ()


@given(st.dictionaries(st.sampled_from(list(json.loads(line()))), st.text() | st.none() | st.integers() | st.floats()))
def test_no_value_at_all_is_an_error(values: dict[str, Any]):
    text = json.dumps({**json.loads(line()), **values})
    parsed = parse_log(text)
    assert len(parsed.requests) + parsed.damaged <= 1


class Here:
    """A host that is this machine."""

    address = "here"

    def __init__(self) -> None:
        self.commands: list[str] = []
        self.sudo = True

    def run(self, argv: Sequence[str]) -> Completed:
        self.commands.append(argv[0])
        if argv[0] == "sudo":
            if not self.sudo:
                return Completed(1, "", "sudo: a password is required\n")
            argv = argv[2:]
        done = subprocess.run(argv, capture_output=True, check=False, timeout=10)
        return Completed(done.returncode, done.stdout.decode(), done.stderr.decode())


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "shop.log"


def follow(path: Path) -> AccessLog:
    return AccessLog(Here(), str(path))  # type: ignore[arg-type]


def test_the_recent_past_is_read_and_then_what_comes(path: Path, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr(access_log, "parse_log", lambda text: parse_log(text.replace("OLD", "1")))
    path.write_text(line(time=1) + line(time=4_000_000_000))
    log = follow(path)
    assert [request.time for request in log.recent(60).requests] == [4_000_000_000]
    assert log.look().requests == ()
    with path.open("a") as file:
        file.write(line(status=204) + line(status=205)[:20])
    assert [request.status for request in log.look().requests] == [204]
    with path.open("a") as file:
        file.write(line(status=205)[20:])
    assert [request.status for request in log.look().requests] == [205]


def test_bytes_that_are_no_text_do_not_move_the_place(path: Path):
    path.write_bytes(b"")
    log = follow(path)
    log.recent(60)
    for status in (201, 202, 203):
        with path.open("ab") as file:
            file.write(line(status=status).replace("GET", "GET ü€\U0001f600").encode() + b'{"agent":"\xff\xfe\x80"}\n')
        look = log.look()
        assert ([request.status for request in look.requests], look.damaged) == ([status], 1)


def test_a_log_that_was_emptied_is_read_from_its_beginning(path: Path):
    path.write_text(line() * 3)
    log = follow(path)
    log.recent(60)
    path.write_text(line(status=201))
    assert [request.status for request in log.look().requests] == [201]


def test_a_log_that_was_moved_to_another_folder_goes_on(path: Path):
    path.write_text(line() * 3)
    log = follow(path)
    log.recent(60)
    # Kept there, so that its inode is not given to the next file.
    path.rename(path.parent.parent / f"{path.parent.name}.old")
    with pytest.raises(LogAbsent):
        log.look()
    path.write_text(line(status=201) + line(status=202))
    assert [request.status for request in log.look().requests] == [201, 202]


def test_too_much_for_one_look_is_skipped_and_told(path: Path, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr(access_log, "LOOK_BYTES", 1000)
    path.write_text("")
    log = follow(path)
    log.recent(60)
    path.write_text("".join(line(status=status) for status in range(200, 300)))
    look = log.look()
    statuses = [request.status for request in look.requests]
    assert statuses == list(range(300 - len(statuses), 300))
    assert 2 <= len(statuses) <= 5
    assert look.skipped + 1000 == path.stat().st_size
    assert look.damaged == 0


def test_a_log_that_is_not_there_is_told(path: Path):
    with pytest.raises(LogAbsent, match=r"here: there is no .*shop\.log, by which the guard judges"):
        follow(path).recent(60)


def test_a_log_that_may_not_be_read_is_read_with_sudo_or_told(path: Path):
    class Unreadable(Here):
        def run(self, argv: Sequence[str]) -> Completed:
            if argv[0] == "sh":
                self.commands.append("sh")
                return Completed(13, "", "")
            return super().run(argv)

    path.write_text(line(time=4_000_000_000))
    host = Unreadable()
    log = AccessLog(host, str(path))  # type: ignore[arg-type]
    assert len(log.recent(60).requests) == 1
    log.look()
    assert host.commands == ["sh", "sudo", "sudo"]
    host.sudo = False
    with pytest.raises(
        HostError, match="may not be read, and sudo was refused: sudo: a password is required"
    ) as caught:
        log.look()
    assert "usermod -aG adm" in str(caught.value.hint)


def test_what_is_written_to_the_moved_file_late_is_read(path: Path):
    path.write_text(line())
    log = follow(path)
    log.recent(60)
    with path.open("a") as moved:
        path.rename(path.with_suffix(".1"))
        path.write_text(line(status=202))
        for status, found in ((201, [201, 202]), (203, [203])):
            moved.write(line(status=status))
            moved.flush()
            assert [request.status for request in log.look().requests] == found


quick = settings(
    max_examples=of_examples(0.25),
    deadline=None,
    database=None,
    suppress_health_check=[HealthCheck.function_scoped_fixture],
)
DONE = st.sampled_from(["write", "write late", "half", "move", "look", "look"])


@quick
@given(st.lists(DONE, max_size=14))
def test_every_line_is_seen_once_whatever_happens_between_two_looks(tmp_path: Path, done: list[str]):
    folder = tmp_path / os.urandom(6).hex()
    folder.mkdir()
    path = folder / "shop.log"
    path.write_text("")
    log = follow(path)
    log.recent(60)
    seen: list[int] = []
    written: list[int] = []
    moves = 0
    looks_since_move = 2
    files = [path.open("a")]
    half = ""

    def look() -> None:
        seen.extend(request.status for request in log.look().requests)

    def write(file: Any, text: str) -> None:
        file.write(text)
        file.flush()

    for action in [*done, "look", "look"]:
        number = 1000 + len(written)
        if action == "look":
            look()
            looks_since_move += 1
        elif action == "move":
            # One rotation between two looks, as in life, where looks are a second apart.
            if looks_since_move < 2:
                continue
            if half:
                write(files[-1], half)
                half = ""
            moves, looks_since_move = moves + 1, 0
            path.rename(folder / f"shop.log.{moves}")
            files.append(path.open("a"))
        elif action == "write late" and looks_since_move < 2 and len(files) > 1:
            # A worker that was not told of the new file yet.
            write(files[-2], line(status=number))
            written.append(number)
        elif half:
            write(files[-1], half)
            half = ""
        else:
            text = line(status=number)
            half = text[20:] if action == "half" else ""
            write(files[-1], text[:20] if half else text)
            written.append(number)
    if half:
        write(files[-1], half)
    look()
    for file in files:
        file.close()

    assert sorted(seen) == written
