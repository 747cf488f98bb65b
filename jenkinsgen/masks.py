"""The secrets that this process knows, which must never be printed.

One list for the whole process, because a secret leaves in many ways: what a stage says, an error, its hint, a line of a
container's log, the history. Code that reads a secret adds it; code that prints asks `hidden`. Text is hidden *before*
it is shaped: a line that was cut, folded or escaped has only a part of the secret left, which nothing finds.
"""

from __future__ import annotations

import re

from jenkinsgen.visible import visible_lines

MASK = "****"


class Masks:
    """The secrets, as one pattern; the longest spelling is found first."""

    def __init__(self) -> None:
        self._patterns: set[str] = set()
        self._found: re.Pattern[str] | None = None

    def add(self, secret: str | None) -> None:
        """Hide this text from now on, however it is spelled."""
        if not secret:
            return
        # Most commands know no secret, and need not pay for the codecs.
        from jenkinsgen.spellings import patterns  # noqa: PLC0415

        self._patterns |= patterns(secret)
        if self._patterns:
            self._found = re.compile("|".join(sorted(self._patterns, key=len, reverse=True)))

    def __bool__(self) -> bool:
        return self._found is not None

    def hidden(self, text: str) -> str:
        """The text without any secret."""
        return text if self._found is None else self._found.sub(MASK, text)


KNOWN = Masks()
"""The secrets of this process."""


def shown(text: str) -> str:
    """For people: without any secret, and nothing that a terminal obeys. What colours parted is one secret again."""
    return KNOWN.hidden(visible_lines(KNOWN.hidden(text)))
