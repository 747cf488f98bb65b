"""Bounds of numbers in files that others write: beyond them the file is damaged, whatever its shape."""

from __future__ import annotations

import re
from typing import Annotated

from pydantic import Field

Moment = Annotated[int, Field(ge=0, le=10**11)]
"""Seconds since 1970, for three thousand years."""
Percent = Annotated[int, Field(ge=0, le=100)]
ProcessId = Annotated[int, Field(gt=0, lt=2**31)]
Count = Annotated[int, Field(ge=0, lt=2**63)]


def read_count(text: str) -> int | None:
    """A number in the words of others; None for anything else, also for one that nothing can have."""
    return int(text) if re.fullmatch("[0-9]{1,18}", text) else None


def numbers_of(version: str) -> tuple[int, ...]:
    """`1.26.3` -> (1, 26, 3); parts that are no numbers are left out."""
    return tuple(number for part in version.split(".") if (number := read_count(part)) is not None)
