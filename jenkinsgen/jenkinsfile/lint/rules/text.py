"""Rules: unicode-escape, nul-in-string."""

from __future__ import annotations

import re
from bisect import bisect_right
from typing import TYPE_CHECKING

from jenkinsgen.jenkinsfile.groovy.lexer import Lexer
from jenkinsgen.jenkinsfile.groovy.source import java_characters, position
from jenkinsgen.jenkinsfile.groovy.tokens import GSTRING_END, GSTRING_MIDDLE, GSTRING_START, STRING
from jenkinsgen.jenkinsfile.groovy.tree import Constant, GString, Where
from jenkinsgen.jenkinsfile.groovy.walk import walk
from jenkinsgen.jenkinsfile.lint.rules.rule import Hit, Rule

if TYPE_CHECKING:
    from collections.abc import Iterator

    from jenkinsgen.jenkinsfile.lint.rules.rule import Subject

_ESCAPE = re.compile(r"\\(?:(u+[0-9a-fA-F]{4})|.)", re.DOTALL)
_STRINGS = frozenset({STRING, GSTRING_START, GSTRING_MIDDLE, GSTRING_END})


def _check_escape(subject: Subject) -> Iterator[Hit]:
    text = java_characters(subject.text)
    found = [match for match in _ESCAPE.finditer(text) if match[1]]
    if not found:
        return
    # A plain letter stands for each escape, so every place stays where it is.
    plain = _ESCAPE.sub(lambda match: "x" * len(match[0]) if match[1] else match[0], text)
    strings = [(token.start, token.end) for token in Lexer(plain).tokens() if token.kind in _STRINGS]
    starts = [start for start, _ in strings]
    for match in found:
        before = bisect_right(starts, match.start()) - 1
        if before < 0 or match.start() >= strings[before][1]:
            line, column = position(text, match.start())
            where = Where(line, column, match.start(), match.end())
            message = f"{match[0]} becomes a character of the program, even in a comment"
            yield Hit(where, message, "write the character itself")


UNICODE_ESCAPE = Rule(
    "unicode-escape",
    r"Groovy resolves `\uXXXX` before it looks for comments and strings: outside a string the escape can end a"
    r" comment or open a string, and a `\u` without four digits breaks the file wherever it stands.",
    _check_escape,
)


def _check_nul(subject: Subject) -> Iterator[Hit]:
    for node in walk(subject.script):
        texts: tuple[str, ...] = (
            (str(node.value),) if isinstance(node, Constant) and isinstance(node.value, str) else ()
        )
        if isinstance(node, GString):
            texts = node.texts
        if any("\0" in each for each in texts):
            hint = r"write \\0 if the shell is to see a backslash and a zero"
            yield Hit(node.where, "a NUL character in a string", hint)


NUL_IN_STRING = Rule(
    "nul-in-string",
    "Jenkins saves the pipeline as XML, which has no NUL: the build fails when it starts.",
    _check_nul,
)
