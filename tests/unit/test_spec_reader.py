"""YAML files: positions, limits, and that no garbage at all ends otherwise than with SpecError."""

from __future__ import annotations

import os
from pathlib import Path

import pytest
import yaml
from examples import MINIMAL
from how_many import of_examples
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from jenkinsgen.errors import SpecError
from jenkinsgen.spec.reading.document import DocumentError, Position
from jenkinsgen.spec.reading.load import load_spec
from jenkinsgen.spec.reading.reader import MAX_BYTES, parse_document, read_document

NOBODY = 65534

quick = settings(
    max_examples=of_examples(0.6), deadline=None, database=None, suppress_health_check=[HealthCheck.too_slow]
)


def spec_error(path: Path | str) -> str:
    with pytest.raises(SpecError) as caught:
        load_spec(path)
    return caught.value.message


def test_positions_are_those_of_an_editor():
    document = parse_document("a:\n  - b: 1\n    cä: yes\n", "f")
    assert document.data == {"a": [{"b": 1, "cä": True}]}
    assert document.key_position(("a", 0, "cä")) == Position("f", 3, 5)
    assert document.position(("a", 0, "cä")) == Position("f", 3, 9)
    assert document.written == {("a", 0, "b"): "1", ("a", 0, "cä"): "yes"}


def test_what_is_not_there_stands_at_the_nearest_thing_around_it():
    document = parse_document("a:\n  b: {c: 1}\n", "f")
    assert document.position(("a", "b", "x", "y")) == Position("f", 2, 6)
    assert document.position(("x",)) == Position("f", 1, 1)


def test_anchors_are_read_where_they_are_used():
    assert parse_document("a: &x {b: 1}\nc: *x\n", "f").data == {"a": {"b": 1}, "c": {"b": 1}}


def test_a_date_is_text():
    assert parse_document("a: 2026-01-31\n", "f").data == {"a": "2026-01-31"}


def test_a_byte_order_mark_and_crlf_are_no_problem():
    assert parse_document(b"\xef\xbb\xbfa: b\r\nc: d\r\n", "f").data == {"a": "b", "c": "d"}


