"""Nodes that have a value."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from jenkinsgen.jenkinsfile.groovy.tree.nodes import Expression, Node

if TYPE_CHECKING:
    from jenkinsgen.jenkinsfile.groovy.tree.nodes import Statement
    from jenkinsgen.jenkinsfile.groovy.tree.statements import ClassDefinition


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
