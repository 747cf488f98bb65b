"""Values of simple Groovy expressions; what cannot be told stays unknown and says so."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from jenkinsgen.jenkinsfile.groovy.bounds import (
    CHARACTERS,
    LARGEST_INTEGER,
    LONGEST_SHOWN,
    LONGEST_VALUE,
    MOST_ITEMS,
    spend,
)
from jenkinsgen.jenkinsfile.groovy.source import human_characters
from jenkinsgen.jenkinsfile.groovy.tree import (
    Binary,
    Call,
    Cast,
    ClosureExpression,
    Constant,
    ExpressionStatement,
    GString,
    Index,
    ListLiteral,
    MapLiteral,
    Name,
    Property,
    Ternary,
    Unary,
)
from jenkinsgen.jenkinsfile.lint.matching import literal
from jenkinsgen.jenkinsfile.trace.scope import Unknown

if TYPE_CHECKING:
    from collections.abc import Callable

    from jenkinsgen.jenkinsfile.groovy.tree import Expression, Node
    from jenkinsgen.jenkinsfile.trace.scope import Scope


def evaluate(expression: Expression | None, scope: Scope) -> Any:
    """The value, or `Unknown`. Strings, numbers, booleans, None, lists and dicts are values."""
    if expression is None:
        return None
    spend()
    handler = _HANDLERS.get(type(expression))
    return handler(expression, scope) if handler is not None else _unknown(expression, scope)


def shown(value: Any) -> str:
    """A value as a person reads it in a command."""
    spend()
    if isinstance(value, Unknown):
        return value.shown
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, list):
        return f"[{', '.join(map(shown, value))}]"
    return "null" if value is None else human_characters(str(value))


def truth(value: Any) -> bool | Unknown:
    """Groovy's truth: empty and zero are false."""
    return value if isinstance(value, Unknown) else bool(value)


def _unknown(expression: Node, scope: Scope) -> Unknown:
    return Unknown(f"<{scope.source(expression)}>")


def _bounded(value: Any, expression: Node, scope: Scope) -> Any:
    """The value; unknown where it grows beyond what a build could use."""
    if isinstance(value, str):
        return _bounded_text(value, known=True)
    if isinstance(value, int) and abs(value) >= LARGEST_INTEGER:
        return _unknown(expression, scope)
    return value if _weight(value) <= MOST_ITEMS else _unknown(expression, scope)


