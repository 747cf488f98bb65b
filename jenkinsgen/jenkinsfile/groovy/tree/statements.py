"""Nodes that do something; and the parts of statements."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from jenkinsgen.jenkinsfile.groovy.tree.nodes import Expression, Node, Statement

if TYPE_CHECKING:
    from jenkinsgen.jenkinsfile.groovy.tree.expressions import ClosureList, Entry, Parameter, TypeName


@dataclass(frozen=True, slots=True)
class ExpressionStatement(Statement):
    expression: Expression


@dataclass(frozen=True, slots=True)
class Labelled(Statement):
    label: str
    statement: Statement


@dataclass(frozen=True, slots=True)
class Annotation(Expression):
    name: str
    arguments: tuple[Entry, ...]


@dataclass(frozen=True, slots=True)
class Variable(Node):
    name: str
    type: TypeName | None
    value: Expression | None


@dataclass(frozen=True, slots=True)
class Declaration(Statement):
    """`def a = 1, b`; with `unpacked`, `def (a, b) = unpacked`."""

    annotations: tuple[Annotation, ...]
    modifiers: tuple[str, ...]
    variables: tuple[Variable, ...]
    unpacked: Expression | None = None


@dataclass(frozen=True, slots=True)
class Block(Statement):
    body: tuple[Statement, ...]


@dataclass(frozen=True, slots=True)
class If(Statement):
    condition: Expression
    yes: Statement
    no: Statement | None


@dataclass(frozen=True, slots=True)
class ForIn(Statement):
    variable: Variable
    iterable: Expression
    body: Statement | None


@dataclass(frozen=True, slots=True)
class ForClassic(Statement):
    head: ClosureList
    body: Statement | None


@dataclass(frozen=True, slots=True)
class While(Statement):
    condition: Expression
    body: Statement | None


@dataclass(frozen=True, slots=True)
class Case(Node):
    """`values` is empty for `default`."""

    values: tuple[Expression, ...]
    body: tuple[Statement, ...]


@dataclass(frozen=True, slots=True)
class Switch(Statement):
    value: Expression
    cases: tuple[Case, ...]


@dataclass(frozen=True, slots=True)
class Catch(Node):
    name: str
    types: tuple[TypeName, ...]
    body: Block


@dataclass(frozen=True, slots=True)
class Try(Statement):
    body: Block
    catches: tuple[Catch, ...]
    finally_: Block | None


@dataclass(frozen=True, slots=True)
class Synchronized(Statement):
    lock: Expression
    body: Block


@dataclass(frozen=True, slots=True)
class Branch(Statement):
    """`return`, `throw`, `break`, `continue`."""

    keyword: str
    value: Expression | None


@dataclass(frozen=True, slots=True)
class Assert(Statement):
    condition: Expression
    message: Expression | None


@dataclass(frozen=True, slots=True)
class Import(Statement):
    """`name` as written, a final `*` included."""

    name: str
    alias: str | None
    static: bool
    annotations: tuple[Annotation, ...]


@dataclass(frozen=True, slots=True)
class Package(Statement):
    name: str


@dataclass(frozen=True, slots=True)
class Method(Statement):
    """A method; a constructor has no `returns` and its class's name."""

    annotations: tuple[Annotation, ...]
    modifiers: tuple[str, ...]
    returns: TypeName | None
    name: str
    parameters: tuple[Parameter, ...]
    body: Block | None


@dataclass(frozen=True, slots=True)
class ClassDefinition(Statement):
    """A class, interface, trait, enum or annotation type: `kind` is the keyword."""

    annotations: tuple[Annotation, ...]
    modifiers: tuple[str, ...]
    kind: str
    name: str
    parents: tuple[TypeName, ...]
    body: tuple[Statement, ...]


@dataclass(frozen=True, slots=True)
class Script:
    """A whole file; `text` is what the offsets of `Where` count in."""

    text: str
    statements: tuple[Statement, ...]
