"""A YAML file as plain data that remembers where each value stands.

The YAML that a spec needs is small: mappings with text keys, lists and scalars. Anchors work; merge keys
(`<<`) and custom tags do not, because `extends` is the one way to inherit.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

import yaml

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping
    from pathlib import Path

# Where a value stands in the data: ("servers", 0, "ssh").
KeyPath = tuple["str | int", ...]

MAX_DEPTH = 50
MAX_BYTES = 1_000_000
# Anchors can multiply: a file of a few lines may hold a billion values.
MAX_VALUES = 100_000

# libyaml's loader is ten times faster and knows positions just as well.
LOADER: type[yaml.SafeLoader | yaml.CSafeLoader] = getattr(yaml, "CSafeLoader", yaml.SafeLoader)


@dataclass(frozen=True, slots=True)
class Position:
    """A place in a file; line and column count from 1, as editors do."""

    file: str
    line: int
    column: int

    def __str__(self) -> str:
        return f"{self.file}:{self.line}:{self.column}"


@dataclass(frozen=True, slots=True)
class Problem:
    """One thing that is wrong with a spec, and where."""

    position: Position
    message: str

    def __str__(self) -> str:
        return f"{self.position}: {self.message}"


class DocumentError(Exception):
    """The file cannot be read as a document at all."""

    def __init__(self, *problems: Problem) -> None:
        super().__init__("\n".join(map(str, problems)))
        self.problems = problems


@dataclass(frozen=True, slots=True)
class Document:
    """The data of a file, and for each key path where its key and its value begin."""

    data: dict[str, Any]
    keys: Mapping[KeyPath, Position]
    values: Mapping[KeyPath, Position]

    def position(self, path: KeyPath) -> Position:
        """Where the value at `path` stands, or the nearest thing around it."""
        return next(self.values[part] for part in _outwards(path) if part in self.values)

    def key_position(self, path: KeyPath) -> Position:
        """Where the key that ends `path` stands, or the nearest thing around it."""
        return self.keys.get(path) or self.position(path)


def _outwards(path: KeyPath) -> Iterator[KeyPath]:
    yield path
    while path:
        path = path[:-1]
        yield path


def read_document(path: Path, shown_as: str) -> Document:
    """Read one YAML file.

    `shown_as` is the name used in messages. Raises DocumentError with every problem that was found.
    """
    start = Position(shown_as, 1, 1)
    try:
        content = path.read_bytes()
    except OSError as error:
        reason = error.strerror or str(error)
        raise DocumentError(Problem(start, f"cannot be read: {reason}")) from error
    if len(content) > MAX_BYTES:
        raise DocumentError(Problem(start, f"is larger than {MAX_BYTES:,} bytes; this is not a spec"))
    return parse_document(content, shown_as)


def parse_document(content: bytes | str, shown_as: str) -> Document:
    """Turn YAML text into a document. Raises DocumentError."""
    start = Position(shown_as, 1, 1)
    try:
        root = yaml.compose(content, Loader=LOADER)
    except yaml.MarkedYAMLError as error:
        raise DocumentError(_syntax_problem(error, shown_as)) from error
    except (yaml.YAMLError, UnicodeDecodeError) as error:
        raise DocumentError(Problem(start, f"is not YAML text in UTF-8: {error}")) from error
    except RecursionError as error:
        raise DocumentError(Problem(start, "is nested too deeply")) from error
    if root is None:
        raise DocumentError(Problem(start, "is empty; a spec begins with `job:`"))
    return _Builder(shown_as).build(root)


def _syntax_problem(error: yaml.MarkedYAMLError, shown_as: str) -> Problem:
    mark = error.problem_mark or error.context_mark
    position = Position(shown_as, mark.line + 1, mark.column + 1) if mark else Position(shown_as, 1, 1)
    parts = [part for part in (error.context, error.problem) if part]
    return Problem(position, "YAML: " + ", ".join(parts))


@dataclass(slots=True)
class _Builder:
    """Walks the node tree once; collects values, positions and problems."""

    file: str
    keys: dict[KeyPath, Position] = field(default_factory=dict)
    values: dict[KeyPath, Position] = field(default_factory=dict)
    problems: list[Problem] = field(default_factory=list)
    scalars: yaml.constructor.SafeConstructor = field(default_factory=yaml.constructor.SafeConstructor)
    count: int = 0

    def build(self, root: yaml.Node) -> Document:
        if not isinstance(root, yaml.MappingNode):
            self._problem(root, "a spec is a mapping of keys to values")
        data = self._value(root, ())
        if self.problems:
            raise DocumentError(*self.problems)
        return Document(data, self.keys, self.values)

    def _value(self, node: yaml.Node, path: KeyPath) -> Any:
        self.count += 1
        if self.count == MAX_VALUES:
            self._problem(node, f"holds more than {MAX_VALUES:,} values (anchors that multiply?)")
        if self.count >= MAX_VALUES:
            return None
        if len(path) > MAX_DEPTH:
            self._problem(node, "is nested too deeply (an anchor that contains itself?)")
            return None
        self.values[path] = self._position(node)
        if isinstance(node, yaml.MappingNode):
            return self._mapping(node, path)
        if isinstance(node, yaml.SequenceNode):
            return [self._value(item, (*path, index)) for index, item in enumerate(node.value)]
        return self._scalar(node)

    def _mapping(self, node: yaml.MappingNode, path: KeyPath) -> dict[str, Any]:
        result: dict[str, Any] = {}
        for key_node, value_node in node.value:
            if not isinstance(key_node, yaml.ScalarNode):
                self._problem(key_node, "a key is a word")
                continue
            key = key_node.value
            here = (*path, key)
            if key == "<<":
                self._problem(key_node, "merge keys are not supported; inherit with `extends: other.yaml`")
            elif key in result:
                first = self.keys[here]
                self._problem(key_node, f"{key}: is here a second time; first in line {first.line}")
            else:
                self.keys[here] = self._position(key_node)
                result[key] = self._value(value_node, here)
        return result

    def _scalar(self, node: yaml.Node) -> Any:
        if node.tag == "tag:yaml.org,2002:timestamp":
            # 2026-01-31 without quotes: as text it serves every key that could hold it.
            return node.value
        try:
            return self.scalars.construct_object(node)
        except (yaml.YAMLError, ValueError):
            self._problem(node, f"{node.value!r} cannot be read as {node.tag.rpartition(':')[2]}; put it in quotes")
            return None

    def _position(self, node: yaml.Node) -> Position:
        return Position(self.file, node.start_mark.line + 1, node.start_mark.column + 1)

    def _problem(self, node: yaml.Node, message: str) -> None:
        self.problems.append(Problem(self._position(node), message))


def merged(base: Document, own: Document) -> Document:
    """`own` laid over `base`: mappings are merged key by key, lists and scalars replaced."""
    keys = dict(base.keys)
    values = dict(base.values)
    data = _lay_over(base.data, own.data, (), keys, values)
    keys.update(own.keys)
    values.update(own.values)
    return Document(data, keys, values)


def _lay_over(
    base: dict[str, Any],
    own: dict[str, Any],
    path: KeyPath,
    keys: dict[KeyPath, Position],
    values: dict[KeyPath, Position],
) -> dict[str, Any]:
    result = dict(base)
    for key, value in own.items():
        here = (*path, key)
        if isinstance(value, dict) and isinstance(base.get(key), dict):
            result[key] = _lay_over(base[key], value, here, keys, values)
        else:
            # Positions inside what is replaced would point at values that are no longer there.
            for positions in (keys, values):
                for replaced in [known for known in positions if known[: len(here)] == here]:
                    del positions[replaced]
            result[key] = value
    return result
