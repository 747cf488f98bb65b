"""The base of all nodes, which have a place; and the two kinds of them."""

from __future__ import annotations

from dataclasses import dataclass
from typing import NamedTuple


class Where(NamedTuple):
    """Line and column from 1; `start` and `end` are offsets of the characters covered."""

    line: int
    column: int
    start: int
    end: int


@dataclass(frozen=True, slots=True)
class Node:
    where: Where


class Expression(Node):
    __slots__ = ()


class Statement(Node):
    __slots__ = ()
