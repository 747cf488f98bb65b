"""Jinja with lists of what a template may do: which attributes, calls, filters and tests there are.

Jinja's own sandbox forbids what is known to be dangerous; here only what is known to be harmless is there at all.
Everything goes through one budget.
"""

from __future__ import annotations

import difflib
from functools import wraps
from types import BuiltinMethodType, MappingProxyType, MethodType
from typing import TYPE_CHECKING, Any, cast

from jinja2 import StrictUndefined, pass_context
from jinja2.exceptions import SecurityError
from jinja2.filters import FILTERS
from jinja2.runtime import BlockReference, LoopContext, Macro, TemplateReference, Undefined
from jinja2.sandbox import ImmutableSandboxedEnvironment, safe_range
from jinja2.tests import TESTS
from jinja2.utils import Namespace

from jenkinsgen.jenkinsfile.render.groovy import groovy, groovy_map
from jenkinsgen.jenkinsfile.render.plain import Record, seconds

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable

    from jinja2 import BaseLoader
    from jinja2.runtime import Context

    from jenkinsgen.jenkinsfile.render.budget import Budget


def _words(text: str) -> frozenset[str]:
    return frozenset(text.split())


ATTRIBUTES: dict[type, frozenset[str]] = {
    str: _words(
        "capitalize count endswith find isalnum isalpha isdigit islower isupper lower lstrip removeprefix removesuffix "
        "rpartition partition rsplit rstrip split splitlines startswith strip title upper"
    ),
    MappingProxyType: _words("get items keys values"),
    dict: _words("get items keys values"),
    LoopContext: _words(
        "changed cycle depth depth0 first index index0 last length nextitem previtem revindex revindex0"
    ),
    BlockReference: _words("super"),
}
"""Attributes that a dot may read, besides the keys of records, mappings and namespaces, and the blocks of `self`."""
CALLABLES = (Macro, BlockReference)
KEPT_FILTERS = _words(
    "abs capitalize count d default dictsort first float items last length list lower map max min reject rejectattr "
    "reverse select selectattr sort title trim unique upper"
)
KEPT_TESTS = _words(
    "!= < <= == > >= boolean defined divisibleby eq equalto even false float ge greaterthan gt in integer le lessthan "
    "lower lt mapping ne none number odd sequence string true undefined upper"
)
_TAKE_UNDEFINED = _words("d default defined undefined")
LONGEST_NUMERAL = 100
# Types that join into a text; other values have no text that would be the same tomorrow.
_PRINTED = (str, int, float, bool, type(None))


class TemplateEnvironment(ImmutableSandboxedEnvironment):
    """For one rendering, whose budget it has."""

    intercepted_binops = frozenset({"+", "-", "*", "/", "//", "%", "**"})

    def __init__(self, loader: BaseLoader, budget: Budget) -> None:
        super().__init__(
            loader=loader,
            undefined=StrictUndefined,
            finalize=_printed,
            trim_blocks=True,
            lstrip_blocks=True,
            keep_trailing_newline=True,
            optimized=False,
        )
        self.budget = budget
        kept: dict[str, Callable[..., Any]] = {name: FILTERS[name] for name in KEPT_FILTERS} | _OWN_FILTERS
        self.filters = {name: self._counted(name, function) for name, function in kept.items()}
        # Not for templates to write, but what their trees are given: see template_tree.py.
        self.filters |= {"weighed": budget.weigh, "each": budget.each, "spent": budget.spend, "joined": self.joined}
        self.tests = {name: self._counted(name, cast("Callable[..., Any]", TESTS[name])) for name in KEPT_TESTS}
        self.globals = {"range": safe_range, "namespace": Namespace}

    def _counted(self, name: str, function: Callable[..., Any]) -> Callable[..., Any]:
        @wraps(function)
        def counted(*arguments: Any, **named: Any) -> Any:
            for value in (*arguments, *named.values()):
                if isinstance(value, Undefined) and name not in _TAKE_UNDEFINED:
                    # It raises what there is not.
                    str(value)
                self.budget.weigh(value)
            return self.budget.given(function(*arguments, **named))

        return counted

    def getattr(self, obj: Any, attribute: str) -> Any:
        return self.getitem(obj, attribute)

    def getitem(self, obj: Any, argument: Any) -> Any:
        """`obj.argument` and `obj[argument]`: there is one list for both."""
        kind = type(obj)
        if isinstance(obj, Undefined):
            return obj[argument]
        if kind is Record:
            values = Record.values(obj)
            return values[argument] if argument in values else self.undefined(_no_key(argument, values))
        if isinstance(argument, str):
            if argument in ATTRIBUTES.get(kind, ()) and not (kind in (dict, MappingProxyType) and argument in obj):
                return getattr(obj, argument)
            if kind is Namespace and not argument.startswith("_"):
                return self._item(obj, argument)
            if kind is TemplateReference or kind in (dict, MappingProxyType):
                return self._item(obj, argument)
        elif isinstance(argument, int) and kind in (str, list, tuple, range, dict, MappingProxyType):
            return self._item(obj, argument)
        return self.undefined(f"{_named(obj)} has nothing that a template may read as {argument!r}", exc=SecurityError)

    def _item(self, obj: Any, argument: Any) -> Any:
        try:
            return obj[argument] if type(obj) is not Namespace else getattr(obj, argument)
        except (LookupError, AttributeError):
            return self.undefined(obj=obj, name=argument)

    def is_safe_callable(self, obj: Any) -> bool:
        """Macros, blocks, the functions among the values, and the listed methods of plain data."""
        if isinstance(obj, CALLABLES) or obj is safe_range or obj is Namespace or obj is seconds:
            return True
        if isinstance(obj, (BuiltinMethodType, MethodType)):
            return obj.__name__ in ATTRIBUTES.get(type(obj.__self__), ())
        return False

    def call(self, context: Context, obj: Any, *arguments: Any, **named: Any) -> Any:
        if isinstance(obj, Undefined):
            return obj()
        if not self.is_safe_callable(obj):
            raise SecurityError(f"a template cannot call {_named(obj)}")
        for value in (getattr(obj, "__self__", None), *arguments, *named.values()):
            self.budget.weigh(value)
        answer = context.call(obj, *arguments, **named)
        if isinstance(getattr(obj, "__self__", None), (dict, MappingProxyType)) and obj.__name__ != "get":
            # A view compares as a set does, whatever is in it.
            answer = tuple(answer)
        return self.budget.given(answer)

    def call_binop(self, context: Context, operator: str, left: Any, right: Any) -> Any:
        del context
        if operator == "*" and isinstance(left, int) and not isinstance(right, (int, float)):
            left, right = right, left
        if operator == "*" and isinstance(left, (str, list, tuple)) and isinstance(right, int):
            self.budget.spend_text(len(left) * max(0, right) * (1 if isinstance(left, str) else 16))
        elif operator == "+" and isinstance(left, (str, list, tuple)):
            pass
        elif not (isinstance(left, (int, float)) and isinstance(right, (int, float))):
            raise TypeError(f"{_named(left)} {operator} {_named(right)} is nothing that can be computed")
        elif operator == "**" and not (abs(left) <= 2**64 and 0 <= right <= 64):  # noqa: PLR2004 - four thousand bits
            raise ValueError("** takes numbers up to 2**64 and exponents from 0 to 64")
        self.budget.weigh(left)
        self.budget.weigh(right)
        return self.budget.weigh(self.binop_table[operator](left, right))

    def joined(self, parts: list[Any] | tuple[Any, ...], separator: str = "") -> str:
        """Texts and numbers as one text. Raises TypeError for what is neither."""
        texts = [part if type(part) is str else _as_text(part) for part in parts]
        self.budget.spend(len(texts))
        self.budget.spend_text(sum(map(len, texts)) + len(separator) * len(texts))
        return separator.join(texts)


