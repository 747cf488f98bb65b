"""How one secret may be written: by a log, in JSON, in an address, in a header."""

from __future__ import annotations

import base64
import html
import json
import re
import shlex
from typing import TYPE_CHECKING
from urllib.parse import quote, quote_plus

if TYPE_CHECKING:
    from collections.abc import Iterator

SHORTEST = 4
"""Characters. A text that is shorter is no secret that anybody could keep, and its stars would hide the rest."""
_SHORTEST_LINE = 12
"""Characters of a line that is hidden alone: `-----END` and a password's first word are not a key."""
_SHORTEST_CODED = 8
"""Bytes of which base64 is looked for; the code of a shorter text is found in other words by chance."""
_BLANKS = re.compile(r"\s+")
# `base64` and PEM break their lines so.
_WIDTHS = (64, 76)


def patterns(secret: str) -> set[str]:
    """A regular expression for each spelling; none for a text that is too short."""
    if len(secret.strip()) < SHORTEST:
        return set()
    return {_pattern(each) for each in _spellings(secret) if len(each.strip()) >= SHORTEST}


def _pattern(spelling: str) -> str:
    """Blanks stand for any blanks: tabs become spaces, and a line break a blank or a break with an indent."""
    return r"\s+".join(re.escape(part) for part in _BLANKS.split(spelling.strip()))


def _spellings(secret: str) -> Iterator[str]:
    for text in (secret, *_lines(secret)):
        yield text
        as_json = json.dumps(text)[1:-1]
        yield from (as_json, json.dumps(text, ensure_ascii=False)[1:-1], as_json.replace("/", "\\/"), repr(text)[1:-1])
        yield from (quote(text), quote(text, safe=""), quote_plus(text))
        yield from (_lower_codes(quote(text)), _lower_codes(quote(text, safe="")), _lower_codes(quote_plus(text)))
        yield from (html.escape(text), shlex.quote(text).strip("'"))
    yield from _coded(secret.encode("utf-8", "surrogateescape"))


def _lines(secret: str) -> list[str]:
    """Each line of a key in several lines: a log tells them one after the other, with other words between."""
    lines = [line.strip() for line in secret.splitlines()]
    return [line for line in lines if len(line) >= _SHORTEST_LINE and not line.startswith("-----")]


def _lower_codes(quoted: str) -> str:
    return re.sub("%[0-9A-F]{2}", lambda code: code[0].lower(), quoted)


def _coded(secret: bytes) -> Iterator[str]:
    """Base64, alone or in the middle of more (`user:password`): what stands before shifts it by 0, 1 or 2 bytes."""
    if len(secret) < _SHORTEST_CODED:
        return
    for shift in range(3):
        # The characters at both ends depend on the neighbours as well.
        code = base64.b64encode(b"\0" * shift + secret).decode().rstrip("=")
        core = code[(0, 2, 3)[shift] : len(code) - (1 if (shift + len(secret)) % 3 else 0)]
        yield core
        yield core.translate(str.maketrans("+/", "-_"))
        if shift == 0:
            yield from (line for width in _WIDTHS for line in _cut(code, width) if len(line) >= _SHORTEST_LINE)


def _cut(text: str, width: int) -> list[str]:
    return [text[at : at + width] for at in range(0, len(text), width)] if len(text) > width else []
