"""From a text to a tree."""

from __future__ import annotations

from jenkinsgen.groovy.depth import deep
from jenkinsgen.groovy.lexer import Lexer
from jenkinsgen.groovy.source import java_characters, unicode_escapes
from jenkinsgen.groovy.statements import StatementParser
from jenkinsgen.groovy.tokens import END
from jenkinsgen.groovy.tree import Script


def parse(text: str) -> Script:
    """The tree of a script. Raises `GroovySyntaxError` where the compiler's parser would refuse it.

    Offsets and columns count UTF-16 units of the text after its Unicode escapes were resolved, as the
    compiler's do.
    """
    characters = unicode_escapes(java_characters(text))
    parser = StatementParser(Lexer(characters).tokens())
    with deep():
        statements = parser.statements(END)
    if parser.kind != END:
        raise parser.unexpected()
    return Script(characters, statements)
