"""`script { … }`: what a static reading can tell of free Groovy, and an honest word where it cannot."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from jenkinsgen.jenkinsfile.groovy.bounds import spend
from jenkinsgen.jenkinsfile.groovy.expressions import ASSIGNMENTS
from jenkinsgen.jenkinsfile.groovy.tree import (
    Binary,
    Block,
    Branch,
    Call,
    ClosureExpression,
    Declaration,
    ExpressionStatement,
    ForIn,
    If,
    Index,
    Name,
    Postfix,
    Property,
    Try,
    Unary,
)
from jenkinsgen.jenkinsfile.groovy.walk import walk
from jenkinsgen.jenkinsfile.lint.matching import literal, own_name
from jenkinsgen.jenkinsfile.trace.recorder import Interrupted
from jenkinsgen.jenkinsfile.trace.scope import Unknown
from jenkinsgen.jenkinsfile.trace.values import evaluate, truth

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable

    from jenkinsgen.jenkinsfile.groovy.tree import Expression, Node, Statement
    from jenkinsgen.jenkinsfile.trace.recorder import Recorder
    from jenkinsgen.jenkinsfile.trace.scope import Scope

    # Runs a step by name: arguments, block, line.
    RunStep = Callable[[Scope, str, tuple[Expression, ...], ClosureExpression | None, int], None]


class Returned(Exception):
    """`return` in the block."""


def forget(node: Node, scope: Scope) -> None:
    """Code that was not followed may have changed what it assigns to or calls methods on: that is unknown now."""
    for each in walk(node):
        target: Node | None = None
        if isinstance(each, Binary) and each.operator in ASSIGNMENTS | {"<<"}:
            target = each.left
        elif isinstance(each, Postfix | Unary) and each.operator in {"++", "--"}:
            target = each.operand
        elif isinstance(each, Call):
            target = each.receiver
        if isinstance(target, Property) and isinstance(target.receiver, Name) and target.receiver.name == "env":
            name = literal(target.name) or ""
            scope.shared[name] = Unknown(f"<env.{name}>")
            continue
        while isinstance(target, Property | Index):
            target = target.receiver
        if isinstance(target, Name) and target.name in scope.variables:
            scope.variables[target.name] = Unknown(f"<{target.name}>")


def locals_of(body: ClosureExpression) -> set[str]:
    """The variables that a block declares: they end with it."""
    declarations = [each for each in walk(body) if isinstance(each, Declaration)]
    return {variable.name for each in declarations for variable in each.variables}


class ScriptReader:
    """Reads the statements of a block in order, as far as they can be told."""

    def __init__(self, recorder: Recorder, run_step: RunStep, is_step: Callable[[str], bool]) -> None:
        self._recorder = recorder
        self._run_step = run_step
        self._is_step = is_step

    def read(self, statements: Iterable[Statement], scope: Scope) -> None:
        for statement in statements:
            self._statement(statement, scope)

    def _statement(self, statement: Statement, scope: Scope) -> None:
        spend()
        if isinstance(statement, ExpressionStatement):
            self._expression(statement.expression, scope)
        elif isinstance(statement, Declaration):
            for variable in statement.variables:
                scope.variables[variable.name] = self._value(variable.value, scope)
        elif isinstance(statement, If):
            self._if(statement, scope)
        elif isinstance(statement, ForIn):
            self._for(statement, scope)
        elif isinstance(statement, Block):
            self.read(statement.body, scope)
        elif isinstance(statement, Try):
            self._try(statement, scope)
        elif isinstance(statement, Branch) and statement.keyword == "return":
            self._value(statement.value, scope)
            raise Returned
        else:
            self._cannot_tell(statement, scope)

    def _expression(self, expression: Expression, scope: Scope) -> None:
        if isinstance(expression, Binary) and expression.operator == "=":
            self._assign(expression, scope)
        elif isinstance(expression, Call):
            self._call(expression, scope)
        else:
            self._steps_inside(expression, scope)
            forget(expression, scope)

    def _assign(self, assignment: Binary, scope: Scope) -> None:
        value = self._value(assignment.right, scope)
        target = assignment.left
        if isinstance(target, Name):
            scope.variables[target.name] = value
        elif isinstance(target, Property) and isinstance(target.receiver, Name):
            if target.receiver.name == "env":
                scope.shared[literal(target.name) or ""] = value
                return
            forget(assignment, scope)
            self._recorder.add("step", scope.source(assignment), assignment.where.line)
        else:
            self._cannot_tell(assignment, scope)

    def _value(self, expression: Expression | None, scope: Scope) -> Any:
        """The value of an expression, its steps told on the way."""
        if expression is not None:
            self._steps_inside(expression, scope)
        return evaluate(expression, scope)

    def _steps_inside(self, expression: Node, scope: Scope) -> None:
        """`sh(…).trim()` runs the sh; whether blocks inside run is unknown."""
        for node in walk(expression):
            if isinstance(node, ClosureExpression):
                self._cannot_tell(node, scope)
                return
            if isinstance(node, Call) and self._is_step(own_name(node) or ""):
                self._run_step(scope, own_name(node) or "", node.arguments, None, node.where.line)

    def _call(self, call: Call, scope: Scope) -> None:
        name = own_name(call)
        block = call.arguments[-1] if call.arguments else None
        body = block if isinstance(block, ClosureExpression) else None
        if name is not None and self._is_step(name):
            arguments = call.arguments[:-1] if body is not None else call.arguments
            self._run_step(scope, name, arguments, body, call.where.line)
        elif body is not None and literal(call.name) == "each" and call.receiver is not None:
            self._each(call, body, scope)
        elif name in {"println", "print"}:
            self._recorder.add("step", scope.source(call), call.where.line)
        else:
            self._cannot_tell(call, scope)

    def _if(self, statement: If, scope: Scope) -> None:
        answer = truth(self._value(statement.condition, scope))
        if isinstance(answer, Unknown):
            self._cannot_tell(statement.condition, scope, "if ")
            forget(statement, scope)
        elif answer:
            self._statement(statement.yes, scope)
        elif statement.no is not None:
            self._statement(statement.no, scope)

    def _for(self, statement: ForIn, scope: Scope) -> None:
        items = self._value(statement.iterable, scope)
        if not isinstance(items, list):
            self._cannot_tell(statement, scope)
            return
        for item in items:
            scope.variables[statement.variable.name] = item
            if statement.body is not None:
                self._statement(statement.body, scope)

    def _each(self, call: Call, body: ClosureExpression, scope: Scope) -> None:
        items = evaluate(call.receiver, scope)
        if not isinstance(items, list):
            self._cannot_tell(call, scope)
            return
        name = body.parameters[0].name if body.parameters else "it"
        for item in items:
            scope.variables[name] = item
            try:
                self.read(body.body, scope)
            except Returned:
                continue
        scope.variables.pop(name, None)

    def _try(self, statement: Try, scope: Scope) -> None:
        try:
            self.read(statement.body.body, scope)
        except Interrupted:
            if not statement.catches:
                raise
            handler = statement.catches[0]
            scope.variables[handler.name] = Unknown(f"<{handler.name}>")
            self._recorder.add("caught", f"catch ({handler.name})", handler.where.line)
            self.read(handler.body.body, scope)
        finally:
            if statement.finally_ is not None:
                self.read(statement.finally_.body, scope)

    def _cannot_tell(self, node: Node, scope: Scope, prefix: str = "") -> None:
        text = scope.source(node)
        longest = 100
        text = text if len(text) <= longest else f"{text[: longest - 1]}…"
        steps = sorted({own_name(each) or "" for each in walk(node) if isinstance(each, Call)} - {""})
        perhaps = [each for each in steps if self._is_step(each)]
        forget(node, scope)
        self._recorder.add("cannot-tell", f"{prefix}{text}", node.where.line, perhaps=perhaps)
