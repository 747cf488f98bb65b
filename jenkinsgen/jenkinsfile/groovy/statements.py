"""Statements."""

from __future__ import annotations

from typing import TYPE_CHECKING

from jenkinsgen.jenkinsfile.groovy.declarations import DeclarationParser
from jenkinsgen.jenkinsfile.groovy.tokens import END, IDENT, NEWLINE
from jenkinsgen.jenkinsfile.groovy.tree import (
    Assert,
    Block,
    Branch,
    Case,
    Catch,
    ClosureList,
    Expression,
    ExpressionStatement,
    ForClassic,
    ForIn,
    If,
    Labelled,
    Statement,
    Switch,
    Synchronized,
    Try,
    Variable,
    While,
)

if TYPE_CHECKING:
    from collections.abc import Callable

    from jenkinsgen.jenkinsfile.groovy.tokens import Token

_AMBIGUOUS = (
    "Ambiguous expression could be either a parameterless closure expression or an isolated open code block;\n"
    "   solution: Add an explicit closure parameter list, e.g. {it -> ...}, or force it to be treated as an"
    " open block by giving it a label, e.g. L:{...}"
)
_AMBIGUOUS_AFTER_NEWLINE = (
    "Ambiguous expression could be a parameterless closure expression, an isolated open code block, or it may"
    " continue a previous statement;\n"
    "   solution: Add an explicit parameter list, e.g. {it -> ...}, or force it to be treated as an open block"
    " by giving it a label, e.g. L:{...}, and also either remove the previous newline, or add an explicit"
    " semicolon ';'"
)


