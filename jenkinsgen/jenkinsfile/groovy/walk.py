"""Going through a tree."""

from __future__ import annotations

from dataclasses import fields
from typing import TYPE_CHECKING

from jenkinsgen.jenkinsfile.groovy.bounds import budget
from jenkinsgen.jenkinsfile.groovy.tree import Node, Script

if TYPE_CHECKING:
    from collections.abc import Iterator

_FIELDS: dict[type, tuple[str, ...]] = {}


def children(node: Node | Script) -> Iterator[Node]:
    """The nodes directly inside one, in the order of the text as far as the tree keeps it."""
    kind = type(node)
    names = _FIELDS.get(kind)
    if names is None:
        names = tuple(each.name for each in fields(kind) if each.name != "where")
        _FIELDS[kind] = names
    for name in names:
        value = getattr(node, name)
        if isinstance(value, Node):
            yield value
        elif type(value) is tuple:
            for item in value:
                if isinstance(item, Node):
                    yield item


def walk(node: Node | Script) -> Iterator[Node]:
    """Every node inside one, and itself if it is a node; a parent before its children."""
    waiting = [node] if isinstance(node, Node) else list(children(node))[::-1]
    spend = budget().spend
    while waiting:
        spend()
        current = waiting.pop()
        yield current
        waiting.extend(list(children(current))[::-1])
