"""Sentences that are grammatical nonsense: the compiler refuses them after parsing, when it makes its own tree.

Only the first such error is reported, as the compiler stops there.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from jenkinsgen.jenkinsfile.groovy.errors import GroovySyntaxError
from jenkinsgen.jenkinsfile.groovy.expressions import ASSIGNMENTS
from jenkinsgen.jenkinsfile.groovy.source import human_characters
from jenkinsgen.jenkinsfile.groovy.tree import (
    Binary,
    Block,
    Call,
    Case,
    ClassDefinition,
    ClosureExpression,
    Constant,
    Expression,
    ForClassic,
    GString,
    Index,
    ListLiteral,
    MapLiteral,
    Method,
    Name,
    Property,
    Script,
    StatementExpression,
    Try,
)
from jenkinsgen.jenkinsfile.groovy.tree import Branch as BranchStatement
from jenkinsgen.jenkinsfile.groovy.walk import children, walk

if TYPE_CHECKING:
    from jenkinsgen.jenkinsfile.groovy.tree import Where

_NOT_HERE = (
    "{} definition not expected here. Please define the {} at an appropriate place or perhaps try using a"
    " block/Closure instead."
)
_NO_BODY = "You defined a method without body. Try adding a body, or declare it abstract."


_LOOP_PARTS = 3


def check_conversion(script: Script) -> None:
    """Raise `GroovySyntaxError` for the first sentence that makes no sense."""
    _check_classes(script)
    _check_places(script)
    for node in walk(script):
        if isinstance(node, Binary) and node.operator in ASSIGNMENTS:
            _check_target(script, node)
        elif isinstance(node, Call):
            _check_named_arguments(node)
        elif isinstance(node, Try) and not node.catches and node.finally_ is None:
            _fail("A try statement must have at least one catch or finally block.", node.where)
        elif isinstance(node, StatementExpression) and isinstance(node.statement, BranchStatement):
            _fail(f'Unknown type: "{node.statement.keyword}"', node.where)
        elif isinstance(node, ForClassic) and len(node.head.items) != _LOOP_PARTS:
            given = len(node.head.items)
            _fail(f"3 expressions are required for the classic for loop, you gave {given}", node.where)
        elif isinstance(node, ClassDefinition):
            _check_methods(node)
    for statement in script.statements:
        if isinstance(statement, Method) and statement.body is None:
            _fail(_NO_BODY, statement.where)


def _check_classes(script: Script) -> None:
    seen: set[str] = set()
    for statement in script.statements:
        if isinstance(statement, ClassDefinition):
            if statement.name in seen:
                _fail(f"Invalid duplicate class definition of class {statement.name}", statement.where)
            seen.add(statement.name)


def _check_places(script: Script) -> None:
    """Methods and classes are defined at the top of the file or in a class, not inside blocks."""
    for owner in walk(script):
        if isinstance(owner, ClosureExpression | Block | Case):
            for statement in owner.body:
                if isinstance(statement, Method):
                    _fail(_NOT_HERE.format("Method", "method"), statement.where)
                if isinstance(statement, ClassDefinition):
                    _fail(_NOT_HERE.format("Class", "class"), statement.where)


def _check_methods(owner: ClassDefinition) -> None:
    if owner.kind in {"interface", "@interface", "trait"}:
        return
    for member in owner.body:
        is_open = isinstance(member, Method) and member.body is None
        if is_open and not {"abstract", "native"} & set(getattr(member, "modifiers", ())):
            _fail(_NO_BODY, member.where)


def _check_named_arguments(call: Call) -> None:
    if not call.arguments or not isinstance(call.arguments[0], MapLiteral) or not call.arguments[0].named:
        return
    named = call.arguments[0]
    seen: set[object] = set()
    for entry in named.entries:
        if isinstance(entry.key, Constant):
            if entry.key.value in seen:
                _fail(f"Duplicate named parameter '{entry.key.value}' found.", named.where)
            seen.add(entry.key.value)


def _check_target(script: Script, assignment: Binary) -> None:
    left = assignment.left
    if isinstance(left, Name | Property | Index):
        return
    if isinstance(left, ListLiteral) and assignment.operator == "=" and _is_unpacking(script, left):
        return
    text = human_characters(script.text[left.where.start : left.where.end])
    _fail(f"[{text}] is {_described(left)}, but it should be a variable expression", assignment.where)


def _is_unpacking(script: Script, left: ListLiteral) -> bool:
    return script.text.startswith("(", left.where.start) and all(isinstance(each, Name) for each in children(left))


def _described(left: Expression) -> str:
    if isinstance(left, Constant):
        return "a constant expression"
    if isinstance(left, GString):
        return "a GString expression"
    if isinstance(left, Binary):
        return "a binary expression"
    if isinstance(left, Call):
        return "a method call expression"
    if isinstance(left, MapLiteral):
        return "a map expression"
    return "a bad expression as the left hand side of an assignment operator"


def _fail(message: str, where: Where) -> None:
    raise GroovySyntaxError(message, where.line, where.column)
