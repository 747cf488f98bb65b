"""Variables declared twice: the compiler allows no local variable to hide another one.

A class or a method starts afresh; blocks, closures and loops do not. Names without `def` belong to the
script's binding and never collide.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from jenkinsgen.jenkinsfile.groovy.bounds import spend
from jenkinsgen.jenkinsfile.groovy.errors import GroovySyntaxError
from jenkinsgen.jenkinsfile.groovy.tree import (
    Block,
    Case,
    Catch,
    ClassDefinition,
    ClosureExpression,
    Declaration,
    ForClassic,
    ForIn,
    If,
    Method,
    Parameter,
    Script,
)
from jenkinsgen.jenkinsfile.groovy.walk import children

if TYPE_CHECKING:
    from collections.abc import Iterable

    from jenkinsgen.jenkinsfile.groovy.tree import Node, Where

_IMPLICIT = "it"


def repeated_variables(script: Script) -> list[GroovySyntaxError]:
    """One error for each declaration of a name that is declared already where it stands."""
    visitor = _Scopes()
    visitor.inside(script.statements, set())
    return visitor.errors


class _Scopes:
    """`names` is what is declared so far, outer scopes included: entering a scope copies it."""

    def __init__(self) -> None:
        self.errors: list[GroovySyntaxError] = []

    def inside(self, nodes: Iterable[Node], names: set[str]) -> None:
        # The caller may just have copied them.
        spend(1 + len(names))
        for node in nodes:
            self._visit(node, names)

    def _visit(self, node: Node, names: set[str]) -> None:
        if isinstance(node, Method):
            self._callable(node.parameters, () if node.body is None else node.body.body, set(), node.where)
        elif isinstance(node, ClassDefinition):
            self._class(node)
        elif isinstance(node, ClosureExpression):
            self._closure(node, names)
        elif isinstance(node, Declaration):
            self._declaration(node, names)
        elif isinstance(node, ForIn):
            scope = set(names)
            self._declare(node.variable.name, node.where, scope)
            self.inside([node.iterable], scope)
            self.inside([] if node.body is None else [node.body], scope)
        elif isinstance(node, Catch):
            scope = set(names)
            self._declare(node.name, node.where, scope)
            self.inside(node.body.body, scope)
        elif isinstance(node, If):
            for part in children(node):
                self.inside([part], set(names))
        elif isinstance(node, Block | Case | ForClassic):
            self.inside(children(node), set(names))
        else:
            self.inside(children(node), names)

    def _class(self, owner: ClassDefinition) -> None:
        for member in owner.body:
            if isinstance(member, Declaration):  # a field: it may be hidden
                self.inside([each.value for each in member.variables if each.value is not None], set())
            else:
                self._visit(member, set())

    def _closure(self, closure: ClosureExpression, names: set[str]) -> None:
        if closure.parameters is None:
            self.inside(closure.body, names | {_IMPLICIT})
        else:
            self._callable(closure.parameters, closure.body, set(names), closure.where)

    def _callable(self, parameters: tuple[Parameter, ...], body: Iterable[Node], names: set[str], where: Where) -> None:
        for parameter in parameters:
            self._declare(parameter.name, where, names)
            self.inside([] if parameter.default is None else [parameter.default], names)
        self.inside(body, names)

    def _declaration(self, declaration: Declaration, names: set[str]) -> None:
        if declaration.unpacked is not None:
            self.inside([declaration.unpacked], names)
        for variable in declaration.variables:
            if variable.value is not None:
                self.inside([variable.value], names)
            self._declare(variable.name, variable.where, names)

    def _declare(self, name: str, where: Where, names: set[str]) -> None:
        if name in names:
            message = f"The current scope already contains a variable of the name {name}"
            self.errors.append(GroovySyntaxError(message, where.line, where.column))
        names.add(name)
