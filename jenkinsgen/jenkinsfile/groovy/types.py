"""Types, annotations, and the lookahead that tells a declaration from an expression."""

from __future__ import annotations

from jenkinsgen.jenkinsfile.groovy.errors import GroovySyntaxError
from jenkinsgen.jenkinsfile.groovy.stream import TokenStream
from jenkinsgen.jenkinsfile.groovy.tokens import IDENT, MODIFIERS, NEWLINE, PRIMITIVES, STRING
from jenkinsgen.jenkinsfile.groovy.tree import TypeName

_IN_TYPE_ARGUMENTS = PRIMITIVES | {IDENT, ".", ",", "?", "extends", "super", "&", "[", "]", NEWLINE}
_ANGLES = {"<": 1, ">": -1, ">>": -2, ">>>": -3}
# Tokens that may follow a type, or a modifier, in a declaration.
_CONTINUES = MODIFIERS | PRIMITIVES | {"def", "@", IDENT, STRING}
_AFTER_TYPE = _CONTINUES | {".", "<", "["}
TYPE_KINDS = frozenset({"class", "interface", "enum", "trait"})


class TypeParser(TokenStream):
    """Adds types to the stream."""

    # ">>" closes two lists of type arguments; what is left of it waits here.
    _angles_left = 0

    def type_name(self) -> TypeName:
        """A type with its arguments and brackets; a primitive too."""
        first = self.token
        if self.kind in PRIMITIVES:
            name = self.take().text
            arguments: tuple[TypeName, ...] = ()
        else:
            name, arguments = self._class_name()
        dimensions = self._brackets()
        return TypeName(self.where(first), name, dimensions, arguments)

    def class_type(self) -> TypeName:
        """A class without brackets, as after `extends` or `new`."""
        first = self.token
        if self.kind in PRIMITIVES:
            return TypeName(self.where(self.take()), first.text)
        name, arguments = self._class_name()
        return TypeName(self.where(first), name, 0, arguments)

    def _class_name(self) -> tuple[str, tuple[TypeName, ...]]:
        parts = [self.expect(IDENT).text]
        arguments = self.type_arguments()
        while self.kind == "." and self.kind_after(1) == IDENT:
            self.take()
            parts.append(self.take().text)
            arguments = self.type_arguments() or arguments
        return ".".join(parts), arguments

    def _brackets(self) -> int:
        dimensions = 0
        while self.kind == "[" and self.kind_after(1) == "]":
            self.take()
            self.take()
            dimensions += 1
        return dimensions

    def type_arguments(self) -> tuple[TypeName, ...]:
        if self.kind != "<":
            return ()
        self.take()
        self.skip_newlines()
        if self.kind == ">":  # the diamond
            self.take()
            return ()
        found = [self._type_argument()]
        while self._angles_left == 0 and self.accept(","):
            self.skip_newlines()
            found.append(self._type_argument())
        self._close_angle()
        return tuple(found)

    def _type_argument(self) -> TypeName:
        first = self.token
        if not self.accept("?"):
            found = self.type_name()
            while self.kind in {"extends", "&"}:  # of type parameters: <T extends A & B>
                self.take()
                self.skip_newlines()
                self.class_type()
            return found
        if self.kind in {"extends", "super"}:
            self.take()
            self.skip_newlines()
            return self.type_name()
        return TypeName(self.where(first), "java.lang.Object")

    def _close_angle(self) -> None:
        if self._angles_left:
            self._angles_left -= 1
            return
        self.skip_newlines()
        if self.kind not in {">", ">>", ">>>"}:
            raise self.unexpected()
        self._angles_left = len(self.take().kind) - 1

    def at_declaration(self) -> bool:
        """Whether a variable or method declaration begins here: `declarationStart` of the grammar."""
        at, seen = self._at, False
        while True:
            following = self._past_declaration_part(at)
            if following is None:
                # A word before another word has to be a type: "Foo bar baz" and "Foo bar.baz" are calls of Foo.
                is_name = self._kinds[at + 1] not in _AFTER_TYPE
                return seen and self._kinds[at] in {IDENT, STRING} and (is_name or self._kinds[at] == STRING)
            at, seen = following, True

    def _past_declaration_part(self, at: int) -> int | None:
        kind = self._kinds[at]
        if kind == "def" or kind in MODIFIERS:
            return self._past_newline(at + 1)
        if kind == "@":
            return self.past_annotation(at)
        following = self._past_type(at)
        if following is not None and self._kinds[following] in _CONTINUES:
            return following
        return None

    def _past_newline(self, at: int) -> int:
        return at + 1 if self._kinds[at] == NEWLINE else at

    def past_annotation(self, at: int) -> int | None:
        """The index after `@Name(…)` and a newline; None if it is none, or an annotation type."""
        at += 1
        if self._kinds[at] != IDENT:
            return None
        at += 1
        while self._kinds[at] == "." and self._kinds[at + 1] == IDENT:
            at += 2
        after = self._past_newline(at)
        if self._kinds[after] == "(":
            return None if (past := self.past_balanced(after)) is None else self._past_newline(past)
        return after

    def _past_type(self, at: int) -> int | None:
        kind = self._kinds[at]
        if kind == IDENT:
            while self._kinds[at + 1] == "." and self._kinds[at + 2] == IDENT:
                at += 2
            if not self._tokens[at].text[:1].isupper():
                return None
        elif kind not in PRIMITIVES:
            return None
        at += 1
        if self._kinds[at] == "<":
            at = self._past_type_arguments(at) or at
        while self._kinds[at] == "[":
            past = self.past_balanced(at)
            if past is None:
                return None
            at = past
        return at

    def _past_type_arguments(self, at: int) -> int | None:
        depth = 0
        while True:
            kind = self._kinds[at]
            if kind in _ANGLES:
                depth += _ANGLES[kind]
            elif kind not in _IN_TYPE_ARGUMENTS:
                return None
            at += 1
            if depth <= 0:
                return at if depth == 0 else None

    def at_generic_method(self) -> bool:
        """`def <T> T first(List<T> list)`: modifiers, then type parameters."""
        at = self._past_modifiers(self._at)
        return at > self._at and self._kinds[at] == "<"

    def at_unpacking(self) -> bool:
        """`def (a, b) = …`."""
        at = self._past_modifiers(self._at)
        return at > self._at and self._kinds[at] == "(" and "def" in self._kinds[self._at : at]

    def at_type_definition(self) -> bool:
        """A class, interface, enum, trait or annotation type, after its modifiers."""
        at = self._past_modifiers(self._at)
        if self._kinds[at] == "@":
            return self._kinds[at + 1] == "interface"
        return self._kinds[at] in TYPE_KINDS

    def _past_modifiers(self, at: int) -> int:
        while True:
            kind = self._kinds[at]
            if kind == "def" or kind in MODIFIERS:
                at = self._past_newline(at + 1)
            elif kind == "@" and (past := self.past_annotation(at)) is not None:
                at = past
            else:
                return at

    def maybe_type(self) -> TypeName | None:
        """The type before a declared name; None where the name itself comes first."""
        if self.kind in PRIMITIVES:
            return self.type_name()
        if self.kind != IDENT:
            return None
        mark = self._at
        try:
            found = self.type_name()
        except GroovySyntaxError:
            found = None
        if found is not None and self._angles_left == 0 and self.kind in {IDENT, STRING, "..."}:
            return found
        self._at, self._angles_left = mark, 0
        return None