@pytest.mark.parametrize(
    ("path", "said"),
    [
        ("nowhere.yaml", "nowhere.yaml:1:1: cannot be read: No such file or directory"),
        (".", ".:1:1: cannot be read: Is a directory"),
        ("a\0b", r"a\x00b:1:1: cannot be read: the name holds a NUL character"),
        ("x" * 300, f"{'x' * 300}:1:1: cannot be read: File name too long"),
        ("/dev/zero", "/dev/zero:1:1: cannot be read: it is no regular file"),
        ("large.yaml", f"large.yaml:1:1: is larger than {MAX_BYTES:,} bytes; this is not a spec"),
    ],
)
def test_a_path_that_is_no_file_of_ours_is_told(path: str, said: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.chdir(tmp_path)
    Path("large.yaml").write_bytes(b"#" * (MAX_BYTES + 1))
    assert spec_error(path) == said


def test_a_file_that_may_not_be_read_is_told(tmp_path: Path):
    path = tmp_path / "spec.yaml"
    path.write_text(MINIMAL, encoding="utf-8")
    path.chmod(0)
    me = os.geteuid()
    if me == 0:
        # Root may read everything.
        os.seteuid(NOBODY)
    try:
        with pytest.raises(DocumentError, match="cannot be read: Permission denied"):
            read_document(path, "spec.yaml")
    finally:
        os.seteuid(me)


def test_a_spec_named_by_its_absolute_path_is_told_by_it(tmp_path: Path):
    path = tmp_path / "spec.yaml"
    path.write_text(MINIMAL.replace("shop.git", "shop.git, brnch: x"), encoding="utf-8")
    assert spec_error(path) == f"{path}:3:56: source.brnch: unknown key; did you mean branch?"


@pytest.mark.parametrize("deep", ["[" * 100_000, "{a: " * 100_000, "- " * 100_000, "? " * 100_000])
def test_a_hundred_thousand_brackets_do_not_end_the_process(deep: str):
    with pytest.raises(DocumentError, match="is nested too deeply"):
        parse_document(deep, "f")


def test_many_problems_are_counted_not_all_printed(tmp_path: Path):
    path = tmp_path / "spec.yaml"
    path.write_text(MINIMAL + "".join(f"key{number}: 1\n" for number in range(500)), encoding="utf-8")
    with pytest.raises(SpecError) as caught:
        load_spec(path)
    assert len(caught.value.message.splitlines()) == 31
    assert caught.value.message.endswith("… and 470 more")
    assert str(caught.value.hint).startswith("500 problems")


def test_a_key_cannot_write_lines_or_move_the_cursor_of_a_terminal(tmp_path: Path):
    path = tmp_path / "spec.yaml"
    path.write_text(MINIMAL + '"a\\nerror: b\\e[2J": 1\n', encoding="utf-8")
    assert f"{path}:12:1: a\\nerror: b\\x1b[2J: unknown key" in spec_error(path).splitlines()[0]


def load_text(content: str | bytes, folder: Path) -> None:
    """Whatever a file holds, it is a spec or a SpecError whose lines all have a position."""
    path = folder / "spec.yaml"
    path.write_bytes(content if isinstance(content, bytes) else content.encode("utf-8", "surrogatepass"))
    message = f"{folder}: is fine"
    try:
        load_spec(path)
    except SpecError as error:
        message = error.message
    assert all(line.startswith((str(folder), "…")) for line in message.splitlines())


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("specs")


@quick
@given(content=st.binary(max_size=200))
def test_any_bytes_are_a_spec_or_a_spec_error(folder: Path, content: bytes):
    load_text(content, folder)


SYNTAX = st.sampled_from(
    [*"{}[]:,-?&*!|>'\"%@`#\n\t \\~<=.+_0x1e", "\n  ", ": ", "- ", "!!int ", "!!bool ", "&a ", "*a "]
)


@quick
@given(content=st.lists(SYNTAX | st.sampled_from(["job", "service", "extends", "yes"]), max_size=40).map("".join))
def test_any_syntax_is_a_spec_or_a_spec_error(folder: Path, content: str):
    load_text(content, folder)


scalars = (
    st.none()
    | st.booleans()
    | st.integers()
    | st.floats()
    | st.text(max_size=8)
    | st.sampled_from(["1s", "700m", "/a:/b", "a@b", "pip", "choice", "192.0.2.1", "\0", "\ud800"])
)
values = st.recursive(
    scalars,
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=5), inner, max_size=3),
    max_leaves=6,
)
KEY_PATHS = st.sampled_from(
    [
        line.split()
        for line in (
            "extends",
            "template",
            "job",
            "job name",
            "job parameters",
            "job keep builds",
            "job triggers",
            "source branch",
            "source submodules",
            "build",
            "build environment",
            "image artifact",
            "image artifact from",
            "image build_args",
            "service ports",
            "service ports blue",
            "service health",
            "service health timeout",
            "service health from",
            "service memory",
            "service cpus",
            "service volumes",
            "service environment",
            "service secrets",
            "servers",
            "ssh",
            "nginx",
            "nginx mode",
            "nginx prepared",
            "nginx proxy",
            "tool",
            "tool from",
            "tool version",
            "timeouts deploy",
            "cleanup",
            "cleanup keep_releases",
        )
    ]
)


@settings(quick, max_examples=of_examples(0.8))
@given(path=KEY_PATHS, value=values)
def test_any_value_of_any_key_is_a_spec_or_a_spec_error(folder: Path, path: list[str], value: object):
    data = yaml.safe_load(MINIMAL)
    inner = data
    for part in path[:-1]:
        inner = inner.setdefault(part, {})
    inner[path[-1]] = value
    load_text(yaml.safe_dump(data, allow_unicode=True), folder)
