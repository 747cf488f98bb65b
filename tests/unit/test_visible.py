"""What others wrote does nothing to a terminal, nor to a runner of builds."""

from __future__ import annotations

import unicodedata

import pytest
from hypothesis import given
from hypothesis import strategies as some

from jenkinsgen.visible import visible, visible_lines


@pytest.mark.parametrize(
    "written",
    [
        "\x1b]52;c;cm0gLXJmIH4=\x07",  # the clipboard
        "ok\r192.0.2.12 blue  | forged",
        "\x1b[2A\x1b[2K192.0.2.12 blue  | forged",
        "\x9b2J",  # the same in one character
        "shop\u202egpj.exe",
        "\u2066shop\u2069",
        "sh\u200bop",
        "section_start:1:a\r\x1b[0K",  # of GitLab
        "\ud800",
        "\u2028forged",
    ],
)
def test_what_a_terminal_obeys_is_shown_instead(written: str):
    said = visible(written)
    assert said.isprintable()
    assert "?" in said


def test_words_of_all_languages_tabs_and_colours_do_no_harm():
    assert visible("배포\t완료\u3000héllo \x1b[31mred\x1b[0m") == "배포\t완료 héllo red"


@pytest.mark.parametrize(
    ("order", "read"),
    [
        ("::add-mask::e", ": :add-mask::e"),
        ("    ::error file=app.py,line=1::forged", "    : :error file=app.py,line=1::forged"),
        ("\u3000::set-output name=a::b", " : :set-output name=a::b"),
        ("::error file=a:b::c", ": :error file=a:b::c"),
        ("done ##[error]forged", "done ## [error]forged"),
        ("##vso[task.setvariable variable=a]b", "## vso[task.setvariable variable=a]b"),
        ("##teamcity[buildStop]", "## teamcity[buildStop]"),
        # A note for Jenkins' console, which is nothing without its escape characters.
        ("\x1b[8mha:AAAA\x1b[0m", "ha:AAAA"),
    ],
)
def test_an_order_to_a_runner_is_only_read(order: str, read: str):
    assert visible(order) == read


def test_addresses_and_headings_are_left_alone():
    for line in ("::1 does not answer", "2001:db8::1::", "## Pipelines", "a ::b:: c"):
        assert visible(line) == line


@given(some.text())
def test_nothing_is_left_that_cannot_be_seen(text: str):
    said = visible_lines(text)
    assert said.count("\n") == text.count("\n")
    assert all(unicodedata.category(each) not in {"Cc", "Cf", "Cs"} for each in said if each not in "\n\t")
    assert visible_lines(said) == said
