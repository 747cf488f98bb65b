"""Text to tokens, by the rules of Groovy 2.4's scanner.

Newlines matter to Groovy except inside `(` and `[`; which of them the parser sees is decided here, as in the
compiler. An error becomes a `BROKEN` token, so that the parser complains about it only when it gets there:
an earlier syntax error wins.
"""

from __future__ import annotations

import re
from typing import NoReturn

from jenkinsgen.jenkinsfile.groovy.bounds import DEEPEST, LONGEST_NUMBER, TooLarge
from jenkinsgen.jenkinsfile.groovy.strings import SINGLE, SLASHY, Stop, StringScanner
from jenkinsgen.jenkinsfile.groovy.tokens import (
    BROKEN,
    END,
    ENDS_EXPRESSION,
    GSTRING_END,
    GSTRING_MIDDLE,
    GSTRING_START,
    IDENT,
    KEYWORDS,
    NEWLINE,
    NUMBER,
    STRING,
    Token,
)

# The compiler's idea of a letter: no-break spaces are not, curly quotes and half an emoji are.
LETTER = "A-Za-z_\u00c0-\u00d6\u00d8-\u00f6\u00f8-\ufffe"
_BLANK = r"[ \t\f]|\\(?:\r\n|\r|\n)"
_COMMENT = r"//[^\n\r]*|/\*(?:[^*]|\*(?!/))*\*/"
_SPELLINGS = (
    "? ( ) [ ] { } : , . = <=> == === ! ~ != !== + += ++ - -= -- * *= % %= >> >>= >>> >>>= >= > << <<= <= < ^ ^= | |= "
    "|| & &= && ; .. ..< ... *. ?. ?: .& =~ ==~ ** **= -> @ / /="
)
_OPERATORS = sorted(_SPELLINGS.split(), key=len, reverse=True)
_NUMBER = (
    r"0[xX][0-9a-fA-F](?:[0-9a-fA-F_]*[0-9a-fA-F])?[gGlLiI]?|0[bB][01](?:[01_]*[01])?[gGlLiI]?"
    r"|[0-9](?:[0-9_]*[0-9])?(?:\.[0-9](?:[0-9_]*[0-9])?(?:[eE][+-]?[0-9]+)?|[eE][+-]?[0-9]+)[gGfFdD]?"
    r"|[0-9](?:[0-9_]*[0-9])?[fFdD]|(?:0[0-7_]*|[1-9](?:[0-9_]*[0-9])?)[gGlLiI]?"
)
_TOKEN = re.compile(
    rf"(?P<blank>(?:{_BLANK}|{_COMMENT})+)"
    rf"|(?P<newline>(?:\r\n|\r|\n)(?:[\r\n]|{_BLANK}|{_COMMENT})*)"
    r"|(?P<quote>'''|'|\"\"\"|\"|\$/)"
    rf"|(?P<word>[${LETTER}][$0-9{LETTER}]*)"
    rf"|(?P<number>{_NUMBER})"
    "|(?P<operator>" + "|".join(re.escape(each) for each in _OPERATORS) + ")"
)  # fmt: skip
_PACKAGE_WORDS = frozenset({"as", "def", "in", "trait"})
_GSTRING_NAME = re.compile(rf"[{LETTER}][0-9{LETTER}]*")
_LINE_END = re.compile(r"\r\n|\r|\n")

_LINE_END_IN_STRING = (
    "end of line reached within a simple string 'x' or \"x\" or /x/;\n"
    "   solution: for multi-line literals, use triple quotes '''x''' or \"\"\"x\"\"\" or /x/ or $/x/$"
)


