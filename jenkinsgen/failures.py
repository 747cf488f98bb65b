"""One error out of many: what a person reads when several hosts failed at the same time."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Sequence

    from jenkinsgen.errors import JenkinsgenError

# An error may carry the log of a container. Three of these are enough to see whether all have one cause.
WHOLE = 3
LINES = 20
"""How many more are told by their first line."""


def joined(errors: Sequence[JenkinsgenError]) -> JenkinsgenError:
    """The first error, with the others told in its message; bounded, however many there are."""
    first = errors[0]
    parts = [error.message for error in errors[:WHOLE]]
    parts += [first_line(error.message) for error in errors[WHOLE : WHOLE + LINES]]
    if len(errors) > WHOLE + LINES:
        parts.append(f"and {len(errors) - WHOLE - LINES} more like these")
    first.message = "\n".join(parts)
    return first


def first_line(text: str) -> str:
    return text.strip().partition("\n")[0].rstrip()
