"""Groovy literals, read back by an unescaper of this test's own. tests/integration asks the real Groovy."""

from __future__ import annotations

import re

import pytest
from how_many import of_examples
from hypothesis import given, settings
from hypothesis import strategies as st

from jenkinsgen.jenkinsfile.render.groovy import groovy, groovy_map

CARRIED = st.characters(exclude_characters="\uffff", exclude_categories=["Cs"])
NAMED = {"n": "\n", "r": "\r", "t": "\t", "\\": "\\", "'": "'"}


def evaluated(literal: str) -> str:
    """What a single-quoted Groovy string means; any unescaped quote, newline or unknown escape is an error."""
    body = re.fullmatch(r"'((?:[^'\\\r\n]|\\.)*)'", literal)
    assert body, literal
    units = re.sub(
        r"\\(?:u([0-9a-f]{4})|(.))", lambda found: chr(int(found[1], 16)) if found[1] else NAMED[found[2]], body[1]
    )
    return units.encode("utf-16-be", "surrogatepass").decode("utf-16-be")


@settings(max_examples=of_examples(3), database=None)
@given(st.text(CARRIED) | st.text("\\'\"$u{}0041\n\r\t\x00é\u2028😀"))
def test_a_literal_means_its_text_and_is_plain_ascii_of_one_line(text: str):
    literal = groovy(text)
    assert evaluated(literal) == text
    assert all(" " <= character <= "~" for character in literal)


@pytest.mark.parametrize(
    ("text", "literal"),
    [
        ("", "''"),
        ("$HOME ${x}", "'$HOME ${x}'"),
        ("it's", r"'it\'s'"),
        ("\\u0027", r"'\\u0027'"),
        ("a\nb\tc", r"'a\nb\tc'"),
        ("é😀", r"'\u00e9\ud83d\ude00'"),
    ],
)
def test_literals_look_as_one_would_write_them(text: str, literal: str):
    assert groovy(text) == literal


@pytest.mark.parametrize("value", [None, 5, True, ["a"], b"a"])
def test_what_is_no_text_is_refused(value: object):
    with pytest.raises(TypeError, match="takes text"):
        groovy(value)  # type: ignore[arg-type]


@pytest.mark.parametrize("text", ["\uffff", "a\ud800"])
def test_what_no_literal_can_hold_is_refused(text: str):
    with pytest.raises(ValueError, match=r"U\+FFFF|surrogates"):
        groovy(text)


def test_a_map_has_our_keys_and_their_texts():
    assert groovy_map({"url": "x'y", "name": "z"}) == r"[url: 'x\'y', name: 'z']"