def _bounded_text(text: str, *, known: bool) -> str | Unknown:
    spend(len(text) // CHARACTERS)
    if len(text) > LONGEST_VALUE:
        return Unknown(f"{text[:LONGEST_SHOWN]}…")
    return text if known else Unknown(text)


def _weight(value: Any) -> int:
    """How many items a list or a map has, those inside it included: `x = [x, x]` doubles them."""
    weight, waiting = 0, [value]
    while waiting and weight <= MOST_ITEMS:
        spend()
        weight += 1
        held = waiting.pop()
        if isinstance(held, list):
            waiting += held
        elif isinstance(held, dict):
            waiting += held.values()
    return weight


def _constant(expression: Constant, _scope: Scope) -> Any:
    return expression.value


def _gstring(expression: GString, scope: Scope) -> Any:
    parts = [expression.texts[0]]
    known = True
    for value, text in zip(expression.values, expression.texts[1:], strict=True):
        found = _string_value(value, scope)
        known = known and not isinstance(found, Unknown)
        parts += [shown(found), text]
    return _bounded_text("".join(parts), known=known)


def _string_value(value: Expression, scope: Scope) -> Any:
    if isinstance(value, ClosureExpression):
        only = value.body[0] if len(value.body) == 1 else None
        if isinstance(only, ExpressionStatement):
            return evaluate(only.expression, scope)
        return _unknown(value, scope)
    return evaluate(value, scope)


def _name(expression: Name, scope: Scope) -> Any:
    return scope.lookup(expression.name)


def _property(expression: Property, scope: Scope) -> Any:
    name = literal(expression.name)
    receiver = expression.receiver
    if isinstance(receiver, Name) and name is not None:
        if receiver.name == "params":
            return scope.parameters.get(name)
        if receiver.name == "env":
            return scope.of_env(name)
    held = evaluate(receiver, scope)
    if isinstance(held, dict):
        return held.get(name)
    return _unknown(expression, scope)


def _binary(expression: Binary, scope: Scope) -> Any:
    left = evaluate(expression.left, scope)
    if expression.operator in {"&&", "||"}:
        return _logical(expression, left, scope)
    right = evaluate(expression.right, scope)
    operator = _OPERATORS.get(expression.operator)
    if operator is None:
        return _unknown(expression, scope)
    if isinstance(left, Unknown) or isinstance(right, Unknown):
        if expression.operator == "+" and isinstance(left, str | Unknown):
            return _bounded_text(shown(left) + shown(right), known=False)
        return _unknown(expression, scope)
    try:
        return _bounded(operator(left, right), expression, scope)
    except TypeError:
        return _unknown(expression, scope)


def _logical(expression: Binary, left: Any, scope: Scope) -> Any:
    decides = expression.operator == "||"
    right = evaluate(expression.right, scope)
    for side in (truth(left), truth(right)):
        if side is decides:
            return decides
    if isinstance(left, Unknown) or isinstance(right, Unknown):
        return _unknown(expression, scope)
    return not decides


def _plus(left: Any, right: Any) -> Any:
    return left + shown(right) if isinstance(left, str) else left + right


_OPERATORS: dict[str, Callable[[Any, Any], Any]] = {
    "==": lambda left, right: left == right,
    "!=": lambda left, right: left != right,
    "<": lambda left, right: left < right,
    ">": lambda left, right: left > right,
    "<=": lambda left, right: left <= right,
    ">=": lambda left, right: left >= right,
    "in": lambda left, right: left in right,
    "+": _plus,
}


def _unary(expression: Unary, scope: Scope) -> Any:
    value = truth(evaluate(expression.operand, scope))
    if expression.operator != "!" or isinstance(value, Unknown):
        return _unknown(expression, scope)
    return not value


def _ternary(expression: Ternary, scope: Scope) -> Any:
    condition = evaluate(expression.condition, scope)
    decided = truth(condition)
    if isinstance(decided, Unknown):
        return _unknown(expression, scope)
    if not decided:
        return evaluate(expression.no, scope)
    return condition if expression.yes is None else evaluate(expression.yes, scope)


def _list(expression: ListLiteral, scope: Scope) -> Any:
    return _bounded([evaluate(item, scope) for item in expression.items], expression, scope)


def _map(expression: MapLiteral, scope: Scope) -> Any:
    found = {
        literal(entry.key) or scope.source(entry.key): evaluate(entry.value, scope) for entry in expression.entries
    }
    return _bounded(found, expression, scope)


def _index(expression: Index, scope: Scope) -> Any:
    held = evaluate(expression.receiver, scope)
    key = evaluate(expression.arguments[0], scope) if len(expression.arguments) == 1 else None
    if isinstance(held, dict) and isinstance(key, str):
        return held.get(key)
    if isinstance(held, list) and isinstance(key, int) and -len(held) <= key < len(held):
        return held[key]
    return _unknown(expression, scope)


def _cast(expression: Cast, scope: Scope) -> Any:
    value = evaluate(expression.value, scope)
    return shown(value) if expression.type.name == "String" and not isinstance(value, Unknown) else value


_METHODS: dict[str, Callable[..., Any]] = {
    "trim": str.strip,
    "toLowerCase": str.lower,
    "toUpperCase": str.upper,
    "contains": lambda text, part: part in text,
    "startsWith": str.startswith,
    "endsWith": str.endswith,
    "equals": lambda text, other: text == other,
    "equalsIgnoreCase": lambda text, other: text.lower() == str(other).lower(),
    "isEmpty": lambda text: not text,
    "replace": str.replace,
    "toString": str,
    "toBoolean": lambda text: text.strip().lower() in {"true", "y", "1"},
    "length": len,
}


def _call(expression: Call, scope: Scope) -> Any:
    method = _METHODS.get(literal(expression.name) or "")
    held = evaluate(expression.receiver, scope) if expression.receiver is not None else None
    arguments = [evaluate(each, scope) for each in expression.arguments]
    if method is None or not isinstance(held, str) or not all(isinstance(each, str) for each in arguments):
        return _unknown(expression, scope)
    if sum(map(len, arguments)) * len(held) > LONGEST_VALUE**2 // CHARACTERS:
        return _unknown(expression, scope)
    try:
        return _bounded(method(held, *arguments), expression, scope)
    except TypeError:
        return _unknown(expression, scope)


_HANDLERS: dict[type, Callable[[Any, Scope], Any]] = {
    Constant: _constant,
    GString: _gstring,
    Name: _name,
    Property: _property,
    Binary: _binary,
    Unary: _unary,
    Ternary: _ternary,
    ListLiteral: _list,
    MapLiteral: _map,
    Index: _index,
    Cast: _cast,
    Call: _call,
}
