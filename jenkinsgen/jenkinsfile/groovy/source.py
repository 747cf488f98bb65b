"""The characters of a script as the Java compiler sees them."""

from __future__ import annotations

import re

from jenkinsgen.jenkinsfile.groovy.errors import GroovySyntaxError

_BEYOND_BMP = re.compile("[\U00010000-\U0010ffff]")
_ESCAPE = re.compile(r"\\(?:(u+)([0-9a-fA-F]{4})?|.|$)", re.DOTALL)


def java_characters(text: str) -> str:
    """`text` in UTF-16 units, so that columns and identifier letters are the compiler's."""
    return _BEYOND_BMP.sub(_surrogates, text)


def _surrogates(match: re.Match[str]) -> str:
    code = ord(match[0]) - 0x10000
    return chr(0xD800 + (code >> 10)) + chr(0xDC00 + (code & 0x3FF))


def human_characters(text: str) -> str:
    """Undo `java_characters`, for messages."""
    return text.encode("utf-16-le", "surrogatepass").decode("utf-16-le", "replace")


def unicode_escapes(text: str) -> str:
    r"""Resolve `\uXXXX` before anything else is looked at, in comments too, as the compiler does.

    A `\u` that four hexadecimal digits do not follow is an error wherever it stands.
    """
    if "\\u" not in text:
        return text

    def resolve(match: re.Match[str]) -> str:
        if not match[1]:
            return match[0]
        if not match[2]:
            line, column = position(text, match.start())
            raise GroovySyntaxError("Did not find four digit hex character code.", line, column)
        return chr(int(match[2], 16))

    return _ESCAPE.sub(resolve, text)


def position(text: str, offset: int) -> tuple[int, int]:
    """Line and column, from 1, of a character."""
    before = text[:offset].replace("\r\n", "\n\n").replace("\r", "\n") if "\r" in text else text[:offset]
    crlf = text.count("\r\n", 0, offset)
    return before.count("\n") + 1 - crlf, offset - (before.rfind("\n") + 1) + 1
