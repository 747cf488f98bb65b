"""The tree of a template between parsing and compiling: what it may not have is refused, what it does is counted."""

from __future__ import annotations

import difflib
import math
from typing import TYPE_CHECKING, cast

from jinja2 import TemplateAssertionError, nodes
from jinja2.visitor import NodeTransformer

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from jinja2 import Environment

STANDARD_TEMPLATE = "Jenkinsfile.j2"
LONGEST_TEMPLATE = 100_000
"""Characters; the standard template has a tenth of that."""

_OTHER_FILES = (nodes.Include, nodes.Import, nodes.FromImport)
_BESIDE_BLOCKS = (nodes.Extends, nodes.Block, nodes.Macro, nodes.Assign, nodes.AssignBlock)


def block_names(tree: nodes.Template) -> tuple[str, ...]:
    """The blocks of a template, in their order."""
    return tuple(block.name for block in tree.find_all(nodes.Block))


def check_own(tree: nodes.Template, known: tuple[str, ...]) -> None:
    """Raises TemplateAssertionError for what Jinja would drop without a word, and for other files.

    `known` are the blocks of the standard template.
    """
    _check_beginning(tree)
    for node in tree.body:
        _check_beside_blocks(node)
    for block in tree.find_all(nodes.Block):
        outer = block in tree.body
        if outer and block.name not in known:
            _refuse(_unknown_block(block.name, known), block)
        if not outer and block.name in known:
            _refuse(f"the block {block.name} stands inside of another block; it would be written in both places", block)


def check_allowed(tree: nodes.Template) -> None:
    """Raises TemplateAssertionError for statements that no template may have."""
    for node in tree.find_all(_OTHER_FILES):
        _refuse(f"a template reads no other file; it extends {STANDARD_TEMPLATE} and has its own macros", node)
    for loop in tree.find_all(nodes.For):
        if loop.recursive:
            _refuse("a loop cannot be recursive; a macro can call itself", loop)
    for constant in tree.find_all(nodes.Const):
        if isinstance(constant.value, float) and not math.isfinite(constant.value):
            _refuse("the number is too large", constant)


def _check_beginning(tree: nodes.Template) -> None:
    parents = list(tree.find_all(nodes.Extends))
    first = next((node for node in tree.body if not _is_blank(node)), None)
    if not parents or first is not parents[0]:
        _refuse(f'a template begins with {{% extends "{STANDARD_TEMPLATE}" %}}', first or tree)
    name = parents[0].template
    if not isinstance(name, nodes.Const) or name.value != STANDARD_TEMPLATE:
        what = f"there is no template {name.value}" if isinstance(name, nodes.Const) else "the name is no plain text"
        _refuse(f"{what}; the one to extend is {STANDARD_TEMPLATE}", parents[0])
    if len(parents) > 1:
        _refuse("extends a second time", parents[1])


def _check_beside_blocks(node: nodes.Node) -> None:
    if _is_blank(node) or isinstance(node, _BESIDE_BLOCKS):
        return
    shown = next((part for part in (node.nodes if isinstance(node, nodes.Output) else ()) if not _is_blank(part)), node)
    what = "text" if isinstance(node, nodes.Output) else "a statement"
    _refuse(f"{what} outside of the blocks is never written; put it into a block", shown)


def _is_blank(node: nodes.Node) -> bool:
    if isinstance(node, nodes.Output):
        return all(map(_is_blank, node.nodes))
    return isinstance(node, nodes.TemplateData) and not node.data.strip()


def _unknown_block(name: str, known: Iterable[str]) -> str:
    close = difflib.get_close_matches(name, known := tuple(known), n=1)
    meant = f"did you mean {close[0]}? There are" if close else "there are"
    return f"{STANDARD_TEMPLATE} has no block {name}, so it would never be written; {meant} {', '.join(known)}"


def _refuse(message: str, node: nodes.Node) -> None:
    line = node.lineno
    if isinstance(node, nodes.TemplateData):
        # Text begins behind the tag before it, often with the end of that line.
        line += len(node.data) - len(node.data.lstrip()) and node.data[: -len(node.data.lstrip())].count("\n")
    raise TemplateAssertionError(message, line)


def counted(tree: nodes.Template, environment: Environment) -> nodes.Template:
    """The program, changed to count what it does in the budget of the environment that runs it."""
    changed = cast("nodes.Template", _Counting().visit(tree))
    changed.set_environment(environment)
    return changed


class _Counting(NodeTransformer):
    """Puts the filters of TemplateEnvironment where Jinja computes by itself.

    What it does by itself is: loops, `~`, comparisons, slices, lists, and all that is written. Each part of a
    template that runs more than once begins with its own size as steps.
    """

    def visit_TemplateData(self, node: nodes.TemplateData) -> nodes.Node:  # noqa: N802 - the name of the kind of node
        # A value is counted where values are written.
        return nodes.Const(node.data, lineno=node.lineno)

    def visit_Concat(self, node: nodes.Concat) -> nodes.Node:  # noqa: N802
        self.generic_visit(node)
        return _filter("joined", nodes.List(node.nodes, lineno=node.lineno))

    def visit_Compare(self, node: nodes.Compare) -> nodes.Node:  # noqa: N802
        self.generic_visit(node)
        node.expr = _filter("weighed", node.expr)
        for operand in node.ops:
            operand.expr = _filter("weighed", operand.expr)
        return node

    def visit_Getitem(self, node: nodes.Getitem) -> nodes.Node:  # noqa: N802
        self.generic_visit(node)
        if isinstance(node.arg, nodes.Slice):
            node.node = _filter("weighed", node.node)
        return node

    def visit_List(self, node: nodes.List) -> nodes.Node:  # noqa: N802
        self.generic_visit(node)
        return _filter("weighed", node)

    def visit_Dict(self, node: nodes.Dict) -> nodes.Node:  # noqa: N802
        self.generic_visit(node)
        for pair in node.items:
            pair.key = _filter("weighed", pair.key)
        return _filter("weighed", node)

    def visit_For(self, node: nodes.For) -> nodes.Node:  # noqa: N802
        _count_size(node, node.body)
        self.generic_visit(node)
        node.iter = _filter("each", node.iter)
        return node

    def visit_Macro(self, node: nodes.Macro) -> nodes.Node:  # noqa: N802
        _count_size(node, node.body)
        return self.generic_visit(node)

    visit_CallBlock = visit_Macro  # noqa: N815
    visit_Block = visit_Macro  # noqa: N815


def _filter(name: str, node: nodes.Node) -> nodes.Filter:
    return nodes.Filter(cast("nodes.Expr", node), name, [], [], None, None, lineno=node.lineno)


def _count_size(node: nodes.Node, body: list[nodes.Node]) -> None:
    size = sum(1 for _ in _all(body))
    body.insert(0, nodes.ExprStmt(_filter("spent", nodes.Const(size, lineno=node.lineno)), lineno=node.lineno))


def _all(found: Iterable[nodes.Node]) -> Iterator[nodes.Node]:
    for node in found:
        yield node
        yield from _all(node.iter_child_nodes())
