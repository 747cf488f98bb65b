"""The tree of a Groovy script: what the compiler's own tree says, in Python.

Every node knows its `where`. The position there is the one that the compiler would report: the operator's for
a binary expression, the first token's for nearly everything else.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import NamedTuple


class Where(NamedTuple):
    """Line and column from 1; `start` and `end` are offsets of the characters covered."""

    line: int
    column: int
    start: int
    end: int


@dataclass(frozen=True, slots=True)
class Node:
    where: Where


class Expression(Node):
    __slots__ = ()


class Statement(Node):
    __slots__ = ()


# --- expressions


@dataclass(frozen=True, slots=True)
class Name(Expression):
    """A variable, `this`, `super`, a class or a primitive type used as a value."""

    name: str


@dataclass(frozen=True, slots=True)
class Constant(Expression):
    """A literal. `java_type` is what `getClass()` says of it: `java.lang.Integer`."""

    value: str | int | float | bool | None
    java_type: str


@dataclass(frozen=True, slots=True)
class GString(Expression):
    """A string with values: `texts` has one element more than `values`."""

    texts: tuple[str, ...]
    values: tuple[Expression, ...]


@dataclass(frozen=True, slots=True)
class ListLiteral(Expression):
    items: tuple[Expression, ...]


@dataclass(frozen=True, slots=True)
class Entry(Node):
    key: Expression
    value: Expression


@dataclass(frozen=True, slots=True)
class MapLiteral(Expression):
    """`[a: 1]`, or with `named` the named arguments of a call, collected."""

    entries: tuple[Entry, ...]
    named: bool = False


@dataclass(frozen=True, slots=True)
class Spread(Expression):
    """`*list`, `*:map`."""

    value: Expression


@dataclass(frozen=True, slots=True)
class Parameter(Node):
    name: str
    type: TypeName | None
    default: Expression | None


@dataclass(frozen=True, slots=True)
class ClosureExpression(Expression):
    """`{ … }` as a value. `parameters` is None where no arrow is written."""

    parameters: tuple[Parameter, ...] | None
    body: tuple[Statement, ...]


@dataclass(frozen=True, slots=True)
class Call(Expression):
    """A method call; `receiver` is None for the implicit `this`.

    `arguments` are as the compiler orders them: named ones first, collected in one map; a block last.
    """

    receiver: Expression | None
    name: Expression
    arguments: tuple[Expression, ...]


@dataclass(frozen=True, slots=True)
class Property(Expression):
    receiver: Expression
    name: Expression
    operator: str


@dataclass(frozen=True, slots=True)
class Index(Expression):
    receiver: Expression
    arguments: tuple[Expression, ...]


@dataclass(frozen=True, slots=True)
class Unary(Expression):
    operator: str
    operand: Expression


@dataclass(frozen=True, slots=True)
class Postfix(Expression):
    operator: str
    operand: Expression


@dataclass(frozen=True, slots=True)
class Binary(Expression):
    """Every infix operator, assignments included."""

    operator: str
    left: Expression
    right: Expression


@dataclass(frozen=True, slots=True)
class Ternary(Expression):
    """`condition ? yes : no`; for `value ?: no`, `yes` is None."""

    condition: Expression
    yes: Expression | None
    no: Expression


@dataclass(frozen=True, slots=True)
class TypeName(Expression):
    """A type as written: `java.util.List`, without its type arguments; `dimensions` counts `[]`."""

    name: str
    dimensions: int = 0
    arguments: tuple[TypeName, ...] = ()


@dataclass(frozen=True, slots=True)
class Cast(Expression):
    """`(T) value` and `value as T`."""

    type: TypeName
    value: Expression


@dataclass(frozen=True, slots=True)
class New(Expression):
    type: TypeName
    arguments: tuple[Expression, ...]
    body: ClassDefinition | None = None


@dataclass(frozen=True, slots=True)
class StatementExpression(Expression):
    """`(x ?: return)`: a branch, a declaration or an annotation where a value is expected."""

    statement: Node


@dataclass(frozen=True, slots=True)
class ClosureList(Expression):
    """`(a; b; c)`, the head of a classic `for`."""

    items: tuple[Expression | None, ...]


# --- statements


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
