"""Where everything leaves that a command prints."""

from __future__ import annotations

import io
import json
import os
import signal
import subprocess
import sys
from typing import TYPE_CHECKING

import pytest

from jenkinsgen import cli
from jenkinsgen.annotations import Annotation, github
from jenkinsgen.cli.output import Lines, Passing, hand_over_json, say
from jenkinsgen.masks import KNOWN

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

SECRET = "correct horse\nbattery staple"


@pytest.fixture(autouse=True)
def _signals_as_before() -> Iterator[None]:
    """`main` takes them for good: it is the end of a program."""
    before = {each: signal.getsignal(each) for each in (signal.SIGTERM, signal.SIGINT, signal.SIGHUP)}
    yield
    for each, handler in before.items():
        signal.signal(each, handler)


class _Stream(io.TextIOWrapper):
    def __init__(self, *, terminal: bool) -> None:
        super().__init__(io.BytesIO(), encoding="utf-8", newline="")
        self._terminal = terminal

    def isatty(self) -> bool:
        return self._terminal

    def written(self) -> bytes:
        self.flush()
        return self.buffer.getvalue()  # type: ignore[attr-defined, no-any-return]


def test_people_are_told_no_secret_and_no_escape(capsys: pytest.CaptureFixture[str]):
    KNOWN.add(SECRET)
    say(f"it said \x1b[2J{SECRET}")
    assert capsys.readouterr().out == "it said ?[2J****\n"


def test_json_is_masked_in_its_strings_alone_and_escaped(capsys: pytest.CaptureFixture[str]):
    KNOWN.add("8080")
    KNOWN.add(SECRET)
    said = {"port": 8080, "text": f'8080 {SECRET} \x9b\u202e\x7f "quoted" \ud800 \U000e0041 배포'}
    hand_over_json(json.dumps(said, ensure_ascii=False))
    out = capsys.readouterr().out
    assert out.removesuffix("\n").isprintable()
    assert json.loads(out) == {"port": 8080, "text": said["text"].replace("8080", "****").replace(SECRET, "****")}  # type: ignore[attr-defined]


def test_a_log_that_comes_in_pieces_is_said_in_whole_lines(capsys: pytest.CaptureFixture[str]):
    lines = Lines()
    for piece in ("::add", "-mask::e\nthe \x1b", "]52;c;x\x07end"):
        lines.write(piece)
    lines.end()
    assert capsys.readouterr().out == ": :add-mask::e\nthe ?]52;c;x?end\n"


def test_what_a_program_writes_does_nothing_to_a_terminal(monkeypatch: pytest.MonkeyPatch):
    out = _Stream(terminal=True)
    monkeypatch.setattr(sys, "stdout", out)
    passing = Passing()
    for piece in (b"\x1b]52;c;", b"cm0=\x07\nno end \xff"):
        passing.write("stdout", piece)
    passing.end()
    assert out.written().decode() == "?]52;c;cm0=?\nno end \ufffd"


def test_what_a_program_writes_reaches_a_file_byte_by_byte(monkeypatch: pytest.MonkeyPatch):
    out = _Stream(terminal=False)
    monkeypatch.setattr(sys, "stdout", out)
    passing = Passing()
    everything = bytes(range(256))
    passing.write("stdout", everything)
    assert out.written() == everything  # at once, without an end of line


def test_a_secret_that_two_pieces_share_is_hidden_in_a_file_as_well(monkeypatch: pytest.MonkeyPatch):
    KNOWN.add("hunter2-of-the-shop")
    out = _Stream(terminal=False)
    monkeypatch.setattr(sys, "stdout", out)
    passing = Passing()
    for piece in (b"\xfe hunter2-of", b"-the-shop \xff\nrest"):
        passing.write("stdout", piece)
    passing.end()
    assert out.written() == b"\xfe **** \xff\nrest"


def test_an_annotation_carries_no_second_order():
    said = github([Annotation("a\n::error::b", 1, 1, "error", "r", "one\r\n::add-mask::e\x1b[2J")])
    assert said.count("\n") == 1
    assert said.startswith("::error file=a%0A%3A %3Aerror")
    assert "::add-mask" not in said
    assert "\x1b" not in said


@pytest.mark.parametrize("name", ["JENKINSGEN_SECRET_KEY", "JENKINSGEN_SSH_PASSPHRASE", "JENKINS_TOKEN"])
def test_whatever_a_command_says_hides_what_jenkins_has_bound(
    name: str, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
):
    monkeypatch.setenv(name, "hunter2-of-the-shop")
    monkeypatch.setattr(sys, "argv", ["jenkinsgen", "status", "hunter2-of-the-shop.yaml"])
    with pytest.raises(SystemExit):
        cli.main()
    said = capsys.readouterr().err
    assert "****.yaml" in said
    assert "hunter2" not in said


def test_a_wrong_usage_is_quoted_harmlessly(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]):
    monkeypatch.setattr(sys, "argv", ["jenkinsgen", "lint", "no\x1b]52;c;x\x07.Jenkinsfile"])
    with pytest.raises(SystemExit):
        cli.main()
    said = capsys.readouterr().err
    assert "no?]52;c;x?.Jenkinsfile" in said


@pytest.mark.slow
def test_a_terminal_of_another_language_ends_no_command(tmp_path: Path):
    (tmp_path / os.fsdecode(b"\xff.Jenkinsfile")).write_text("pipeline {", encoding="utf-8")
    command = [sys.executable, "-m", "jenkinsgen", "lint", str(tmp_path)]
    environment = {**os.environ, "PYTHONIOENCODING": "ascii"}
    for form in ("text", "json", "github", "gitlab"):
        ended = subprocess.run([*command, "--format", form], env=environment, capture_output=True, check=False)
        assert ended.returncode == 1, ended.stderr.decode()
        assert not ended.stderr
