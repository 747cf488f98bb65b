"""Paths: a primary expression with everything that hangs on it, and the arguments of calls."""

from __future__ import annotations

from abc import abstractmethod
from typing import TYPE_CHECKING

from jenkinsgen.jenkinsfile.groovy.bounds import spend
from jenkinsgen.jenkinsfile.groovy.tokens import (
    GSTRING_START,
    IDENT,
    KEYWORDS,
    NEWLINE,
    NUMBER,
    PRIMITIVES,
    STRING,
)
from jenkinsgen.jenkinsfile.groovy.tree import (
    Annotation,
    Call,
    Constant,
    Declaration,
    Entry,
    Expression,
    GString,
    Index,
    MapLiteral,
    Name,
    Property,
    Spread,
    Statement,
    Where,
)
from jenkinsgen.jenkinsfile.groovy.types import TypeParser

if TYPE_CHECKING:
    from jenkinsgen.jenkinsfile.groovy.tree import ClosureExpression

_DOTS = frozenset({".", "?.", "*.", ".&"})
_LABELS = KEYWORDS | {IDENT, STRING, NUMBER}
_BRACKETS = frozenset({"(", "[", "{", GSTRING_START})
PRIMARY = (
    frozenset({"this", "super", "new", "true", "false", "null", "(", "[", "{"})
    | PRIMITIVES
    | {IDENT, STRING, GSTRING_START, NUMBER}
)
# A command's argument can begin with these; "+", "-", "(", "[" and "{" belong to the path before it.
_COMMAND_ARGUMENT = (PRIMARY | {"!", "~", "++", "--"}) - {"(", "[", "{"}


