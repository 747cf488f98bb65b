"""Which line of the YAML caused a line of the Jenkinsfile?

Asked of rendering itself: a line comes from the key whose change changes the line. So every key of the spec is
changed in turn, the Jenkinsfile rendered again, and the lines that are no longer the same belong to that key.
That needs no marks in templates and holds for a team's own template, whatever it does with the values.
A line that no single key changes, like `skipDefaultCheckout()`, comes from the template alone.
"""

from __future__ import annotations

from dataclasses import replace
from functools import cache
from itertools import takewhile
from typing import TYPE_CHECKING, Literal, cast, get_origin

from pydantic import BaseModel

from jenkinsgen.differences import operations
from jenkinsgen.errors import SpecError
from jenkinsgen.jenkinsfile.render.freshness import body_of, parse_header
from jenkinsgen.jenkinsfile.render.write import ROLLBACK_SUFFIX, SUFFIXES, render, render_rollback
from jenkinsgen.spec.reading.load import load_spec
from jenkinsgen.spec.values import HostAddress

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from pathlib import Path

    from jenkinsgen.spec.pipeline import Pipeline
    from jenkinsgen.spec.reading.document import KeyPath
    from jenkinsgen.spec.reading.load import Spec


def source_map(text: str, spec: Spec, render: Callable[[Spec], str] = render) -> Callable[[int], str | None]:
    """A function from a line of `text`, from 1, to where it comes from: `pipelines/shop.yaml:12:5`.

    It answers None for a line that comes from the template alone, or from no rendering at all: `text` may be
    stale or edited. `render` says which Jenkinsfile of the spec it is. The spec is rendered again and again at the
    first question, which takes about 0.1 s; it reads the same templates as rendering, and nothing else. Raises
    SpecError when the spec cannot be rendered.
    """

    @cache
    def origins() -> dict[int, KeyPath]:
        fresh = render(spec)
        return _moved(_origins(fresh, spec, render), fresh, text)

    def source(line: int) -> str | None:
        path = origins().get(line)
        return None if path is None else str(spec.document.key_position(path))

    return source


def source_map_of(jenkinsfile: Path, text: str) -> Callable[[int], str | None]:
    """The source map of a file on disk; one that knows nothing where there is no readable spec beside it."""
    made = _made_from(jenkinsfile)
    if made is None or parse_header(text) is None:
        return _nowhere
    path, render_one = made
    try:
        spec = load_spec(path)
        render_one(spec)
    except (SpecError, ValueError):
        # ValueError: the file of a rollback, which the spec does not ask for any more.
        return _nowhere
    return source_map(text, spec, render_one)


def _made_from(jenkinsfile: Path) -> tuple[Path, Callable[[Spec], str]] | None:
    """The spec beside a file that could have made it, and how."""
    specs = [(jenkinsfile.with_suffix(suffix), render) for suffix in SUFFIXES]
    if jenkinsfile.name.endswith(ROLLBACK_SUFFIX):
        stem = jenkinsfile.name.removesuffix(ROLLBACK_SUFFIX)
        specs += [(jenkinsfile.with_name(stem + suffix), render_rollback) for suffix in SUFFIXES]
    return next(((path, how) for path, how in specs if path.is_file()), None)


def _nowhere(_line: int) -> None:
    return None


def _origins(fresh: str, spec: Spec, render: Callable[[Spec], str]) -> dict[int, KeyPath]:
    """Line of the fresh Jenkinsfile -> key."""
    paths = sorted(spec.document.values, key=len, reverse=True)
    changing: dict[int, list[KeyPath]] = {}
    for path in paths:
        for line in _lines_lost(fresh, spec, render, path, _another):
            changing.setdefault(line, []).append(path)
    found = {line: _common(causes) for line, causes in changing.items()}
    # Removing a key removes what stands around its value. The deepest keys say most.
    for path in paths:
        for line in _lines_lost(fresh, spec, render, path, _none):
            found.setdefault(line, path)
    return found