@pass_context
def _printed(context: Context, value: Any) -> str:
    """The text that `{{ … }}` writes; texts of the template itself come here, too."""
    environment: Any = context.environment
    text = value if type(value) is str else _as_text(value)
    # Half of a character, which no file can have.
    text.encode()
    environment.budget.spend_text(len(text))
    return text


def _as_text(value: Any) -> str:
    if not isinstance(value, (*_PRINTED, Undefined)):
        raise TypeError(f"only text and numbers can be written, not {_named(value)}")
    # An undefined value raises what it is called.
    return str(value)


def _no_key(name: object, values: Iterable[str]) -> str:
    close = difflib.get_close_matches(str(name), known := tuple(values), n=1)
    return f"a section has no key {name}; " + (f"did you mean {close[0]}?" if close else f"it has {', '.join(known)}")


def _named(value: Any) -> str:
    names = {Record: "a section", BlockReference: "a block (write super() to call it)", Macro: "a macro"}
    return names.get(type(value)) or f"a value of the kind {type(value).__name__}"


@pass_context
def _join(context: Context, values: Any, separator: str = "", attribute: str | None = None) -> str:
    environment: Any = context.environment
    parts = list(values)
    if attribute is not None:
        parts = [environment.getitem(part, attribute) for part in parts]
    text: str = environment.joined(parts, separator)
    return text


@pass_context
def _text(context: Context, value: Any) -> str:
    environment: Any = context.environment
    text: str = environment.joined([value])
    return text


def _int(value: Any, default: int = 0) -> int:
    if isinstance(value, str) and len(value) > LONGEST_NUMERAL:
        raise ValueError(f"a number of {len(value)} digits is none")
    try:
        return int(value)
    except (TypeError, ValueError, OverflowError):
        return default


@pass_context
def _indent(context: Context, text: str, width: int = 4, first: bool = False, blank: bool = False) -> str:
    environment: Any = context.environment
    environment.budget.spend_text(len(text) + (text.count("\n") + 1) * max(0, width))
    indented: str = FILTERS["indent"](text, width, first, blank)
    return indented


@pass_context
def _replace(context: Context, text: str, old: str, new: str) -> str:
    environment: Any = context.environment
    environment.budget.spend_text(len(text) + text.count(old) * len(new))
    return text.replace(old, new)


_OWN_FILTERS: dict[str, Callable[..., Any]] = {
    "groovy": groovy,
    "groovy_map": groovy_map,
    "indent": _indent,
    "int": _int,
    "join": _join,
    "replace": _replace,
    "string": _text,
}
