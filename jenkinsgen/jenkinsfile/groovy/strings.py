r"""The insides of Groovy's six kinds of string.

| opening | escapes | `$` | line ends |
|---|---|---|---|
| `'` | yes | plain | no |
| `'''` | yes | plain | yes |
| `"` | yes | value | no |
| triple `"` | yes | value | yes |
| `/` | `\/` only | value | yes |
| `$/` | `$$`, `$/` | value | yes |
"""

from __future__ import annotations

import re
import unicodedata
from typing import NamedTuple

SINGLE, TRIPLE_SINGLE, DOUBLE, TRIPLE_DOUBLE, SLASHY, DOLLAR_SLASHY = "'", "'''", '"', '"""', "/", "$/"
_CLOSING = {DOLLAR_SLASHY: "/$"}

# Characters beyond ASCII that may begin a name in Java: letters, letter numbers, connecting punctuation, currencies.
_NAME_START = frozenset({"Lu", "Ll", "Lt", "Lm", "Lo", "Nl", "Pc", "Sc"})
_PLAIN = {
    SINGLE: re.compile(r"[^'\\\r\n]+"),
    TRIPLE_SINGLE: re.compile(r"[^'\\\r]+"),
    DOUBLE: re.compile(r"[^\"\\$\r\n]+"),
    TRIPLE_DOUBLE: re.compile(r"[^\"\\$\r]+"),
    SLASHY: re.compile(r"[^/\\$\r]+"),
    DOLLAR_SLASHY: re.compile(r"[^/$\r]+"),
}
_ESCAPED = {"n": "\n", "r": "\r", "t": "\t", "b": "\b", "f": "\f"}
_OCTAL = re.compile(r"[0-3][0-7]{0,2}|[4-7][0-7]?")
_LINE_END = re.compile(r"\r\n|\r|\n")
_ILLEGAL_DOLLAR = (
    "illegal string body character after dollar sign;\n"
    '   solution: either escape a literal dollar sign "\\$5" or bracket the value expression "${5}"'
)


def _starts_value(character: str) -> bool:
    """Whether a `$` in front of this opens a value."""
    if character < "\x80":
        return character in {"{", "_"} or character.isalpha()
    return unicodedata.category(character) in _NAME_START


class Stop(Exception):
    """The scanner cannot go on: `complaint` at `offset`."""

    def __init__(self, complaint: str, offset: int) -> None:
        super().__init__(complaint)
        self.complaint = complaint
        self.offset = offset


class Part(NamedTuple):
    """A run of characters of a string, up to its closing quote or to a `$` that opens a value."""

    value: str
    end: int
    closed: bool


class StringScanner:
    """Reads one string, part by part: a string with values has a part before, between and after them."""

    def __init__(self, text: str, opening: str) -> None:
        self._text = text
        self._opening = opening
        self._closing = _CLOSING.get(opening, opening)
        self._plain = _PLAIN[opening]
        self._one_line = opening in {SINGLE, DOUBLE}
        self.one_line_values = opening in {DOUBLE, SLASHY}
        self._has_values = opening not in {SINGLE, TRIPLE_SINGLE}

    def read(self, begin: int) -> Part:
        """Read from `begin` to the end of this part; raises `Stop` where the compiler would complain."""
        text, at, out = self._text, begin, []
        while True:
            run = self._plain.match(text, at)
            if run:
                out.append(run[0])
                at = run.end()
            if at >= len(text):
                raise Stop(f"expecting '{self._closing[0]}', found '<EOF>'", at)
            if self._closes(at):
                return Part("".join(out), at + len(self._closing), closed=True)
            if text[at] == "$" and self._has_values and _starts_value(text[at + 1 : at + 2]):
                return Part("".join(out), at + 1, closed=False)
            value, at = self._odd(at)
            out.append(value)

    def _closes(self, at: int) -> bool:
        # The first three of four quotes in a row close: the compiler looks no further.
        return self._text.startswith(self._closing, at)

    def _odd(self, at: int) -> tuple[str, int]:
        """One character that is not plain: what it stands for, and where the next one is."""
        character = self._text[at]
        if character in "\r\n":
            if self._one_line:
                raise Stop(f"expecting '{self._closing}', found '\\n'", at)
            end = _LINE_END.match(self._text, at)
            return "\n", end.end() if end else at + 1
        if character == "\\" and self._opening not in {SLASHY, DOLLAR_SLASHY}:
            return self._escape(at)
        if character == "\\":
            return self._slashy_backslash(at)
        if character == "$":
            return self._dollar(at)
        return character, at + 1

    def _escape(self, at: int) -> tuple[str, int]:
        following = self._text[at + 1 : at + 2]
        if following in _ESCAPED:
            return _ESCAPED[following], at + 2
        if following and following in "\"'\\$":
            return following, at + 2
        line_end = _LINE_END.match(self._text, at + 1)
        if line_end:
            return "", line_end.end()
        octal = _OCTAL.match(self._text, at + 1)
        if octal:
            return chr(int(octal[0], 8)), octal.end()
        raise Stop("unexpected char: '\\'", at)

    def _slashy_backslash(self, at: int) -> tuple[str, int]:
        if self._text.startswith("/", at + 1) and self._opening == SLASHY:
            return "/", at + 2
        line_end = _LINE_END.match(self._text, at + 1) if self._opening == SLASHY else None
        return ("\n", line_end.end()) if line_end else ("\\", at + 1)

    def _dollar(self, at: int) -> tuple[str, int]:
        if self._opening == DOLLAR_SLASHY:
            following = self._text[at + 1 : at + 2]
            # "$$" is a dollar; "$/" a slash, unless it is the second half of "$/$", which closes after a dollar.
            if following == "$" or (following == "/" and not self._text.startswith("$", at + 2)):
                return following, at + 2
            return "$", at + 1
        if self._opening == SLASHY or not self._has_values:
            return "$", at + 1
        raise Stop(_ILLEGAL_DOLLAR, at)
