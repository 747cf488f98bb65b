"""The tokens that the lexer hands to the parser."""

from __future__ import annotations

from typing import NamedTuple

# Kinds that are not spelled like themselves. Every operator and keyword is its own kind.
IDENT = "identifier"
STRING = "string"
GSTRING_START = "gstring start"
GSTRING_MIDDLE = "gstring middle"
GSTRING_END = "gstring end"
NUMBER = "number"
NEWLINE = "newline"
END = "end of file"
BROKEN = "broken"

PRIMITIVES = frozenset({"void", "boolean", "byte", "char", "short", "int", "float", "long", "double"})
MODIFIERS = frozenset(
    {
        "private",
        "public",
        "protected",
        "static",
        "transient",
        "final",
        "abstract",
        "native",
        "threadsafe",
        "synchronized",
        "volatile",
        "strictfp",
    }
)
KEYWORDS = (
    PRIMITIVES
    | MODIFIERS
    | frozenset(
        {
            "as",
            "assert",
            "break",
            "case",
            "catch",
            "class",
            "const",
            "continue",
            "def",
            "default",
            "do",
            "else",
            "enum",
            "extends",
            "false",
            "finally",
            "for",
            "goto",
            "if",
            "implements",
            "import",
            "in",
            "instanceof",
            "interface",
            "new",
            "null",
            "package",
            "return",
            "super",
            "switch",
            "this",
            "throw",
            "throws",
            "trait",
            "true",
            "try",
            "while",
        }
    )
)

# A "/" after one of these divides; after anything else it opens a slashy string.
_ENDING_PUNCTUATION = frozenset({"++", "--", ")", "]", "}", STRING, GSTRING_END, NUMBER, IDENT})
# The compiler's own list: these keywords are missing from it, so a "/" after them opens a string.
_NEVER_ENDING = frozenset(
    {
        "abstract",
        "const",
        "do",
        "final",
        "goto",
        "strictfp",
        "trait",
    }
)
ENDS_EXPRESSION = _ENDING_PUNCTUATION | (KEYWORDS - _NEVER_ENDING)


class Token(NamedTuple):
    """`value` is the text a string stands for, or the number; `text` what was written, or the complaint
    of a `BROKEN` token.
    """

    kind: str
    text: str
    line: int
    column: int
    start: int
    end: int
    value: str | int | float | None = None