class Lexer:
    """One use, one text: `Lexer(text).tokens()`."""

    def __init__(self, text: str) -> None:
        self._text = text
        self._at = 0
        self._line = 1
        self._line_start = 0
        self._tokens: list[Token] = []
        self._parens = 0
        self._depth = 0
        # An entry for each open "{": the level of parentheses, and the string that goes on after the "}".
        self._blocks: list[tuple[int, StringScanner | None]] = []

    def tokens(self) -> list[Token]:
        try:
            self._scan()
        except Stop as stop:
            self._skip(stop.offset)
            column = stop.offset - self._line_start + 1
            self._tokens.append(Token(BROKEN, stop.complaint, self._line, column, stop.offset, stop.offset + 1))
        self._advance_lines(self._at, len(self._text))
        column = len(self._text) - self._line_start + 1
        self._tokens.append(Token(END, "", self._line, column, len(self._text), len(self._text)))
        return self._tokens

    def _scan(self) -> None:
        text, size, match = self._text, len(self._text), _TOKEN.match
        if text.startswith("#!"):
            end = _LINE_END.search(text)
            self._at = end.start() if end else size
        while self._at < size:
            found = match(text, self._at)
            if found is None:
                raise Stop(_unexpected(text[self._at]), self._at)
            self._take(found)

    def _take(self, found: re.Match[str]) -> None:
        group, written = found.lastgroup, found[0]
        if group == "operator":
            self._operator(written)
        elif group == "word":
            self._word(written)
        elif group == "newline":
            self._check_line_end(found.start())
            if self._parens == 0:
                self._add(NEWLINE, written, len(written))
            self._skip(found.end())
        elif group == "blank":
            if "/*" in written and "\n" in written:
                self._check_line_end(found.start())
            self._skip(found.end())
        elif group == "number":
            if len(written) > LONGEST_NUMBER:
                self._too_large(f"a number of {len(written):,} characters")
            self._add(NUMBER, written, len(written), number(written))
            self._at = found.end()
        elif written == "$/" and not self._may_open_slashy():
            self._word("$")
        else:
            if written == SINGLE and _LINE_END.match(self._text, found.end()):
                raise Stop(_unexpected(SINGLE), self._at)
            self._string(StringScanner(self._text, written), len(written))

    def _check_line_end(self, at: int) -> None:
        """The value of a string that ends on its line must end there as well."""
        if any(waiting is not None and waiting.one_line_values for _, waiting in self._blocks):
            raise Stop(_LINE_END_IN_STRING, at)

    def _skip(self, end: int) -> None:
        self._advance_lines(self._at, end)
        self._at = end

    def _add(self, kind: str, written: str, size: int, value: str | float | None = None) -> None:
        column = self._at - self._line_start + 1
        self._tokens.append(Token(kind, written, self._line, column, self._at, self._at + size, value))

    def _advance_lines(self, begin: int, end: int) -> None:
        for line_end in _LINE_END.finditer(self._text, begin, end):
            self._line += 1
            self._line_start = line_end.end()

    def _word(self, written: str) -> None:
        end = self._at + len(written)
        kind = written if written in KEYWORDS else IDENT
        if kind in _PACKAGE_WORDS:
            # Java has no such keywords: they may be parts of a package name.
            before = self._tokens[-1].kind if self._tokens else ""
            if self._text.startswith(".", end) or before in {".", "package"}:
                kind = IDENT
        elif kind == "static" and self._text.startswith(".", end):
            kind = IDENT
        self._add(kind, written, len(written), written)
        self._at = end

    def _may_open_slashy(self) -> bool:
        return not self._tokens or self._tokens[-1].kind not in ENDS_EXPRESSION

    def _too_large(self, what: str) -> NoReturn:
        raise TooLarge(what, self._line, self._at - self._line_start + 1)

    def _operator(self, written: str) -> None:
        if self._text.startswith("/*", self._at):
            raise Stop("expecting '*', found '<EOF>'", len(self._text))
        if written in {"/", "/="} and self._may_open_slashy():
            self._string(StringScanner(self._text, SLASHY), 1)
            return
        self._add(written, written, len(written))
        self._at += len(written)
        if written in {"(", "["}:
            self._open()
            self._parens += 1
        elif written in {")", "]"}:
            self._parens -= 1
            self._depth -= 1
        elif written == "{":
            self._open()
            self._blocks.append((self._parens, None))
            self._parens = 0
        elif written == "}" and self._blocks:
            self._depth -= 1
            self._parens, waiting = self._blocks.pop()
            if waiting is not None:
                self._resume(waiting)

    def _open(self) -> None:
        self._depth += 1
        if self._depth > DEEPEST:
            self._too_large(f"nested more than {DEEPEST} brackets deep")

    def _string(self, scanner: StringScanner, opening: int) -> None:
        begin = self._at
        part = scanner.read(begin + opening)
        kind = STRING if part.closed else GSTRING_START
        self._add(kind, self._text[begin : part.end], part.end - begin, part.value)
        self._skip(part.end)
        if not part.closed:
            self._value(scanner)

    def _resume(self, scanner: StringScanner) -> None:
        begin = self._at
        part = scanner.read(begin)
        kind = GSTRING_END if part.closed else GSTRING_MIDDLE
        self._add(kind, self._text[begin : part.end], part.end - begin, part.value)
        self._skip(part.end)
        if not part.closed:
            self._value(scanner)

    def _value(self, scanner: StringScanner) -> None:
        """After a `$`: either `{…}`, or a name with its dots."""
        if self._text.startswith("{", self._at):
            self._add("{", "{", 1)
            self._open()
            self._at += 1
            self._blocks.append((self._parens, scanner))
            self._parens = 0
            return
        while True:
            name = _GSTRING_NAME.match(self._text, self._at)
            if name is None:
                raise Stop(_unexpected(self._text[self._at : self._at + 1]), self._at)
            self._word_in_string(name[0], dotted=self._tokens[-1].kind == ".")
            if not self._text.startswith(".", self._at) or not _GSTRING_NAME.match(self._text, self._at + 1):
                break
            self._add(".", ".", 1)
            self._at += 1
        self._resume(scanner)

    def _word_in_string(self, written: str, *, dotted: bool) -> None:
        is_keyword = written in KEYWORDS and not (dotted and written in _PACKAGE_WORDS)
        self._add(written if is_keyword else IDENT, written, len(written), written)
        self._at += len(written)


def number(written: str) -> int | float:
    """The value of a numeric literal."""
    digits = written.replace("_", "").lower()
    if digits.startswith("0x"):
        return int(digits.rstrip("gli"), 16)
    if digits.startswith("0b"):
        return int(digits.rstrip("gli"), 2)
    if "." in digits or "e" in digits or digits[-1] in "fd":
        return float(digits.rstrip("gfd"))
    digits = digits.rstrip("gli")
    return int(digits, 8) if len(digits) > 1 and digits[0] == "0" else int(digits)


def _unexpected(character: str) -> str:
    if not character:
        return "unexpected char: 0xFFFF"
    return f"unexpected char: {character!r}" if " " < character < "\x7f" else f"unexpected char: 0x{ord(character):X}"
