"""The atoms of expressions: names, literals, lists, maps, strings with values, closures, `new`."""

from __future__ import annotations

from abc import abstractmethod
from typing import TYPE_CHECKING

from jenkinsgen.jenkinsfile.groovy.errors import GroovySyntaxError
from jenkinsgen.jenkinsfile.groovy.expressions import ExpressionParser
from jenkinsgen.jenkinsfile.groovy.tokens import (
    END,
    GSTRING_END,
    GSTRING_MIDDLE,
    GSTRING_START,
    IDENT,
    MODIFIERS,
    NEWLINE,
    NUMBER,
    PRIMITIVES,
    STRING,
    Token,
)
from jenkinsgen.jenkinsfile.groovy.tree import (
    ClosureExpression,
    ClosureList,
    Constant,
    Expression,
    GString,
    ListLiteral,
    MapLiteral,
    Name,
    New,
    Parameter,
    Property,
    Statement,
)

if TYPE_CHECKING:
    from jenkinsgen.jenkinsfile.groovy.tree import ClassDefinition

_INTEGER_LIMIT, _LONG_LIMIT = 2**31, 2**63
_WORDS: dict[str, tuple[bool | None, str]] = {
    "true": (True, "java.lang.Boolean"),
    "false": (False, "java.lang.Boolean"),
    "null": (None, "null"),
}
_PARAMETER_START = PRIMITIVES | MODIFIERS | {IDENT, "def", "@", "...", "->", NEWLINE}