class StatementParser(DeclarationParser):
    """Adds statements: the top layer."""

    def __init__(self, tokens: list[Token]) -> None:
        super().__init__(tokens)
        self._by_keyword: dict[str, Callable[[], Statement]] = {
            "if": self._if,
            "for": self._for,
            "while": self._while,
            "switch": self._switch,
            "try": self._try,
            "synchronized": self._synchronized,
            **dict.fromkeys(("return", "break", "continue", "throw", "assert"), self.branch),
        }

    def statements(self, closing: str) -> tuple[Statement, ...]:
        """Statements between separators, up to the closing token, which is left."""
        found: list[Statement] = []
        separator = ""
        while True:
            if self.kind in {NEWLINE, ";"}:
                separator = self._separator()
            if self.kind in {closing, END}:
                return tuple(found)
            found.append(self.statement(separator))
            if self.kind not in {NEWLINE, ";", closing, END}:
                raise self.unexpected()

    def _separator(self) -> str:
        separator = NEWLINE
        while self.kind in {NEWLINE, ";"}:
            if self.take().kind == ";":
                separator = ";"
        return separator

    def statement(self, before: str = "") -> Statement:
        """One statement; `before` is the separator in front of it."""
        kind = self.kind
        special = self._by_keyword.get(kind)
        if special is not None and not (kind == "synchronized" and self.kind_after(1) != "("):
            return special()
        if kind == IDENT and self.kind_after(1) == ":":
            return self._labelled()
        declared = self.declaration_or_definition()
        return declared if declared is not None else self._expression_statement(before)

    def _labelled(self) -> Statement:
        first = self.take()
        self.expect(":")
        self.skip_newlines()
        inner = self._open_or_closable() if self.kind == "{" else self.statement(":")
        return Labelled(self.where(first), first.text, inner)

    def _open_or_closable(self) -> Statement:
        found = self.closure()
        if found.parameters is None:
            return Block(found.where, found.body)
        return ExpressionStatement(found.where, found)

    def _expression_statement(self, before: str) -> Statement:
        first = self.token
        if first.kind == "{" and not self._closure_with_parameters():
            raise self.error(_AMBIGUOUS_AFTER_NEWLINE if before == NEWLINE else _AMBIGUOUS, first)
        found = self.command_expression()
        return ExpressionStatement(self.where(first), found)

    def _closure_with_parameters(self) -> bool:
        mark = self._at
        self.take()
        self.skip_newlines()
        has = self._arrow_ahead() and self._closure_parameters() is not None
        self._at = mark
        return has

    def body_statement(self) -> Statement:
        """The body of `if`, `for`, `while`: a block or one statement."""
        return self.block() if self.kind == "{" else self.statement()

    def _if(self) -> Statement:
        first = self.take()
        self.expect("(")
        condition = self.conditional()
        self.expect(")")
        self.skip_newlines()
        yes = self.body_statement()
        no = None
        mark = self._at
        if self.kind in {NEWLINE, ";"}:
            self._separator()
        if self.accept("else"):
            self.skip_newlines()
            no = self.body_statement()
        else:
            self._at = mark
        return If(self.where(first), condition, yes, no)

    def _for(self) -> Statement:
        first = self.take()
        if self.kind == "(" and self._semicolon_inside():
            head = self.parenthesized()
            body = self._loop_body()
            assert isinstance(head, ClosureList)  # noqa: S101 - a semicolon inside makes it one
            return ForClassic(self.where(first), head, body)
        self.expect("(")
        declared = self.at_declaration()
        variable = self._loop_variable()
        if self.accept("in"):
            iterable = self.shift()
        elif self.kind == ":" and declared:
            self.take()
            iterable = self.expression()
        else:
            raise self.unexpected()
        self.expect(")")
        return ForIn(self.where(first), variable, iterable, self._loop_body())

    def _semicolon_inside(self) -> bool:
        at = self._at + 1
        while self._kinds[at] not in {")", "}", END}:
            if self._kinds[at] == ";":
                return True
            at = self.past_balanced(at) or at + 1
        return False

    def _loop_variable(self) -> Variable:
        first = self.token
        if self.at_declaration():
            return self.single_declaration(initializer=False).variables[0]
        name = self.expect(IDENT)
        return Variable(self.where(first), name.text, None, None)

    def _loop_body(self) -> Statement | None:
        self.skip_newlines()
        return None if self.accept(";") else self.body_statement()

    def _while(self) -> Statement:
        first = self.take()
        self.expect("(")
        condition = self.strict(declaration=False)
        self.expect(")")
        return While(self.where(first), condition, self._loop_body())

    def _switch(self) -> Statement:
        first = self.take()
        self.expect("(")
        value = self.strict(declaration=False)
        self.expect(")")
        self.skip_newlines()
        self.expect("{")
        self.skip_newlines()
        cases: list[Case] = []
        while not self.accept("}"):
            cases.append(self._cases())
        return Switch(self.where(first), value, tuple(cases))

    def _cases(self) -> Case:
        first = self.token
        values: list[Expression] = []
        if self.kind not in {"case", "default"}:
            raise self.unexpected()
        while self.kind in {"case", "default"}:
            if self.take().kind == "case":
                values.append(self.expression())
            self.expect(":")
            self.skip_newlines()
        body = [self.statement(":")]
        while self.kind in {NEWLINE, ";"}:
            separator = self._separator()
            if self.kind in {"case", "default", "}"}:
                break
            body.append(self.statement(separator))
        return Case(self.where(first), tuple(values), tuple(body))

    def _try(self) -> Statement:
        first = self.take()
        self.skip_newlines()
        body = self.block()
        catches: list[Catch] = []
        while self.after_newlines() == "catch":
            self.skip_newlines()
            catches.append(self._catch())
        last = None
        if self.after_newlines() == "finally":
            self.skip_newlines()
            self.take()
            self.skip_newlines()
            last = self.block()
        return Try(self.where(first), body, tuple(catches), last)

    def _catch(self) -> Catch:
        first = self.take()
        self.expect("(")
        while self.kind in {"def", "final"}:
            self.take()
        types = []
        if self.kind_after(1) != ")":
            types.append(self.class_type())
            while self.accept("|"):
                types.append(self.class_type())
        name = self.expect(IDENT)
        self.expect(")")
        self.skip_newlines()
        return Catch(self.where(first), name.text, tuple(types), self.block())

    def _synchronized(self) -> Statement:
        first = self.take()
        self.expect("(")
        lock = self.strict(declaration=False)
        self.expect(")")
        self.skip_newlines()
        return Synchronized(self.where(first), lock, self.block())

    def branch(self) -> Statement:
        first = self.take()
        if first.kind == "assert":
            return self._assert()
        value: Expression | None = None
        if first.kind in {"break", "continue"}:
            if self.kind == IDENT:
                self.take()
        elif first.kind == "throw" or self.kind not in {NEWLINE, ";", "}", ")", "]", ",", ":", END, "else"}:
            value = self.expression()
        return Branch(self.where(first), first.kind, value)

    def _assert(self) -> Statement:
        first = self._tokens[self._at - 1]
        condition = self.conditional()
        message = None
        if self.kind in {",", ":"}:
            self.take()
            self.skip_newlines()
            message = self.expression()
        return Assert(self.where(first), condition, message)
