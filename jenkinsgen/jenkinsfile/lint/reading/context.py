"""The context that every reading function needs, and the questions that all of them ask."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from jenkinsgen.jenkinsfile.groovy.tree import Name, Statement
from jenkinsgen.jenkinsfile.lint.matching import bare, block_of, literal, own_name, source

if TYPE_CHECKING:
    from collections.abc import Iterator

    from jenkinsgen.jenkinsfile.groovy.tree import Call, ClosureExpression, Expression, Node, Where
    from jenkinsgen.jenkinsfile.lint.catalogue import Catalogue
    from jenkinsgen.jenkinsfile.lint.matching import BlockCall
    from jenkinsgen.jenkinsfile.lint.problems import Problems

SYNTAX = "declarative-syntax"
UNREADABLE = "error"
_ONE_PER_LINE = "one step or option per line, or a semicolon between two"


@dataclass(frozen=True, slots=True)
class Context:
    """The script's text, what the controller offers, and where complaints go."""

    text: str
    catalogue: Catalogue
    problems: Problems

    def complain(self, where: Where, message: str, hint: str | None = None) -> None:
        self.problems.complain(where, SYNTAX, message, hint)

    def judge(self, where: Where, message: str, hint: str | None = None) -> None:
        self.problems.judge(where, SYNTAX, message, hint)

    def source(self, node: Node) -> str:
        return source(self.text, node)

    def body(self, block: ClosureExpression) -> Iterator[Statement]:
        for statement in block.body:
            yield bare(statement)

    def block(self, statement: Statement, section: str) -> BlockCall | None:
        """The block of a section; without one, a complaint."""
        found = block_of(statement)
        if found is None:
            self.complain(statement.where, f"Expected a block for {section}")
        return found

    def method_name(self, call: Call) -> str:
        """The name of a section, step or option. Complains about calls on objects."""
        name = own_name(call)
        if name is not None:
            return name
        if isinstance(call.receiver, Name):
            message = 'Method calls on objects not allowed outside "script" blocks.'
            self.complain(call.where, message, hint="put it into script { … }")
        else:
            self.complain(call.where, "Expected a symbol", hint=_ONE_PER_LINE)
        return UNREADABLE

    def key(self, expression: Expression) -> str:
        """A name given as a literal or a bare word."""
        found = literal(expression)
        if found is None:
            self.complain(expression.where, "Expected string literal")
            return UNREADABLE
        return found

    def value(self, expression: Expression) -> None:
        """An argument. `${X}` outside quotes is grammatical Groovy and never what was meant."""
        text = self.source(expression)
        if text.startswith("${"):
            self.complain(expression.where, f'{text} cannot be used as a value directly. Did you mean "{text}"?')
