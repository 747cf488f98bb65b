"""Blue and green."""

from __future__ import annotations

from enum import Enum


class Colour(str, Enum):
    """One of the two places where a release can stand on every server."""

    GREEN = "green"
    BLUE = "blue"

    @property
    def other(self) -> Colour:
        return Colour.BLUE if self is Colour.GREEN else Colour.GREEN

    def __str__(self) -> str:
        return self.value
