"""Expressions, by precedence climbing; calls, arguments and command expressions are in calls.py."""

from __future__ import annotations

from jenkinsgen.jenkinsfile.groovy.calls import CallParser
from jenkinsgen.jenkinsfile.groovy.tokens import GSTRING_START, IDENT, NEWLINE, NUMBER, PRIMITIVES, STRING, Token
from jenkinsgen.jenkinsfile.groovy.tree import (
    Binary,
    Cast,
    Constant,
    Expression,
    ListLiteral,
    Name,
    Postfix,
    StatementExpression,
    Ternary,
    TypeName,
    Unary,
    Where,
)

_POWERS = {
    "||": 1,
    "&&": 2,
    "|": 3,
    "^": 4,
    "&": 5,
    "=~": 6,
    "==~": 6,
    "==": 7,
    "!=": 7,
    "===": 7,
    "!==": 7,
    "<=>": 7,
    "<": 8,
    ">": 8,
    "<=": 8,
    ">=": 8,
    "in": 8,
    "instanceof": 8,
    "as": 8,
    "<<": 9,
    ">>": 9,
    ">>>": 9,
    "..": 9,
    "..<": 9,
    "+": 10,
    "-": 10,
    "*": 11,
    "/": 11,
    "%": 11,
    "**": 12,
}
_RELATIONAL, _MULTIPLICATIVE = 8, 11
ASSIGNMENTS = frozenset({"=", "+=", "-=", "*=", "/=", "%=", ">>=", ">>>=", "<<=", "&=", "^=", "|=", "**="})
_WORDS = frozenset({"in", "as", "instanceof"})
_SIGNS = frozenset({"++", "--", "+", "-"})
_PREFIXES = _SIGNS | {"!", "~"}
_BRANCHES = frozenset({"return", "break", "continue", "throw", "assert"})
# Tokens with which an operand of a cast can begin; "(a) - 1" is a subtraction.
_AFTER_CAST = frozenset(
    {"this", "super", "new", "true", "false", "null", "(", "[", "{", "!", "~"}
    | PRIMITIVES
    | {IDENT, STRING, GSTRING_START, NUMBER}
)


