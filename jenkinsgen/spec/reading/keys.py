"""Every key of a spec with its kind, default and meaning, read from the models, whose docstrings are the texts."""

from __future__ import annotations

import ast
import inspect
import textwrap
from dataclasses import dataclass
from functools import cache
from itertools import pairwise
from types import UnionType
from typing import TYPE_CHECKING, Annotated, Any, Literal, Union, get_args, get_origin, get_type_hints

from pydantic import BaseModel, BeforeValidator

from jenkinsgen.spec import names, values
from jenkinsgen.spec.pipeline import Pipeline
from jenkinsgen.spec.reading.inherit import EXTENDS
from jenkinsgen.spec.section import Port, sections_in

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from pydantic.fields import FieldInfo

_KINDS: tuple[tuple[Any, str], ...] = (
    (values.Duration, "duration"),
    (values.Timeout, "duration"),
    (values.Size, "size"),
    (values.Host, "host"),
    (Annotated[values.Line, BeforeValidator(values.bare_address)], "host, alone"),
    (values.RelativePath, "path"),
    (values.GlobPath, "path"),
    (names.CredentialId, "credential"),
    (names.VariableName, "variable"),
    (names.UrlPath, "URL path"),
    (names.HttpUrl, "URL"),
    (names.AbsolutePath, "absolute path"),
    (names.NginxSize, "NGINX size"),
    (names.NginxBuffers, "number and NGINX size"),
    (names.NginxTime, "NGINX time"),
    (Port, "number"),
    (bool, "true/false"),
    (int, "number"),
    (float, "number"),
    (str, "text"),
)


@dataclass(frozen=True, slots=True)
class Key:
    """One key: of a value, or of a section with keys of its own."""

    path: str
    """From the top of the file: `service.health.timeout`, `servers[].ssh`."""
    kind: str
    required: bool
    default: Any
    """Its default as it would stand in the file; None where leaving the key out means nothing in particular."""
    meaning: str


@cache
def keys() -> tuple[Key, ...]:
    """Every key, in the order of the models; sections stand before what is in them."""
    extends = Key(
        EXTENDS,
        "path",
        required=False,
        default=None,
        meaning=(
            "A base file. The keys of this file win; mappings are merged, lists are replaced. Relative "
            "to this file; bases may extend others. A base without `job.name` is not rendered itself."
        ),
    )
    return extends, *_merged(_keys_of(Pipeline, ""))


def _merged(found: Iterable[Key]) -> Iterator[Key]:
    """One key for those that several kinds of a section have: `tool.from` is installed, pip or container."""
    groups: dict[str, list[Key]] = {}
    for key in found:
        groups.setdefault(key.path, []).append(key)
    for path, group in groups.items():
        kinds = [kind for kind in dict.fromkeys(key.kind for key in group) if kind]
        default = next((key.default for key in group if key.default is not None), None)
        meaning = next((key.meaning for key in group if key.meaning), "")
        yield Key(path, _either(kinds), all(key.required for key in group), default, meaning)


def _keys_of(model: type[BaseModel], prefix: str) -> Iterator[Key]:
    texts, hints = _docstrings(model), get_type_hints(model, include_extras=True)
    for name, field in model.model_fields.items():
        sections = list(sections_in(hints[name]))
        path = f"{prefix}{field.alias or name}"
        text = texts.get(name) or (inspect.getdoc(sections[0]) if len(sections) == 1 else None) or ""
        yield Key(path, kind_of(hints[name]), field.is_required(), _default(field), text)
        for section in sections:
            yield from _keys_of(section, f"{path}{'[]' if _is_list(field) else ''}.")


def _docstrings(model: type[BaseModel]) -> dict[str, str]:
    """The docstring under each attribute.

    Pydantic can read them, too (use_attribute_docstrings), but does so whenever a model is imported: 70 ms in
    each stage of a build, which never shows them.
    """
    (definition,) = ast.parse(textwrap.dedent(inspect.getsource(model))).body
    assert isinstance(definition, ast.ClassDef)  # noqa: S101 - the source of a class is one
    return {
        attribute.target.id: " ".join(text.value.value.split())
        for attribute, text in pairwise(definition.body)
        if isinstance(attribute, ast.AnnAssign)
        and isinstance(attribute.target, ast.Name)
        and isinstance(text, ast.Expr)
        and isinstance(text.value, ast.Constant)
        and isinstance(text.value.value, str)
    }


def kind_of(annotation: Any) -> str:
    """A kind of value in the words of docs/spec.md."""
    for known, word in _KINDS:
        if annotation == known:
            return word
    origin, arguments = get_origin(annotation), get_args(annotation)
    if origin is Literal:
        return _either([f"`{word}`" for word in arguments])
    if origin is tuple:
        return f"list of {kind_of(arguments[0])}"
    if origin is dict:
        return "variables"
    if origin is Annotated:
        return kind_of(arguments[0])
    if origin in (Union, UnionType):
        return _either([kind for kind in map(kind_of, arguments) if kind])
    return "section" if list(sections_in(annotation)) else ""


def _either(kinds: list[str]) -> str:
    words = list(dict.fromkeys(word for kind in kinds for word in kind.split(" or ")))
    return " or ".join(part for part in (", ".join(words[:-1]), *words[-1:]) if part)


def _is_list(field: FieldInfo) -> bool:
    return get_origin(field.annotation) is tuple


def _default(field: FieldInfo) -> Any:
    value = None if field.is_required() else field.get_default()
    if isinstance(value, BaseModel) or value in ((), {}, ""):
        return None
    return values.show_duration(value) if isinstance(value, float) else value
