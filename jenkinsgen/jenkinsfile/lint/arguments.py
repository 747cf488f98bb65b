"""Arguments against signatures: the checks of Jenkins' validator, worded after its messages."""

from __future__ import annotations

from typing import TYPE_CHECKING

from jenkinsgen.jenkinsfile.groovy.tree import Call, Constant, Expression, MapLiteral
from jenkinsgen.jenkinsfile.lint.catalogue import TEXT, ParameterType
from jenkinsgen.jenkinsfile.lint.matching import literal, named_arguments, nearest, own_name

if TYPE_CHECKING:
    from jenkinsgen.jenkinsfile.groovy.tree import Where
    from jenkinsgen.jenkinsfile.lint.catalogue import Catalogue, Signature
    from jenkinsgen.jenkinsfile.lint.problems import Problems

RULE = "invalid-argument"
_UNITS = frozenset({"NANOSECONDS", "MICROSECONDS", "MILLISECONDS", "SECONDS", "MINUTES", "HOURS", "DAYS"})
_DURABILITY = frozenset({"PERFORMANCE_OPTIMIZED", "SURVIVABLE_NONATOMIC", "MAX_SURVIVABILITY"})
_JAVA = {
    TEXT: "class java.lang.String",
    "list": "interface java.util.List",
    "unit": "class java.util.concurrent.TimeUnit",
    "durability": "class org.jenkinsci.plugins.workflow.flow.FlowDurabilityHint",
    "result": "class hudson.model.Result",
}
_LONGEST_INDEX = 1


def check_step_arguments(
    problems: Problems, signature: Signature, where: Where, arguments: tuple[Expression, ...]
) -> None:
    """A step's or a condition's arguments, without its block."""
    if signature.open:
        return
    named = named_arguments(arguments)
    if named is not None or not arguments:
        _check_named_step(problems, signature, where, named)
    elif len(arguments) > _LONGEST_INDEX:
        problems.judge(where, RULE, f'Arguments to "{signature.name}" must be explicitly named.')
    elif signature.sole() is None and not signature.takes_block:
        problems.judge(where, RULE, "Step does not take a single required parameter - use named parameters instead")
    else:
        sole = signature.sole()
        if sole is not None:
            _check_type(problems, sole, arguments[0], by_name=False)


def _check_named_step(problems: Problems, signature: Signature, where: Where, named: MapLiteral | None) -> None:
    entries = () if named is None else named.entries
    if any(literal(entry.key) is None for entry in entries):
        return  # a spread map: its content is unknown
    checks = [_check_entry(problems, signature, entry.key, entry.value) for entry in entries]
    given = {literal(entry.key) for entry in entries}
    if not all(checks):
        return
    for parameter in signature.required():
        if parameter.name not in given:
            problems.judge(where, RULE, f'Missing required parameter: "{parameter.name}"')


def _check_entry(problems: Problems, signature: Signature, key: Expression, value: Expression) -> bool:
    name = literal(key) or ""
    parameter = signature.parameter(name)
    if parameter is None:
        names = [each.name for each in signature.parameters]
        near = nearest(name, names, 0) or names
        message = f'Invalid parameter "{name}"' + (f', did you mean "{near[0]}"?' if near else "")
        problems.judge(key.where, RULE, message)
        return False
    return _check_type(problems, parameter, value, by_name=True)


def check_call(problems: Problems, catalogue: Catalogue, call: Call, signature: Signature | None = None) -> None:
    """An option, a trigger, a parameter, or a call that is an argument of one."""
    name = own_name(call) or ""
    found = signature or catalogue.function(name)
    nested = [each for each in call.arguments if not isinstance(each, MapLiteral)]
    entries = [entry for each in call.arguments if isinstance(each, MapLiteral) for entry in each.entries]
    for value in [*nested, *(entry.value for entry in entries)]:
        if isinstance(value, Call) and own_name(value) is not None:
            check_call(problems, catalogue, value)
    if found is None or found.open:
        return
    if entries and nested:
        problems.judge(call.where, RULE, "Cannot mix named and unnamed arguments")
    for entry in entries:
        if literal(entry.key) not in {None, "$class"}:
            _check_entry(problems, found, entry.key, entry.value)
    if not entries:
        _check_unnamed_call(problems, found, call)


def _check_unnamed_call(problems: Problems, signature: Signature, call: Call) -> None:
    given = call.arguments
    if len(given) > 1:
        problems.judge(call.where, RULE, f'Arguments to "{signature.name}" must be explicitly named.')
        return
    required = signature.required()
    optional_flag = len(required) == 1 and required[0].type == "boolean?"
    marked = signature.sole()
    expected = len(required) or len(given) * (marked is not None)
    if expected != len(given) and not (not given and optional_flag):
        counts = f"should have {len(required)} arguments but has {len(given)} arguments instead."
        problems.judge(call.where, RULE, f'"{signature.name}" {counts}')
    elif given and marked is not None:
        _check_type(problems, marked, given[0], by_name=False)


def _check_type(problems: Problems, parameter: ParameterType, value: Expression, *, by_name: bool) -> bool:
    if not isinstance(value, Constant) or value.value is None or _fits(parameter.type, value):
        return True
    expected = _JAVA.get(parameter.type, parameter.type)
    shown = str(value.value).lower() if isinstance(value.value, bool) else str(value.value)
    of = f' for parameter "{parameter.name}"' if by_name else ""
    message = f'Expecting "{expected}"{of} but got "{shown}" of type class {value.java_type} instead'
    problems.judge(value.where, RULE, message)
    return False


def _fits(expected: str, value: Constant) -> bool:
    """Whether Groovy would convert the literal; any value is as good as true or false."""
    is_text = isinstance(value.value, str)
    if expected == TEXT:
        return value.java_type not in {"java.lang.Integer", "java.lang.Boolean"}
    if expected in {"int", "long"}:
        return not is_text and not isinstance(value.value, bool)
    if expected == "unit":
        return value.value in _UNITS
    if expected == "durability":
        return value.value in _DURABILITY
    return expected not in {"list", "result"}
