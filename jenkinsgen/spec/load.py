"""From a path to a checked spec, or to every problem of the file at once."""

from __future__ import annotations

import difflib
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any, get_args

from pydantic import BaseModel, ValidationError

from jenkinsgen.errors import SpecError
from jenkinsgen.spec.document import Document, DocumentError, KeyPath, Problem, merged, read_document
from jenkinsgen.spec.pipeline import Pipeline

if TYPE_CHECKING:
    import os
    from collections.abc import Iterator

    from pydantic_core import ErrorDetails

EXTENDS = "extends"


@dataclass(frozen=True, slots=True)
class Spec:
    """A checked spec, and where it came from."""

    path: Path
    pipeline: Pipeline
    document: Document

    @property
    def name(self) -> str:
        """`pipelines/shop.yaml` -> shop."""
        return self.path.stem


def load_spec(path: str | os.PathLike[str]) -> Spec:
    """Read and check a spec.

    Raises SpecError whose message holds one line `file:line:column: key: what is wrong` for each problem.
    """
    path = Path(path)
    try:
        document = _with_bases(path, ())
        return Spec(path, _validated(document), document)
    except DocumentError as error:
        count = len(error.problems)
        raise SpecError(
            "\n".join(map(str, sorted(error.problems, key=_in_reading_order))),
            hint=f"{count} problem{'s' if count > 1 else ''} in {path}; docs/spec.md explains every key",
        ) from error


def _in_reading_order(problem: Problem) -> tuple[str, int, int]:
    return problem.position.file, problem.position.line, problem.position.column


def _with_bases(path: Path, seen: tuple[Path, ...]) -> Document:
    own = read_document(path, str(path))
    base_name = own.data.pop(EXTENDS, None)
    if base_name is None:
        return own
    position = own.position((EXTENDS,))
    if not isinstance(base_name, str):
        raise DocumentError(Problem(position, "extends: names one other file, like base.yaml"))
    base_path = path.parent / base_name
    chain = (*seen, path.resolve())
    if base_path.resolve() in chain:
        raise DocumentError(Problem(position, f"extends: {base_name} leads back to this file"))
    if not base_path.is_file():
        raise DocumentError(Problem(position, f"extends: there is no file {base_path}"))
    return merged(_with_bases(base_path, chain), own)


def _validated(document: Document) -> Pipeline:
    try:
        return Pipeline.model_validate(document.data)
    except ValidationError as error:
        raise DocumentError(*(_problem(details, document) for details in error.errors(include_url=False))) from error


def _problem(details: ErrorDetails, document: Document) -> Problem:
    path = _path_in_document(details["loc"], document)
    kind = details["type"]
    at_key = kind == "extra_forbidden"
    position = document.key_position(path) if at_key else document.position(path)
    if kind == "missing" and path:
        position = document.key_position(path[:-1])
    name = ".".join(map(str, path)) or "spec"
    return Problem(position, f"{name}: {_message(details, path)}")


def _path_in_document(location: tuple[str | int, ...], document: Document) -> KeyPath:
    """Pydantic's location without what the file does not have: the name of a union's member."""
    path: KeyPath = ()
    for index, part in enumerate(location):
        last = index == len(location) - 1
        if (*path, part) in document.values or last:
            path = (*path, part)
    if path and path[-1] in ("installed", "pip", "container", "string", "boolean", "choice", "[key]"):
        path = path[:-1]
    return path


def _message(details: ErrorDetails, path: KeyPath) -> str:
    kind = details["type"]
    match kind:
        case "extra_forbidden":
            return "unknown key" + _did_you_mean(str(path[-1]), list(_keys_at(path[:-1])))
        case "missing":
            return "is missing"
        case "model_type" | "model_attributes_type" | "dict_type":
            return "must be a mapping of keys to values"
        case "tuple_type" | "list_type":
            return "must be a list"
        case "string_type":
            return f"must be text; put {details['input']!r} in quotes" if _scalar(details["input"]) else "must be text"
        case "int_type" | "int_parsing" | "float_type" | "float_parsing":
            return f"must be a number, not {_shown(details['input'])}"
        case "bool_type":
            return f"must be true or false, not {_shown(details['input'])}"
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


def _wrong_word(details: ErrorDetails) -> str:
    context: dict[str, Any] = details.get("ctx", {})
    expected = context.get("expected") or context.get("expected_tags") or ""
    words = [word.strip(" '") for word in expected.replace(" or ", ", ").split(",") if word.strip(" '")]
    value = context.get("tag", details["input"])
    return f"must be one of {', '.join(words)}, not {_shown(value)}" + _did_you_mean(str(value), words)


def _scalar(value: object) -> bool:
    return isinstance(value, (bool, int, float))


def _shown(value: object) -> str:
    text = "nothing" if value is None else repr(value)
    return text if len(text) <= 60 else text[:57] + "..."  # noqa: PLR2004 - a message stays one line


def _did_you_mean(word: str, candidates: list[str]) -> str:
    close = difflib.get_close_matches(word.lower(), candidates, n=1, cutoff=0.6)
    return f"; did you mean {close[0]}?" if close else f"; known are {', '.join(candidates)}" if candidates else ""


def _keys_at(path: KeyPath) -> Iterator[str]:
    """The keys that the model knows at a place of the file."""
    models: list[type[BaseModel]] = [Pipeline]
    for part in path:
        if isinstance(part, int):
            continue
        models = [inner for model in models for inner in _inner_models(model, part)]
    if models == [Pipeline]:
        yield EXTENDS
    seen: dict[str, None] = {}
    for model in models:
        seen.update(dict.fromkeys(field.alias or name for name, field in model.model_fields.items()))
    yield from seen


def _inner_models(model: type[BaseModel], key: str) -> Iterator[type[BaseModel]]:
    for name, field in model.model_fields.items():
        if (field.alias or name) == key:
            yield from _models_in(field.annotation)


def _models_in(annotation: Any) -> Iterator[type[BaseModel]]:
    if isinstance(annotation, type) and issubclass(annotation, BaseModel):
        yield annotation
    for argument in get_args(annotation):
        yield from _models_in(argument)
