"""What a person reads while a stage works."""

from __future__ import annotations

import io
import re
from concurrent.futures import ThreadPoolExecutor

import pytest

from jenkinsgen.report import Report


def test_titles_lines_and_hosts_are_told_apart():
    said = io.StringIO()
    report = Report(said)
    report.title("deploy green")
    report.line("pulling", host="192.0.2.11")
    report.line("done")
    assert said.getvalue() == "==> deploy green\n    192.0.2.11: pulling\n    done\n"


def test_secrets_are_masked_the_longest_first():
    said = io.StringIO()
    report = Report(said)
    for secret in ("pass", "password1", None, ""):
        report.mask(secret)
    report.title("password1 is not pass")
    report.line("password1", host="pass")
    assert said.getvalue() == "==> **** is not ****\n    ****: ****\n"


def test_what_took_time_says_how_long_and_what_failed_says_so():
    said = io.StringIO()
    report = Report(said)
    with report.timed("pull", host="a"):
        pass
    with pytest.raises(KeyboardInterrupt), report.timed("start"):
        raise KeyboardInterrupt
    assert re.fullmatch(r"    a: pull \(\d\.\d s\)\n    start: failed after \d\.\d s\n", said.getvalue())


def test_lines_of_many_threads_stay_whole():
    said = io.StringIO()
    report = Report(said)
    with ThreadPoolExecutor(8) as pool:
        list(pool.map(lambda number: report.line("x" * 200, host=str(number)), range(200)))
    lines = said.getvalue().splitlines()
    assert len(lines) == 200
    assert all(re.fullmatch(r"    \d+: x{200}", line) for line in lines)
