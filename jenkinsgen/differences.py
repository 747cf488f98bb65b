"""Differences between two sequences of lines, in bounded time: either side may be a stranger's."""

from __future__ import annotations

import difflib
from collections import Counter
from itertools import takewhile
from typing import TYPE_CHECKING, NamedTuple

if TYPE_CHECKING:
    from collections.abc import Hashable, Sequence

MOST_PAIRS = 100_000
"""Pairs of equal lines in two texts that are compared; beyond that a difference is told less finely."""


class Operation(NamedTuple):
    """How lines `start` to `end` of one side become those of the other: `equal`, `replace`, `delete`, `insert`."""

    kind: str
    start: int
    end: int
    other_start: int
    other_end: int


def operations(before: Sequence[Hashable], after: Sequence[Hashable]) -> list[Operation]:
    """The finest account. Where equal lines are too many to try which belongs to which, what is between the common
    beginning and the common end counts as replaced.
    """
    if _pairs(before, after) <= MOST_PAIRS:
        found = difflib.SequenceMatcher(None, before, after, autojunk=False).get_opcodes()
        return [Operation(*each) for each in found]
    head = _common(before, after)
    tail = _common(before[head:][::-1], after[head:][::-1])
    end, other_end = len(before) - tail, len(after) - tail
    parts = (
        Operation("equal", 0, head, 0, head),
        Operation("replace", head, end, head, other_end),
        Operation("equal", end, len(before), other_end, len(after)),
    )
    return [each for each in parts if each.start < each.end or each.other_start < each.other_end]


def unified(
    before: Sequence[str],
    after: Sequence[str],
    names: tuple[str, str] = ("", ""),
    *,
    context: int = 3,
    line_end: str = "",
) -> list[str]:
    """The lines of a unified diff. Where `operations` is coarse, one hunk with all that is replaced."""
    if _pairs(before, after) <= MOST_PAIRS:
        return list(difflib.unified_diff(before, after, *names, n=context, lineterm=line_end))
    lines: list[str] = []
    for kind, start, end, other_start, other_end in operations(before, after):
        if kind == "replace":
            sizes = f"-{start + 1},{end - start} +{other_start + 1},{other_end - other_start}"
            lines += [f"--- {names[0]}{line_end}", f"+++ {names[1]}{line_end}", f"@@ {sizes} @@{line_end}"]
            lines += [f"-{line}" for line in before[start:end]]
            lines += [f"+{line}" for line in after[other_start:other_end]]
    return lines


def _pairs(before: Sequence[Hashable], after: Sequence[Hashable]) -> int:
    """How often a line of one side equals one of the other: what comparing them costs, again for each block found."""
    counts = Counter(after)
    return sum(count * counts[line] for line, count in Counter(before).items())


def _common(one: Sequence[Hashable], other: Sequence[Hashable]) -> int:
    return sum(1 for _ in takewhile(lambda pair: pair[0] == pair[1], zip(one, other, strict=False)))
