"""The parser: from a text to a tree."""

from __future__ import annotations

from jenkinsgen.jenkinsfile.groovy.bounds import LONGEST_TEXT, TooLarge, bounded
from jenkinsgen.jenkinsfile.groovy.lexer import Lexer
from jenkinsgen.jenkinsfile.groovy.source import java_characters, unicode_escapes
from jenkinsgen.jenkinsfile.groovy.statements import StatementParser
from jenkinsgen.jenkinsfile.groovy.tokens import END
from jenkinsgen.jenkinsfile.groovy.tree import Script


def parse(text: str) -> Script:
    """The tree of a script. Raises `GroovySyntaxError` where the compiler's parser would refuse it, and `TooLarge`.

    Offsets and columns count UTF-16 units of the text after its Unicode escapes were resolved, as the
    compiler's do.
    """
    if len(text) > LONGEST_TEXT:
        raise TooLarge(f"longer than {LONGEST_TEXT:,} characters", 1, 1)
    with bounded():
        characters = unicode_escapes(java_characters(text))
        parser = StatementParser(Lexer(characters).tokens())
        statements = parser.statements(END)
    if parser.kind != END:
        raise parser.unexpected()
    return Script(characters, statements)
