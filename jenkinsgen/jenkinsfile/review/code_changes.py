"""Changes of code that the comparison of two traces may not tell whole."""

from __future__ import annotations

from typing import TYPE_CHECKING

from jenkinsgen.differences import unified
from jenkinsgen.jenkinsfile.review.model import Change, Verb
from jenkinsgen.jenkinsfile.review.trace_changes import place_name, stage_name

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from jenkinsgen.jenkinsfile.review.behaviour import Behaviour
    from jenkinsgen.jenkinsfile.review.code import Code


def unfollowed(before: Behaviour, after: Behaviour, told: Iterable[Change]) -> Iterator[Change]:
    """Code that differs where `told` may not be all: nothing is told of it, or it has ways that no trace tells."""
    told_of = {_stage_of(change) for change in told}
    for place, new in after.code.items():
        old = before.code.get(place)
        if old is None:
            # A stage that is new is told whole, unless it has such ways.
            if new.branches:
                yield Change("code", place_name(place), Verb.ADDED, after="\n".join(new.lines))
        elif old.tokens != new.tokens and (old.branches or new.branches or stage_name(place) not in told_of):
            yield Change("code", place_name(place), Verb.CHANGED, what=_difference(old, new))


def _stage_of(change: Change) -> str:
    """The name of the stage that a change is in; empty for the pipeline."""
    return change.place.quoted[0] if change.place.template.startswith("stage") else ""


def _difference(old: Code, new: Code) -> str:
    lines = unified(old.lines, new.lines, context=1)
    return "\n".join(line for line in lines[2:] if not line.startswith("@@"))
