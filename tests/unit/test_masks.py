"""No spelling of a secret is read by anybody."""

from __future__ import annotations

import base64
import html
import json
import re
import shlex
from urllib.parse import quote, quote_plus

import pytest
from hypothesis import given
from hypothesis import strategies as some

from jenkinsgen.deploy.screen import fitting
from jenkinsgen.masks import KNOWN, MASK, Masks, shown
from jenkinsgen.spellings import SHORTEST
from jenkinsgen.visible import visible_lines

KEY = """-----BEGIN PRIVATE KEY-----
MIIEvQIBADANBgkqhkiG9w0BAQEFAASCBKcwggSjAgEAAoIBAQC7VJTUt9Us8cKj
MzEfYyjiWA4R4/M2bS1GB4t7NXp98C3SC6dVMvDuictGeurT8jNbvJZHtCSuYEvu
NMoSfm76oqFvAp8Gy0iz5sxjZmSnXyCdPEovGhLa
-----END PRIVATE KEY-----
"""
SECRET = "p/ss wörd\t\"<42>&'%x"


def hidden(text: str, *secrets: str) -> str:
    masks = Masks()
    for secret in secrets:
        masks.add(secret)
    return masks.hidden(text)


@pytest.mark.parametrize(
    "spelled",
    [
        SECRET,
        json.dumps({"password": SECRET}),
        json.dumps({"password": SECRET}, ensure_ascii=False),
        repr({"password": SECRET}),
        f"https://u:{quote(SECRET, safe='')}@example.com",
        re.sub("%..", lambda code: code[0].lower(), quote(SECRET, safe="")),
        quote(SECRET),
        quote_plus(SECRET),
        html.escape(SECRET),
        shlex.quote(SECRET),
        base64.b64encode(SECRET.encode()).decode(),
        base64.urlsafe_b64encode(SECRET.encode()).decode(),
        f"  {SECRET}".expandtabs(4),
    ],
)
def test_a_secret_is_hidden_however_it_is_spelled(spelled: str):
    said = hidden(f"before {spelled} after", SECRET)
    assert MASK in said
    assert said.startswith("before ")
    assert said.endswith(" after")
    assert not re.search("w(ö|%C3|%c3|.u00f6)rd", said)
    assert base64.b64encode(SECRET.encode()).decode()[4:16] not in said


@pytest.mark.parametrize("user", ["u", "me", "bot", "admin"])
def test_a_basic_authorization_hides_the_password(user: str):
    header = base64.b64encode(f"{user}:hunter2-of-the-shop".encode()).decode()
    said = hidden(f"Authorization: Basic {header}", "hunter2-of-the-shop")
    assert MASK in said
    rest = said.removeprefix("Authorization: Basic ").replace(MASK, "")
    # What is left are the user, and at most a character at each end, half of which is a neighbour's.
    assert len(rest) <= len(base64.b64encode(f"{user}:".encode())) + 4


def test_a_key_of_several_lines_is_hidden_as_a_whole_and_line_by_line():
    log = "".join(f"2026-11-27T06:00:00Z app |     {line}\r\n" for line in KEY.splitlines())
    for text in (KEY, KEY.replace("\n", "\r\n"), KEY.replace("\n", " "), json.dumps(KEY), log):
        said = hidden(text, KEY)
        assert MASK in said
        assert not any(line in said for line in KEY.splitlines()[1:-1])


def test_a_key_in_base64_of_several_lines_is_hidden():
    said = hidden(base64.encodebytes(KEY.encode()).decode(), KEY)
    assert not any(len(part) > 12 for part in said.split())


def test_what_is_hidden_before_it_is_cut_leaves_no_part():
    text = f"{'x' * 100} {SECRET} {'y' * 100}"
    masks = Masks()
    masks.add(SECRET)
    assert "p/ss" not in fitting(masks.hidden(text))


@pytest.mark.parametrize("short", ["", "a", "no", "yes", "   ", "\n"])
def test_a_short_secret_does_not_turn_a_log_into_stars(short: str):
    log = "a yes, a no\n  and yes again\n"
    assert hidden(log, short) == log


def test_a_secret_in_another_one_leaves_nothing_of_either():
    assert hidden("password1 is not pass", "pass", "password1") == f"{MASK} is not {MASK}"


def test_a_pattern_in_a_secret_means_nothing():
    assert hidden("aaaa (a+)+$ b", "(a+)+$") == f"aaaa {MASK} b"


@given(some.text(min_size=SHORTEST), some.text(), some.text())
def test_no_text_that_is_long_enough_survives(secret: str, before: str, after: str):
    if len(secret.strip()) < SHORTEST:
        return
    masks = Masks()
    masks.add(secret)
    said = masks.hidden(before + secret + after)
    assert MASK in said
    visible_lines(said)


def test_a_secret_that_colours_part_is_hidden_once_they_are_gone(monkeypatch: pytest.MonkeyPatch):
    masks = Masks()
    masks.add("hunter2secret")
    monkeypatch.setattr(KNOWN, "_found", masks._found)
    assert shown("it is hun\x1b[31mter2\x1b[0msecret") == f"it is {MASK}"
    assert shown("\x1b[1mhunter2secret\x1b[0m") == MASK