class CallParser(TypeParser):
    """Adds paths. What they need from the layers above is abstract here."""

    # Only a bare path, no `a + b`, can be followed by arguments without brackets.
    _last_path: Expression | None = None

    @abstractmethod
    def expression(self, *, statement: bool = False) -> Expression: ...
    @abstractmethod
    def strict(self, *, declaration: bool) -> Expression: ...
    @abstractmethod
    def primary(self) -> Expression: ...
    @abstractmethod
    def closure(self) -> ClosureExpression: ...
    @abstractmethod
    def branch(self) -> Statement: ...
    @abstractmethod
    def annotation(self) -> Annotation: ...
    @abstractmethod
    def single_declaration(self, *, initializer: bool) -> Declaration: ...

    def command_expression(self) -> Expression:
        """An expression, or a call without brackets: `sh script: 'x', returnStdout: true`."""
        head = self.expression(statement=True)
        if head is not self._last_path or self.kind == "else":
            return head
        if not isinstance(head, Call) and self._at_command_argument():
            head = self._command(head)
        while self._at_empty_map() or (self.kind in PRIMARY and self.kind not in {"(", "[", "{"}):
            head = self._chain(head)
        return head

    def _at_command_argument(self) -> bool:
        labelled = self.kind in KEYWORDS and self.kind_after(1) == ":"
        return self.kind in _COMMAND_ARGUMENT or labelled or self._at_empty_map()

    def _at_empty_map(self) -> bool:
        """`f [:]` is a call with an empty map, where `f [1]` is an index."""
        return self.kind == "[" and self.kind_after(1) == ":"

    def _command(self, head: Expression) -> Expression:
        entries: list[Entry] = []
        plain: list[Expression] = []
        while True:
            first = self.token
            if self._at_label():
                key = self._label()
                self.skip_newlines()
                value = self.expression()
                entries.append(Entry(self.where(first), key, value))
            else:
                plain.append(self.expression())
            if not self.accept(","):
                return self._call(head, _arguments(entries, plain))
            self.skip_newlines()

    def _chain(self, head: Expression) -> Expression:
        """`a b c d` is `a(b).c(d)`."""
        name = self.primary()
        linked: Expression = Property(self.where_from(head.where), head, _member(name), ".")
        opens_path = self.kind in {"(", "[", "{"} and not self._at_empty_map()
        if opens_path or self.after_newlines() in _DOTS:
            return self._hang(linked, statement=True)
        # "a b c + d" is a(b).c(+d).
        return self._command(linked) if self._at_command_argument() or self.kind in {"+", "-"} else linked

    def path(self, *, statement: bool = False) -> Expression:
        """A primary expression and its `.name`, `(…)`, `[…]` and `{…}`."""
        found = self._hang(self.primary(), statement=statement)
        self._last_path = found
        return found

    def _hang(self, found: Expression, *, statement: bool) -> Expression:
        called = False
        while True:
            kind = self.kind
            if kind == NEWLINE:
                following = self.kind_after(1)
                if following not in _DOTS and not (statement and following == "{"):
                    return found
                self.take()
                kind = following
            if kind in _DOTS:
                found, called = self._dot(found), False
            elif kind == "(":
                found, called = self._call(found, self._parenthesized()), True
            elif kind == "{":
                found, called = self._append_block(found, merge=called), True
            elif kind == "[" and self.kind_after(1) != ":":
                found, called = self._index(found), False
            else:
                return found

    def _dot(self, receiver: Expression) -> Expression:
        operator = self.take().kind
        self.skip_newlines()
        self.type_arguments()
        field = self.accept("@")
        name = self._name_part()
        return Property(self.where_from(receiver.where), receiver, name, ".@" if field else operator)

    def _name_part(self) -> Expression:
        if self.kind in KEYWORDS or self.kind in {IDENT, STRING}:
            token = self.take()
            return Constant(self.where(token), str(token.value or ""), "java.lang.String")
        if self.kind in {"(", GSTRING_START}:
            return self.primary()
        if self.kind == "{":
            block = self.closure()
            if block.parameters is None:
                return block
        raise self.unexpected()

    def _parenthesized(self) -> tuple[Expression, ...]:
        self.expect("(")
        found = self.argument_list(")")
        self.expect(")")
        return found

    def _index(self, receiver: Expression) -> Expression:
        self.expect("[")
        arguments = self.argument_list("]")
        self.expect("]")
        return Index(self.where_from(receiver.where), receiver, arguments)

    def _append_block(self, found: Expression, *, merge: bool) -> Expression:
        block = self.closure()
        if merge and isinstance(found, Call):
            spend(len(found.arguments))
            return Call(self.where_from(found.where), found.receiver, found.name, (*found.arguments, block))
        return self._call(found, (block,))

    def _call(self, target: Expression, arguments: tuple[Expression, ...]) -> Call:
        where = self.where_from(target.where)
        if isinstance(target, Name):
            return Call(where, None, Constant(target.where, target.name, "java.lang.String"), arguments)
        if isinstance(target, Property):
            return Call(where, target.receiver, target.name, arguments)
        if isinstance(target, Constant | GString):
            return Call(where, None, target, arguments)
        return Call(where, target, Constant(target.where, "call", "java.lang.String"), arguments)

    def argument_list(self, closing: str) -> tuple[Expression, ...]:
        """Arguments up to, not including, the closing bracket; one comma may trail."""
        entries: list[Entry] = []
        plain: list[Expression] = []
        gaps = 0
        while self.kind != closing:
            if self.kind == "," and plain + entries and not gaps:
                gaps += 1  # the compiler forgives one comma too many, anywhere
            else:
                self._argument(entries, plain)
            if not self.accept(","):
                break
            if self.kind == closing and gaps:
                raise self.unexpected()
        return _arguments(entries, plain)

    def _argument(self, entries: list[Entry], plain: list[Expression]) -> None:
        first = self.token
        if self._at_label():
            key = self._label()
            value = self.strict(declaration=True)
            entries.append(Entry(self.where(first), key, value))
        elif self.accept("*"):
            is_map = self.accept(":")
            value = self.strict(declaration=True)
            spread = Spread(self.where(first), value)
            if is_map:
                entries.append(Entry(self.where(first), spread, value))
            else:
                plain.append(spread)
        else:
            plain.append(self.strict(declaration=True))
        if self.kind == ":":
            raise self.error(
                "illegal colon after argument expression;\n"
                "   solution: a complex label expression before a colon must be parenthesized",
                first,
            )

    def _at_label(self) -> bool:
        if self.kind in _BRACKETS:
            past = self.past_balanced(self._at)
            return past is not None and self._kinds[past] == ":"
        return self.kind in _LABELS and self.kind_after(1) == ":"

    def _label(self) -> Expression:
        token = self.token
        if token.kind == IDENT or token.kind in KEYWORDS:
            self.take()
            key: Expression = Constant(self.where(token), token.text, "java.lang.String")
        else:
            key = self.primary()
        self.expect(":")
        return key


def _member(name: Expression) -> Expression:
    return Constant(name.where, name.name, "java.lang.String") if isinstance(name, Name) else name


def _arguments(entries: list[Entry], plain: list[Expression]) -> tuple[Expression, ...]:
    if not entries:
        return tuple(plain)
    first, last = entries[0].where, entries[-1].where
    where = Where(first.line, first.column, first.start, last.end)
    return (MapLiteral(where, tuple(entries), named=True), *plain)
