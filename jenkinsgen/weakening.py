"""A change of a spec that a reviewer must see."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Weakening:
    """A change by which a worse release gets further, or a container gets or loses something."""

    code: str
    about: str
    """The subject, which tells two weakenings of one code apart."""
    template: str
    """A sentence with a `{}` for each of `quoted`."""
    quoted: tuple[str, ...] = ()
