"""One file that cannot be read hides nothing about the others."""

from __future__ import annotations

import json
import os
from typing import TYPE_CHECKING

import pytest
from click.testing import CliRunner, Result

from jenkinsgen.cli import cli
from jenkinsgen.errors import CheckFailed
from jenkinsgen.jenkinsfile.groovy import bounds

if TYPE_CHECKING:
    from pathlib import Path

GOOD = "pipeline {\n    agent any\n    stages { stage('A') { steps { sh 'x' } } }\n}\n"
BAD = GOOD.replace("agent any", "agents any")
KOREAN = GOOD.replace("'A'", "'배포'")


def run(*arguments: str, stdin: bytes | None = None) -> Result:
    return CliRunner().invoke(cli, [*arguments], input=stdin, catch_exceptions=False, standalone_mode=False)


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.chdir(tmp_path)
    (tmp_path / "b.Jenkinsfile").write_text(BAD)
    return tmp_path


@pytest.mark.parametrize(
    ("content", "line", "column", "says"),
    [
        (KOREAN.encode("euc-kr"), 3, 21, "not UTF-8: byte 0xb9 begins no character"),
        (KOREAN.encode("utf-16"), 1, 1, "not UTF-8: it begins as UTF-16 does"),
        (KOREAN.encode("utf-32"), 1, 1, "not UTF-8: it begins as UTF-32 does"),
        (GOOD.encode() + b"//\xff", 5, 3, "not UTF-8: byte 0xff begins no character"),
        (b"\n" * 600_000, 1, 1, "longer than 524,288 bytes"),
    ],
)
def test_a_file_that_is_no_text_is_a_finding_and_the_others_are_linted(
    folder: Path, content: bytes, line: int, column: int, says: str
):
    (folder / "a.Jenkinsfile").write_bytes(content)
    done = run("lint", "--format", "json")
    first, second, *_ = json.loads(done.stdout)
    assert done.return_value == 1
    assert (first["path"], first["line"], first["column"]) == ("a.Jenkinsfile", line, column)
    assert first["severity"] == "error"
    assert says in first["message"]
    assert second["path"] == "b.Jenkinsfile"


def test_standard_input_that_is_no_text_is_a_finding_too():
    done = run("lint", "-", stdin=KOREAN.encode("euc-kr"))
    assert done.return_value == 1
    assert "-:3:21: error not-utf-8:" in done.stdout
    assert "Which encoding it is cannot be told" in done.stdout


def test_a_byte_order_mark_is_named_as_what_keeps_groovy_from_the_pipeline(folder: Path):
    (folder / "a.Jenkinsfile").write_bytes(GOOD.encode("utf-8-sig"))
    done = run("lint", "a.Jenkinsfile")
    assert "not-declarative" in done.stdout
    assert "byte order mark" in done.stdout


def test_what_may_never_end_is_not_read(folder: Path):
    os.mkfifo(folder / "Jenkinsfile")
    for name in ("Jenkinsfile", "/dev/zero"):
        with pytest.raises(Exception, match="not a regular file"):
            run("lint", name)


@pytest.mark.parametrize("content", [KOREAN.encode("euc-kr"), GOOD.encode() + b"//\xff", b" " * 600_000])
def test_a_trace_of_what_is_no_text_says_so_with_its_place(folder: Path, content: bytes):
    (folder / "a.Jenkinsfile").write_bytes(content)
    with pytest.raises(CheckFailed, match=r"a\.Jenkinsfile:\d+:\d+: (not UTF-8|longer than)"):
        run("trace", "a.Jenkinsfile")


def test_a_trace_that_grows_without_end_says_so(folder: Path, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr(bounds, "STEPS", 50_000)
    retries = "retry(1000000) { " * 12 + "error 'x'" + " }" * 12
    (folder / "a.Jenkinsfile").write_text(GOOD.replace("sh 'x'", retries))
    with pytest.raises(CheckFailed, match="more than 50,000 steps are needed"):
        run("trace", "a.Jenkinsfile")


def test_a_name_of_a_file_forges_no_finding_of_another(folder: Path):
    (folder / "a\nb.Jenkinsfile:1:1: error forged: x\x1b[2J.Jenkinsfile").write_text(BAD)
    lines = run("lint").stdout.splitlines()
    assert any(each.startswith("a?b.Jenkinsfile:1:1: error forged: x?[2J.Jenkinsfile:2:5: error") for each in lines)
    assert not any(each.startswith("b.Jenkinsfile:1:1: error forged") for each in lines)