def _common(paths: list[KeyPath]) -> KeyPath:
    """The section that holds all of them; the first where that would be the whole file."""
    shared = takewhile(lambda parts: len(set(parts)) == 1, zip(*paths, strict=False))
    return tuple(parts[0] for parts in shared) or paths[0]


def _lines_lost(
    fresh: str, spec: Spec, render: Callable[[Spec], str], path: KeyPath, vary: Callable[[object], object]
) -> Iterator[int]:
    """The lines that are others, or are gone, once the value at `path` is varied."""
    try:
        pipeline = cast("Pipeline", _varied(spec.pipeline, path, vary))
        other = render(replace(spec, pipeline=pipeline))
    except (_Fixed, SpecError, AttributeError, TypeError, ValueError):
        # Nothing to vary, or a value that no spec could have and the template did not expect.
        return
    before, after = body_of(fresh), body_of(other)
    if before == after:
        return
    skipped = fresh[: len(fresh) - len(before)].count("\n")
    lines = before.splitlines()
    for kind, start, end, _, _ in operations(lines, after.splitlines()):
        if kind in ("replace", "delete"):
            slid = _slide(lines, start, end) if kind == "delete" else 0
            yield from range(skipped + start + slid + 1, skipped + end + slid + 1)


def _slide(lines: list[str], start: int, end: int) -> int:
    """How far down a block can be taken out with the same result: `} a {` and `a { }` leave the same, but only
    the second is what was written.
    """
    slid = 0
    while end + slid < len(lines) and lines[start + slid] == lines[end + slid]:
        slid += 1
    return slid


def _moved(origins: dict[int, KeyPath], fresh: str, text: str) -> dict[int, KeyPath]:
    """The origins in a text that differs from the fresh one: only equal lines keep theirs."""
    if fresh == text:
        return origins
    moved: dict[int, KeyPath] = {}
    for kind, start, end, other_start, _ in operations(fresh.splitlines(), text.splitlines()):
        for offset in range(1, end - start + 1) if kind == "equal" else ():
            if start + offset in origins:
                moved[other_start + offset] = origins[start + offset]
    return moved


class _Fixed(Exception):
    """There is nothing to vary: a section, a word out of a list, a key that must be there."""


_GONE = object()


def _another(value: object) -> object:
    match value:
        case bool():
            return not value
        case int() | float():
            return value + 1
        case str():
            return f"{value}~"
        case HostAddress():
            return value._replace(name=f"{value.name}x")
        case _:
            raise _Fixed


def _none(_value: object) -> object:
    return _GONE


def _varied(value: object, path: KeyPath, vary: Callable[[object], object]) -> object:
    """A copy of `value` with what is at `path` varied. Nothing is validated: only rendering will see it."""
    if not path:
        return vary(value)
    key, rest = path[0], path[1:]
    match value:
        case BaseModel():
            return _with_field(value, str(key), rest, vary)
        case dict():
            inner = _varied(value[key], rest, vary)
            return {
                name: inner if name == key else other for name, other in value.items() if (name, inner) != (key, _GONE)
            }
        case tuple() if isinstance(key, int):
            inner = _varied(value[key], rest, vary)
            return (*value[:key], *(() if inner is _GONE else (inner,)), *value[key + 1 :])
        case _:
            raise _Fixed


def _with_field(section: BaseModel, key: str, rest: KeyPath, vary: Callable[[object], object]) -> BaseModel:
    fields = type(section).model_fields
    name = next((name for name, field in fields.items() if (field.alias or name) == key), None)
    if name is None:
        # `extends`, which is a key of the file and not of the model.
        raise _Fixed
    field = fields[name]
    if get_origin(field.annotation) is Literal:
        raise _Fixed
    inner = _varied(getattr(section, name), rest, vary)
    if inner is _GONE:
        if field.is_required():
            raise _Fixed
        inner = field.get_default()
    return section.model_copy(update={name: inner})
