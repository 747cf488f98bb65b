"""A pull request cannot keep lint, trace and review busy: whatever its text is, they end, with words of their own."""

from __future__ import annotations

from contextlib import suppress

import pytest
from counted import few_calls
from hostile_texts import TEXTS, in_options, in_steps
from how_many import of_examples
from hypothesis import given, settings
from hypothesis import strategies as some

from jenkinsgen.jenkinsfile.groovy import bounds
from jenkinsgen.jenkinsfile.groovy.bounds import TooLarge, bounded
from jenkinsgen.jenkinsfile.lint.catalogue import catalogue
from jenkinsgen.jenkinsfile.lint.formats import FORMATS
from jenkinsgen.jenkinsfile.lint.linter import lint, lint_file
from jenkinsgen.jenkinsfile.lint.verdict import verdict, verdict_of
from jenkinsgen.jenkinsfile.review.behaviour import behaviour
from jenkinsgen.jenkinsfile.trace.events import as_text
from jenkinsgen.jenkinsfile.trace.scenario import Scenario
from jenkinsgen.jenkinsfile.trace.tracer import trace

STEPS = 30_000
# Calls of functions for all that is asked of one text here: what a clock would say depends on the machine.
MOST_CALLS = 100 * STEPS


def everything(text: str) -> None:
    """Lint, trace and review of a text: findings, or our own word that it is too large."""
    _, judged = verdict_of(text.encode("utf-8", "surrogatepass"), catalogue())
    findings = lint_file("Jenkinsfile", text, catalogue())
    assert all(each.finding.line > 0 and each.finding.column > 0 for each in findings)
    assert len(findings) <= bounds.MOST_FINDINGS + 1
    for write in FORMATS.values():
        write(findings)
    if judged.script is None or judged.pipeline is None or not judged.accepted:
        assert judged.problems
        return
    stages = frozenset(stage.name for stage in judged.pipeline.stages())
    with suppress(TooLarge), bounded():
        for scenario in (Scenario(), Scenario(fail=stages), Scenario(abort=stages)):
            as_text(trace(judged.script, judged.pipeline, catalogue(), scenario))
        behaviour(judged.script, judged.pipeline, catalogue())


@pytest.fixture
def _few_steps(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(bounds, "STEPS", STEPS)


@pytest.mark.slow
@pytest.mark.usefixtures("_few_steps")
@pytest.mark.parametrize("name", TEXTS)
def test_no_text_keeps_us_busy(name: str):
    with few_calls(MOST_CALLS):
        everything(TEXTS[name])


@pytest.mark.parametrize(
    ("name", "says"),
    [
        ("a number of 5,000 digits", "a number of 5,000 characters"),
        ("a hexadecimal number of 6,000 digits", "a number of 6,002 characters"),
        ("brackets in brackets", "nested more than 300 brackets deep"),
        ("assignments in assignments", "nested too deeply"),
        ("a code of nine megabytes", "longer than 524,288 bytes"),
    ],
)
def test_a_text_beyond_a_bound_is_a_finding_of_its_own(name: str, says: str):
    _, judged = verdict_of(TEXTS[name].encode(), catalogue())
    (found,) = judged.problems
    assert found.rule == "too-large"
    assert found.message.startswith(says)


def test_a_bound_knows_its_place():
    (found,) = verdict(in_steps("echo 1\n  echo " + "9" * 2000), catalogue()).problems
    assert (found.line, found.column) == (4, 8)


def test_a_text_that_doubles_is_not_worked_out_but_a_short_one_is():
    def commands(times: int) -> list[str]:
        judged = verdict(in_steps(f"def s = 'ab'\nfor (i in {list(range(times))}) {{ s = s + s }}\nsh s"), catalogue())
        assert judged.script is not None
        assert judged.pipeline is not None
        return [
            each.text
            for each in trace(judged.script, judged.pipeline, catalogue(), Scenario())
            if each.kind == "command"
        ]

    assert commands(3) == ["sh: " + "ab" * 8]
    (long,) = commands(20)
    assert long.endswith("…")
    assert len(long) < 5000


@pytest.mark.slow
def test_many_findings_end_with_one_that_says_so():
    found = lint(in_steps("\n".join(f'sh "x ${{a{each}}}"' for each in range(1500))), catalogue())
    assert len(found) == bounds.MOST_FINDINGS + 1
    assert found[-1].rule == "too-large"
    assert found[-1].message == "and more: 1,000 findings of one file are told"


def test_the_rules_say_when_they_give_up(monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr(bounds, "STEPS", 400)
    found = lint(in_options("options { timestamps() }"), catalogue())
    assert [each.rule for each in found] == ["too-large"]


# Pieces of what the reader, the rules and the tracer know, in any order.
PIECES = r"""
{ } ( ) [ ] , ; : . = == + ! ? -> < > << ++ @ $ ${ / */ /* // # ' $/ /$ \ \u0027 \u " ''' 'a' "${x}"
pipeline agent any none stages stage steps script sh echo if else for in while def return try catch new class
when branch expression options timeout retry post always matrix axes axis name values environment tools input
triggers cron parameters string withCredentials credentials lock unit int true null 1 0x 1e400 9L é 배포 '²
"""
WORDS = [*PIECES.split(), '"""', "\n", "\r", "\t", "\0", "\ufeff", "\U0001f600"]


@pytest.mark.usefixtures("_few_steps")
@settings(max_examples=of_examples(0.4))
@given(some.lists(some.sampled_from(WORDS), max_size=60).map(" ".join))
def test_no_mixture_of_words_ends_in_a_traceback(text: str):
    with few_calls(MOST_CALLS):
        everything(text)
        everything(in_steps(text))
        everything(in_options(text))


@settings(max_examples=of_examples(0.4))
@given(some.binary(max_size=200))
def test_no_bytes_end_in_a_traceback(content: bytes):
    with few_calls(MOST_CALLS):
        text, judged = verdict_of(content, catalogue())
        assert judged.problems
        everything(text)
