"""The tokens of a script with a place in them: look, take, go back."""

from __future__ import annotations

from jenkinsgen.jenkinsfile.groovy.bounds import budget
from jenkinsgen.jenkinsfile.groovy.errors import GroovySyntaxError
from jenkinsgen.jenkinsfile.groovy.source import human_characters
from jenkinsgen.jenkinsfile.groovy.tokens import BROKEN, END, GSTRING_END, GSTRING_START, IDENT, NEWLINE, STRING, Token
from jenkinsgen.jenkinsfile.groovy.tree import Where

_OPENING = {"(": ")", "[": "]", "{": "}", GSTRING_START: GSTRING_END}
_CLOSING = frozenset(_OPENING.values())
_LOOKAHEAD = 4
# How the compiler spells a kind in "expecting …, found …".
_SPELLED = {END: "", NEWLINE: "\\n", IDENT: "an identifier", STRING: "a string literal"}


class TokenStream:
    """The lowest layer of the parser."""

    def __init__(self, tokens: list[Token]) -> None:
        self._tokens = tokens
        self._at = 0
        # Lookahead never runs off the end: the end of the file repeats.
        self._kinds = [token.kind for token in tokens] + [END] * _LOOKAHEAD
        self._partner = _partners(self._kinds)
        self._budget = budget()

    @property
    def kind(self) -> str:
        return self._kinds[self._at]

    @property
    def token(self) -> Token:
        return self._tokens[self._at]

    def kind_after(self, distance: int) -> str:
        """The kind of a later token; the end of the file repeats for ever."""
        at = self._at + distance
        return self._kinds[at] if at < len(self._kinds) else END

    def take(self) -> Token:
        # Going back means reading again: once for each bracket around it, if a text is made for that.
        self._budget.spend()
        token = self._tokens[self._at]
        if self._at < len(self._tokens) - 1:
            self._at += 1
        return token

    def accept(self, kind: str) -> bool:
        if self._kinds[self._at] != kind:
            return False
        self.take()
        return True

    def expect(self, kind: str) -> Token:
        if self._kinds[self._at] == kind:
            return self.take()
        token = self.token
        if token.kind == BROKEN or kind == IDENT:
            raise self.unexpected()
        found = human_characters(_SPELLED.get(token.kind, token.text))
        raise self.error(f"expecting '{_SPELLED.get(kind, kind)}', found '{found}'", token)

    def skip_newlines(self) -> None:
        """`nls` of the grammar; the lexer never gives two in a row."""
        if self._kinds[self._at] == NEWLINE:
            self._at += 1

    def after_newlines(self) -> str:
        """The kind of the next token that is not a newline."""
        kind = self._kinds[self._at]
        return self.kind_after(1) if kind == NEWLINE else kind

    def where(self, first: Token) -> Where:
        """The place from `first` to what was taken last."""
        return Where(first.line, first.column, first.start, self._tokens[max(self._at - 1, 0)].end)

    def where_from(self, start: Where, operator: Token | None = None) -> Where:
        """The place from a node's start to what was taken last; reported at the operator, where one is given."""
        end = self._tokens[max(self._at - 1, 0)].end
        at = operator or start
        return Where(at.line, at.column, start.start, end)

    def unexpected(self) -> GroovySyntaxError:
        """For the present token, to be raised."""
        token = self.token
        if token.kind == BROKEN:
            return self.error(token.text, token)
        return self.error(f"unexpected token: {human_characters(token.text).strip()}", token)

    def error(self, message: str, at: Token) -> GroovySyntaxError:
        """An error, to be raised."""
        return GroovySyntaxError(message, at.line, at.column)

    def past_balanced(self, at: int) -> int | None:
        """The index after the bracket that closes the one at `at`; None where nothing closes it."""
        partner = self._partner[at]
        return None if partner < 0 else partner + 1


def _partners(kinds: list[str]) -> list[int]:
    partners, waiting = [-1] * len(kinds), []
    for at, kind in enumerate(kinds):
        if kind in _OPENING:
            waiting.append(at)
        elif kind in _CLOSING and waiting and _OPENING[kinds[waiting[-1]]] == kind:
            opening = waiting.pop()
            partners[opening] = at
    return partners
