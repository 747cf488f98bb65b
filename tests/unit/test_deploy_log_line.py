"""Log lines: cut from pieces, without what was seen, merged by time."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from jenkinsgen.deploy.log_line import LogLine, Source, Splitter, last_of_each, merged
from jenkinsgen.spec.colour import Colour

TIME = "2026-11-23T08:33:{:02d}.000000000Z"


def source(server: str = "a") -> Source:
    return Source(server, Colour.GREEN, "1", "stdout")


def line(second: int, text: str = "", server: str = "a") -> LogLine:
    return LogLine(source(server), TIME.format(second), text)


@given(st.lists(st.integers(min_value=1, max_value=60), max_size=8))
def test_a_line_may_come_in_pieces(cuts: list[int]):
    whole = "".join(f"{TIME.format(second)} text ü {second}\n" for second in range(3)).encode()
    splitter = Splitter(source())
    found: list[LogLine] = []
    at = 0
    for cut in cuts:
        found += splitter.feed(whole[at : at + cut])
        at += cut
    found += [*splitter.feed(whole[at:]), *splitter.end()]
    assert found == [line(second, f"text ü {second}") for second in range(3)]


def test_the_end_may_have_no_newline_and_a_line_no_text():
    splitter = Splitter(source())
    assert list(splitter.feed(f"{TIME.format(1)} \n{TIME.format(2)} last".encode())) == [line(1)]
    assert list(splitter.end()) == [line(2, "last")]
    assert list(splitter.end()) == []


def test_what_was_seen_before_is_not_shown_again():
    splitter = Splitter(source(), after=TIME.format(2))
    raw = "".join(f"{TIME.format(second)} x\n" for second in (1, 2, 3)).encode()
    assert list(splitter.feed(raw)) == [line(3, "x")]
    assert splitter.last == TIME.format(3)


def test_bytes_that_are_no_text_are_replaced():
    (found,) = Splitter(source()).feed(f"{TIME.format(1)} ".encode() + b"\xff\r\n")
    assert found.text == "\ufffd"


def test_servers_are_merged_and_each_keeps_its_last_lines():
    lines = [line(1), line(3), line(5), line(2, server="b"), line(4, server="b")]
    assert merged(lines) == [line(1), line(2, server="b"), line(3), line(4, server="b"), line(5)]
    assert last_of_each(lines, 1) == [line(4, server="b"), line(5)]
    assert last_of_each(lines, 0) == []


def test_a_line_that_never_ends_is_cut_and_the_next_one_is_told():
    splitter = Splitter(source())
    found = [*splitter.feed(f"{TIME.format(1)} ".encode())]
    for _ in range(3000):
        found += splitter.feed(b"zz " * 341)
    found += splitter.feed(f"\n{TIME.format(2)} next\n".encode())
    long, following = found
    assert len(long.text) <= 1024 * 1024
    assert following == line(2, "next")
