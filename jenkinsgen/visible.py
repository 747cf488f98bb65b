"""Text that others chose, made harmless for its reader: a terminal, or the log of a build."""

from __future__ import annotations

import re
import unicodedata

_COLOURS = re.compile(r"\x1b\[[0-9;]*m")
# Text that a runner takes for an order: `::add-mask::x` (GitHub, where a line begins), `##[error]` (GitHub, anywhere),
# `##vso[task.setvariable]`, `##teamcity[…]`. GitLab's own begin with an escape character.
_ORDER = re.compile(r"^(\s*):(?=:\w.*::)")
_OLD_ORDER = re.compile(r"##(?=\w*\[)")


def visible(line: str) -> str:
    """The line without what makes a terminal or a runner do something: escape codes, carriage returns, marks that turn
    the text around, workflow commands.

    Colours go without a trace, because many programs write them; of the rest each character leaves a `?`. Blanks of
    other widths become blanks; a tab stays.
    """
    plain = _COLOURS.sub("", line)
    if not plain.isprintable():
        plain = "".join(each if each.isprintable() else _instead(each) for each in plain)
    return _OLD_ORDER.sub("## ", _ORDER.sub(r"\1: ", plain))


def visible_lines(text: str) -> str:
    """`visible` for several lines."""
    return "\n".join(visible(line) for line in text.split("\n"))


def _instead(character: str) -> str:
    if character == "\t":
        return character
    return " " if unicodedata.category(character) == "Zs" else "?"