class ExpressionParser(CallParser):
    """Adds operators."""

    def expression(self, *, statement: bool = False) -> Expression:
        """Any expression; `statement` allows a block on the line after a call, as at the start of one."""
        if self.kind == "(" and self._at_multiple_assignment():
            return self._multiple_assignment()
        left = self.conditional(statement=statement)
        if self.kind not in ASSIGNMENTS:
            return left
        operator = self.take()
        self.skip_newlines()
        right = self.command_expression()
        return Binary(self.where_from(left.where, operator), operator.kind, left, right)

    def _at_multiple_assignment(self) -> bool:
        past = self.past_balanced(self._at)
        if past is None or self._kinds[past] != "=":
            return False
        inside = self._kinds[self._at + 1 : past - 1]
        return bool(inside) and all(kind in {IDENT, ",", NEWLINE} for kind in inside)

    def _multiple_assignment(self) -> Expression:
        first = self.take()
        names: list[Expression] = []
        while True:
            self.skip_newlines()
            name = self.expect(IDENT)
            names.append(Name(self.where(name), name.text))
            if not self.accept(","):
                break
        self.expect(")")
        targets = ListLiteral(self.where(first), tuple(names))
        operator = self.expect("=")
        self.skip_newlines()
        right = self.expression()
        return Binary(self.where_from(targets.where, operator), "=", targets, right)

    def conditional(self, *, statement: bool = False) -> Expression:
        """An expression without assignment, as in `if (…)`."""
        condition = self._infix(1, statement=statement)
        if self.after_newlines() not in {"?", "?:"}:
            return condition
        self.skip_newlines()
        operator = self.take()
        self.skip_newlines()
        yes = None
        if operator.kind == "?":
            yes = self.expression()
            self.skip_newlines()
            self.expect(":")
            self.skip_newlines()
        no = self.conditional()
        return Ternary(self.where_from(condition.where, operator), condition, yes, no)

    def shift(self) -> Expression:
        """An expression that may stand after the `in` of a `for`."""
        return self._infix(_RELATIONAL + 1)

    def _infix(self, lowest: int, *, statement: bool = False) -> Expression:
        if self.kind in _SIGNS and self.kind_after(1) in _SIGNS and lowest <= _MULTIPLICATIVE:
            self.take()  # "- -a" is an error, "b * - -a" is none
            raise self.unexpected()
        left = self._operand(statement=statement)
        compared = False
        while True:
            power = _POWERS.get(self.kind, 0)
            if self.kind in _WORDS and self.kind_after(1) == ":":
                return left  # the label of a named argument: "f in: x"
            # "a < b < c" is an error and so is "a as int + 1"; "a < b == c < d" is none.
            if power < lowest or (compared and power >= _RELATIONAL):
                return left
            operator = self.take()
            self.skip_newlines()
            left = self._join(left, operator, power)
            compared = power == _RELATIONAL

    def _join(self, left: Expression, operator: Token, power: int) -> Expression:
        if operator.kind == "as":
            return self._cast_to(left, operator)
        if operator.kind == "instanceof":
            right: Expression = self.type_name()
        else:
            right = self._infix(power + 1)
        return Binary(self.where_from(left.where, operator), operator.kind, left, right)

    def _cast_to(self, value: Expression, operator: Token) -> Expression:
        target = self.type_name()
        return Cast(self.where_from(value.where, operator), target, value)

    def _operand(self, *, statement: bool = False) -> Expression:
        first = self.token
        if first.kind in _PREFIXES:
            self.take()
            self.skip_newlines()
            return _signed(self.where(first), first.kind, self._operand())
        if first.kind == "(" and self._at_cast():
            return self._cast()
        found = self.path(statement=statement)
        if self.kind in {"++", "--"}:
            operator = self.take()
            return Postfix(self.where_from(found.where), operator.kind, found)
        return found

    def _at_cast(self) -> bool:
        """If it looks like a cast it is one: the compiler decides by the same look."""
        at = self._at + 1
        if self._kinds[at] in PRIMITIVES:
            at += 1
        elif self._kinds[at] == IDENT:
            at += 1
            while self._kinds[at] == "." and self._kinds[at + 1] == IDENT:
                at += 2
            if self._kinds[at] == "<":
                at = self._past_type_arguments(at) or at
        else:
            return False
        while self._kinds[at] == "[" and self._kinds[at + 1] == "]":
            at += 2
        if self._kinds[at] != ")":
            return False
        after = self._kinds[at + 1]
        primitive = self._kinds[self._at + 1] in PRIMITIVES
        return after in _AFTER_CAST or (primitive and after in _PREFIXES)

    def _cast(self) -> Expression:
        first = self.take()
        target: TypeName = self.type_name()
        self.expect(")")
        value = self._operand()
        return Cast(self.where(first), target, value)

    def strict(self, *, declaration: bool) -> Expression:
        """The content of brackets: an expression, a branch, an annotation, perhaps a declaration."""
        first = self.token
        if declaration and self.at_declaration():
            found = self.single_declaration(initializer=True)
            return StatementExpression(self.where(first), found)
        if first.kind in _BRANCHES and self.kind_after(1) != ":":
            return StatementExpression(self.where(first), self.branch())
        if first.kind == "@":
            return self.annotation()
        return self.expression()


def _signed(where: Where, sign: str, operand: Expression) -> Expression:
    """A minus in front of a number belongs to the number, as in the compiler's tree."""
    value = operand.value if isinstance(operand, Constant) else None
    if sign == "-" and isinstance(value, int | float) and not isinstance(value, bool):
        return Constant(where, -value, getattr(operand, "java_type", ""))
    return Unary(where, sign, operand)
