"""Problems that pydantic found, in the words of the spec and at their place in the file."""

from __future__ import annotations

import difflib
from typing import TYPE_CHECKING, Any

from jenkinsgen.spec.pipeline import Pipeline
from jenkinsgen.spec.reading.document import Document, KeyPath, Problem
from jenkinsgen.spec.reading.inherit import EXTENDS
from jenkinsgen.spec.section import ProblemAt, sections_in

if TYPE_CHECKING:
    from collections.abc import Iterator

    from pydantic import BaseModel, ValidationError
    from pydantic_core import ErrorDetails


def explain(error: ValidationError, document: Document) -> Iterator[Problem]:
    """One problem for each thing that is wrong."""
    found = error.errors(include_url=False)
    for details in found:
        # A list whose entries are all wrong counts as empty for pydantic; the entries say what is wrong.
        size = len(details["loc"])
        within = any(len(other["loc"]) > size and other["loc"][:size] == details["loc"] for other in found)
        if not (details["type"] == "too_short" and within):
            yield _problem(details, document)


def _problem(details: ErrorDetails, document: Document) -> Problem:
    path = _path_in_document(details, document)
    match details["type"]:
        case "extra_forbidden":
            position = document.key_position(path)
        case "missing":
            position = document.key_position(path[:-1])
        case "value_error" if isinstance(details["ctx"]["error"], ProblemAt):
            path = details["ctx"]["error"].path_in(path, document.values)
            position = document.position(path)
        case "union_tag_invalid":
            path = (*path, details["ctx"]["discriminator"].rpartition("'")[0].rpartition("'")[2])
            position = document.position(path)
        case _ if details["loc"][-1:] == ("[key]",):
            position = document.key_position(path)
        case _:
            position = document.position(path)
    name = "".join(f"[{part}]" if isinstance(part, int) else f".{part}" for part in path).removeprefix(".")
    return Problem(position, f"{name}: {_message(details, path, document)}")


def _path_in_document(details: ErrorDetails, document: Document) -> KeyPath:
    """Pydantic's location without what the file does not have: the name of a union's member, `[key]`."""
    location = details["loc"]
    path: KeyPath = ()
    for part in location:
        if (*path, part) in document.values:
            path = (*path, part)
    return (*path, location[-1]) if details["type"] == "missing" else path


def _message(details: ErrorDetails, path: KeyPath, document: Document) -> str:
    value = details["input"]
    shown = document.written.get(path) or _shown(value)
    match details["type"]:
        case "extra_forbidden":
            return _unknown_key(details, path)
        case "missing":
            return "is missing"
        case "model_type" | "model_attributes_type" | "dict_type":
            return f"must be a mapping of keys to values, not {shown}"
        case "tuple_type" | "list_type":
            return "must be a list" + (f"; write [{value}]" if isinstance(value, str) else f", not {shown}")
        case "string_type":
            return _not_text(value, document.written.get(path))
        case "int_type" | "int_from_float" | "float_type":
            quoted = "; without quotes" if isinstance(value, str) and value.replace(".", "", 1).isdigit() else ""
            return f"must be a {'whole ' * details['type'].startswith('int')}number, not {shown}{quoted}"
        case "bool_type":
            return f"must be true or false, not {shown}"
        case "literal_error" | "union_tag_invalid":
            return _wrong_word(details)
        case "too_short":
            return "needs at least one entry"
        case "value_error":
            return str(details["ctx"]["error"])
        case _:
            # Pydantic: "Input should be greater than 0" -> "must be greater than 0".
            text = details["msg"].replace("Input should be", "must be").replace("String should", "must")
            return text[:1].lower() + text[1:]


def _not_text(value: object, written: str | None) -> str:
    if value is None:
        return "must be text, not nothing"
    if written is None:
        return f"must be text, not a {'list' if isinstance(value, (list, tuple)) else 'mapping'}"
    return f'must be text; put it in quotes: "{written}"'


def _wrong_word(details: ErrorDetails) -> str:
    context: dict[str, Any] = details.get("ctx", {})
    expected = context.get("expected") or context.get("expected_tags") or ""
    words = [word.strip(" '") for word in expected.replace(" or ", ", ").split(",") if word.strip(" '")]
    value = context.get("tag", details["input"])
    close = difflib.get_close_matches(str(value).lower(), words, n=1)
    return f"must be one of {', '.join(words)}, not {_shown(value)}" + (f"; did you mean {close[0]}?" if close else "")


def _shown(value: object) -> str:
    text = "nothing" if value is None else repr(list(value) if isinstance(value, tuple) else value)
    return text if len(text) <= 60 else text[:57] + "..."  # noqa: PLR2004 - a message stays one line


def _unknown_key(details: ErrorDetails, path: KeyPath) -> str:
    key = str(path[-1])
    known = list(_keys_at(path[:-1]))
    if key in known:
        # One kind of tool or parameter has it, but not the kind that this is.
        return f"is not a key of `{details['loc'][-2]}`; docs/spec.md says which kind has it"
    close = difflib.get_close_matches(key.lower(), known, n=1)
    return "unknown key; " + (f"did you mean {close[0]}?" if close else f"there are {', '.join(known)}")


def _keys_at(path: KeyPath) -> Iterator[str]:
    """The keys that the model knows at a place of the file."""
    models: list[type[BaseModel]] = [Pipeline]
    for part in path:
        if isinstance(part, str):
            models = [inner for model in models for inner in _inner_models(model, part)]
    if models == [Pipeline]:
        yield EXTENDS
    yield from dict.fromkeys(field.alias or name for model in models for name, field in model.model_fields.items())


def _inner_models(model: type[BaseModel], key: str) -> Iterator[type[BaseModel]]:
    for name, field in model.model_fields.items():
        if (field.alias or name) == key:
            yield from sections_in(field.annotation)
