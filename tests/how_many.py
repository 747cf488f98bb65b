"""How many examples a test gets from hypothesis."""

from __future__ import annotations

from hypothesis import settings


def of_examples(share: float) -> int:
    """A share of what others get, for a test whose examples are dear (or cheap); `make unit` has few for each."""
    return max(1, round(settings.default.max_examples * share))
