"""The reader of YAML: from a file to a document.

The YAML that a spec needs is small: mappings with text keys, lists and scalars. Anchors work; merge keys
(`<<`) do not, because `extends` is the one way to inherit, and neither do tags that a program gave a meaning.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

import yaml

from jenkinsgen.files import DISK
from jenkinsgen.spec.reading.document import Document, DocumentError, KeyPath, Position, Problem

if TYPE_CHECKING:
    from pathlib import Path

    from jenkinsgen.files import Files

MAX_DEPTH = 50
TOO_DEEP = "is nested too deeply"
MAX_BYTES = 1_000_000
# Anchors can multiply: a file of a few lines may hold a billion values.
MAX_VALUES = 10_000

YAML_TAG = "tag:yaml.org,2002:"
_SHOWN = 40
_DECIMAL = {
    "int": re.compile(r"[-+]?(?:0|[1-9][0-9]{0,99})"),
    "float": re.compile(r"[-+]?(?:0|[1-9][0-9]{0,99})?\.[0-9]*(?:[eE][-+]?[0-9]+)?"),
}

# libyaml's loader is ten times faster and knows positions just as well.
LOADER: type[yaml.SafeLoader | yaml.CSafeLoader] = getattr(yaml, "CSafeLoader", yaml.SafeLoader)


def read_document(path: Path, shown_as: str, files: Files = DISK) -> Document:
    """Read one YAML file.

    `shown_as` is the name used in messages. Raises DocumentError with every problem that was found.
    """
    start = Position(shown_as, 1, 1)
    try:
        content = files.read(path, MAX_BYTES + 1)
    except (OSError, ValueError) as error:
        raise DocumentError(Problem(start, f"cannot be read: {unreadable(error)}")) from error
    if len(content) > MAX_BYTES:
        raise DocumentError(Problem(start, f"is larger than {MAX_BYTES:,} bytes; this is not a spec"))
    return parse_document(content, shown_as)


def unreadable(error: OSError | ValueError) -> str:
    """Why a path cannot be used. The one ValueError that a path can raise has other words in each Python."""
    if isinstance(error, OSError):
        return error.strerror or str(error)
    return "the name holds a NUL character"


def parse_document(content: bytes | str, shown_as: str) -> Document:
    """Turn YAML text into a document. Raises DocumentError."""
    start = Position(shown_as, 1, 1)
    try:
        _check_depth(content, shown_as)
        root = yaml.compose(content, Loader=LOADER)
    except yaml.MarkedYAMLError as error:
        raise DocumentError(_syntax_problem(error, content, shown_as)) from error
    except (yaml.YAMLError, UnicodeError) as error:
        reason = " ".join(str(getattr(error, "reason", error)).split())
        raise DocumentError(Problem(start, f"is not text in UTF-8, as YAML has to be: {reason}")) from error
    if root is None:
        raise DocumentError(Problem(start, "is empty; a spec begins with `job:`"))
    return _Builder(shown_as).build(root)


def _check_depth(content: bytes | str, shown_as: str) -> None:
    # libyaml composes by recursion in C: a hundred thousand `[` would not raise but end the process.
    depth = 0
    for event in yaml.parse(content, Loader=LOADER):
        if isinstance(event, yaml.CollectionStartEvent):
            depth += 1
        elif isinstance(event, yaml.CollectionEndEvent):
            depth -= 1
        if depth > MAX_DEPTH:
            raise DocumentError(Problem(_place(event.start_mark, shown_as), TOO_DEEP))


def _place(mark: Any, shown_as: str) -> Position:
    return Position(shown_as, mark.line + 1, mark.column + 1) if mark else Position(shown_as, 1, 1)


def _syntax_problem(error: yaml.MarkedYAMLError, content: bytes | str, shown_as: str) -> Problem:
    mark = error.problem_mark or error.context_mark
    position = _place(mark, shown_as)
    if "nesting depth" in (error.problem or ""):
        # libyaml has a limit of its own since PyYAML 6.0.4, and may meet it while it looks ahead of our count.
        return Problem(position, TOO_DEEP)
    parts = [part for part in (error.context, error.problem) if part]
    return Problem(position, "YAML: " + ", ".join(parts) + _syntax_advice(error, content, position))


def _syntax_advice(error: yaml.MarkedYAMLError, content: bytes | str, position: Position) -> str:
    problem = error.problem or ""
    if "cannot start any token" in problem:
        text = content.decode(errors="replace") if isinstance(content, bytes) else content
        found = text.splitlines()[position.line - 1][position.column - 1 :][:1]
        return (
            "; indent with blanks, not with tabs" if found == "\t" else f"; put text that begins with {found} in quotes"
        )
    if "mapping values are not allowed" in problem:
        return "; is the line indented as its neighbours? Text with `: ` in it goes in quotes"
    if "another document" in problem:
        return "; leave out the `---`"
    if error.context_mark and error.context_mark.line + 1 < position.line:
        return f"; it began in line {error.context_mark.line + 1}"
    return ""


@dataclass(slots=True)
class _Builder:
    """Walks the node tree once; collects values, positions and problems."""

    file: str
    keys: dict[KeyPath, Position] = field(default_factory=dict)
    values: dict[KeyPath, Position] = field(default_factory=dict)
    written: dict[KeyPath, str] = field(default_factory=dict)
    problems: list[Problem] = field(default_factory=list)
    scalars: yaml.constructor.SafeConstructor = field(default_factory=yaml.constructor.SafeConstructor)
    around: list[yaml.Node] = field(default_factory=list)
    count: int = 0

    def build(self, root: yaml.Node) -> Document:
        if not isinstance(root, yaml.MappingNode):
            self._problem(root, "a spec is a mapping of keys to values")
        data = self._value(root, ())
        if self.problems:
            raise DocumentError(*self.problems)
        return Document(data, self.keys, self.values, self.written)

    def _value(self, node: yaml.Node, path: KeyPath) -> Any:
        self.count += 1
        if self.count == MAX_VALUES:
            self._problem(node, f"holds more than {MAX_VALUES:,} values (anchors that multiply?)")
        if self.count >= MAX_VALUES:
            return None
        if any(node is outer for outer in self.around):
            self._problem(node, "is an anchor that contains itself")
            return None
        if len(path) > MAX_DEPTH:
            self._problem(node, "is nested too deeply, through its anchors")
            return None
        self.values[path] = self._position(node)
        if isinstance(node, yaml.ScalarNode):
            return self._scalar(node, path)
        self._check_tag(node)
        self.around.append(node)
        value = self._mapping(node, path) if isinstance(node, yaml.MappingNode) else self._list(node, path)
        self.around.pop()
        return value

    def _list(self, node: yaml.Node, path: KeyPath) -> list[Any]:
        return [self._value(item, (*path, index)) for index, item in enumerate(node.value)]

    def _mapping(self, node: yaml.MappingNode, path: KeyPath) -> dict[str, Any]:
        result: dict[str, Any] = {}
        for key_node, value_node in node.value:
            if not isinstance(key_node, yaml.ScalarNode):
                self._problem(key_node, "a key is a word; text that begins with { or [ goes in quotes")
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

    def _scalar(self, node: yaml.ScalarNode, path: KeyPath) -> Any:
        kind = node.tag.removeprefix(YAML_TAG)
        text: str = node.value
        if kind in ("str", "timestamp"):
            # 2026-01-31 without quotes: as text it serves every key that could hold it.
            return text
        self.written[path] = text
        if kind not in ("null", "bool", "int", "float"):
            self._check_tag(node)
            return None
        if kind in _DECIMAL and not _DECIMAL[kind].fullmatch(text):
            # 010 is 8, 22:22 is 1342: no author means that.
            self._problem(node, f"{_short(text)} is not a plain decimal number; if it is text, put it in quotes")
            return None
        if kind == "bool" and text.lower() not in yaml.constructor.SafeConstructor.bool_values:
            self._problem(node, f"{_short(text)} is neither true nor false")
            return None
        return self.scalars.construct_object(node)

    def _check_tag(self, node: yaml.Node) -> None:
        kind = node.tag.removeprefix(YAML_TAG)
        if kind not in ("map", "seq"):
            shown = f"!!{kind}" if node.tag.startswith(YAML_TAG) else kind
            self._problem(node, f"the tag {shown} is not supported; write the value itself")

    def _position(self, node: yaml.Node) -> Position:
        return _place(node.start_mark, self.file)

    def _problem(self, node: yaml.Node, message: str) -> None:
        self.problems.append(Problem(self._position(node), message))


def _short(text: str) -> str:
    return repr(text) if not text.strip() else text if len(text) <= _SHOWN else text[:_SHOWN] + "…"