class PrimaryParser(ExpressionParser):
    """Adds atoms."""

    def __init__(self, tokens: list[Token]) -> None:
        super().__init__(tokens)
        self._without_parameters: set[int] = set()

    @abstractmethod
    def statements(self, closing: str) -> tuple[Statement, ...]: ...
    @abstractmethod
    def class_body(self, first: Token) -> ClassDefinition: ...

    def primary(self) -> Expression:
        token = self.token
        kind = token.kind
        if kind == IDENT or kind in PRIMITIVES or kind in {"this", "super"}:
            self.take()
            return Name(self.where(token), token.text)
        if kind == STRING:
            self.take()
            return Constant(self.where(token), token.value, "java.lang.String")
        if kind == NUMBER:
            self.take()
            return Constant(self.where(token), token.value, number_type(token))
        if kind in _WORDS:
            self.take()
            return Constant(self.where(token), *_WORDS[kind])
        return self._bracketed_primary(token)

    def _bracketed_primary(self, token: Token) -> Expression:
        if token.kind == GSTRING_START:
            return self._gstring()
        if token.kind == "(":
            return self.parenthesized()
        if token.kind == "[":
            return self._list_or_map()
        if token.kind == "{":
            return self.closure()
        if token.kind == "new":
            return self._new()
        raise self.unexpected()

    def _gstring(self) -> Expression:
        first = self.token
        texts: list[str] = []
        values: list[Expression] = []
        while True:
            texts.append(str(self.take().value or ""))
            values.append(self._gstring_value())
            if self.kind == GSTRING_END:
                texts.append(str(self.take().value or ""))
                return GString(self.where(first), tuple(texts), tuple(values))
            if self.kind != GSTRING_MIDDLE:
                raise self.unexpected()

    def _gstring_value(self) -> Expression:
        if self.kind == "{":
            return self.closure()
        first = self.token
        if self.kind not in {IDENT, "this", "super"}:
            raise self.unexpected()
        self.take()
        found: Expression = Name(self.where(first), first.text)
        while self.accept("."):
            name = self.expect(IDENT)
            found = Property(self.where(first), found, Constant(self.where(name), name.text, "java.lang.String"), ".")
        return found

    def parenthesized(self) -> Expression:
        """`( … )`; the inner expression itself, or the head of a classic `for`."""
        first = self.expect("(")
        declared = self.at_declaration()
        items: list[Expression | None] = [None if self.kind == ";" else self.strict(declaration=True)]
        while self.accept(";"):
            items.append(None if self.kind in {";", ")"} else self.strict(declaration=True))
        if declared and len(items) == 1:
            raise self.error(f"unexpected token: {self._tokens[self._at].text}", first)
        self.expect(")")
        if len(items) == 1 and items[0] is not None:
            return items[0]
        return ClosureList(self.where(first), tuple(items))

    def _list_or_map(self) -> Expression:
        first = self.expect("[")
        if self.kind == ":" and self.kind_after(1) == "]":
            self.take()
            self.take()
            return MapLiteral(self.where(first), ())
        items = self.argument_list("]")
        self.expect("]")
        if items and isinstance(items[0], MapLiteral) and items[0].named:
            if len(items) > 1:
                # The compiler's words for [a: 1, 2]: it asks for a map entry where the plain item stands.
                raise self.error("No map entry allowed at this place", first)
            return MapLiteral(self.where(first), items[0].entries)
        return ListLiteral(self.where(first), items)

    def closure(self) -> ClosureExpression:
        """A block that is a value."""
        first = self.expect("{")
        self.skip_newlines()
        parameters = self._closure_parameters() if self._arrow_ahead() else None
        body = self.statements("}")
        self.expect("}")
        return ClosureExpression(self.where(first), parameters, body)

    def _arrow_ahead(self) -> bool:
        """Whether `->` comes before this block's first line ends: only then are there parameters."""
        at = self._at
        if self._kinds[at] not in _PARAMETER_START:
            return False
        while True:
            kind = self._kinds[at]
            if kind == "->":
                return True
            if kind == NEWLINE and self._kinds[at + 1] != "->" and self._kinds[at - 1] not in {",", "=", "def"}:
                return False
            if kind in {"(", "[", "{", GSTRING_START}:
                past = self.past_balanced(at)
                if past is None:
                    return False
                at = past
            elif kind in {"}", ";", ")", "]", END}:
                return False
            else:
                at += 1

    def _closure_parameters(self) -> tuple[Parameter, ...] | None:
        mark = self._at
        if mark in self._without_parameters:
            return None
        try:
            found = self.parameters("->")
            self.skip_newlines()
            self.expect("->")
        except GroovySyntaxError:
            self._at = mark
            # A block in the parameters is read twice; those in it would be four times, and so on.
            self._without_parameters.add(mark)
            return None
        self.skip_newlines()
        return found

    def parameters(self, closing: str) -> tuple[Parameter, ...]:
        """The parameters of a closure, method or constructor, up to the closing token."""
        found: list[Parameter] = []
        if self.after_newlines() == closing:
            return ()
        while True:
            found.append(self.parameter())
            if not self.accept(","):
                return tuple(found)
            self.skip_newlines()

    def parameter(self) -> Parameter:
        first = self.token
        while self.kind in {"def", "final", "@"}:
            if self.kind == "@":
                self.annotation()
            else:
                self.take()
            self.skip_newlines()
        type_name = self.maybe_type()
        self.accept("...")
        name = self.expect(IDENT)
        default = None
        if self.accept("="):
            self.skip_newlines()
            default = self.command_expression()
        return Parameter(self.where(first), name.text, type_name, default)

    def _new(self) -> Expression:
        first = self.expect("new")
        self.skip_newlines()
        self.type_arguments()
        type_name = self.class_type()
        if self.kind == "[":
            return self._new_array(first, New(self.where(first), type_name, ()))
        self.skip_newlines()
        self.expect("(")
        arguments = self.argument_list(")")
        self.expect(")")
        body = None
        if self.after_newlines() == "{" and self.kind == "{":
            body = self.class_body(self.token)
        return New(self.where(first), type_name, arguments, body)

    def _new_array(self, first: Token, found: New) -> Expression:
        sizes: list[Expression] = []
        while self.accept("["):
            if self.kind != "]":
                sizes.append(self.expression())
            self.expect("]")
        return New(self.where(first), found.type, tuple(sizes))


def number_type(token: Token) -> str:
    """The Java class of a numeric literal."""
    value, suffix = token.value, token.text[-1].lower()
    is_hexadecimal = token.text[:2].lower() == "0x"
    if isinstance(value, float):
        return {"f": "java.lang.Float", "d": "java.lang.Double"}.get(suffix, "java.math.BigDecimal")
    if suffix == "g":
        return "java.math.BigInteger"
    if suffix == "l" or not isinstance(value, int):
        return "java.lang.Long"
    limit = 2 * _INTEGER_LIMIT if is_hexadecimal else _INTEGER_LIMIT
    if value < limit or suffix == "i":
        return "java.lang.Integer"
    return "java.lang.Long" if value < _LONG_LIMIT else "java.math.BigInteger"
