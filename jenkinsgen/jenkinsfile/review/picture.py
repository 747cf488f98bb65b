"""The stages of both sides in one tree, each with a mark."""

from __future__ import annotations

from typing import TYPE_CHECKING

from jenkinsgen.differences import operations
from jenkinsgen.jenkinsfile.review.behaviour import NOTHING
from jenkinsgen.jenkinsfile.review.model import Change, Mark, PictureStage
from jenkinsgen.jenkinsfile.review.trace_changes import stage_name

if TYPE_CHECKING:
    from collections.abc import Iterable

    from jenkinsgen.jenkinsfile.review.behaviour import Behaviour
    from jenkinsgen.jenkinsfile.review.facts import Place


def picture(
    before: Behaviour | None, after: Behaviour | None, changes: Iterable[Change], names: dict[Place, Place]
) -> tuple[PictureStage, ...]:
    """The stages as they will be, with those that go at the place where they were."""
    old, new = before or NOTHING, after or NOTHING
    former = [names.get(place, place) for place in old.stages]
    touched = {change.place.quoted[0] for change in changes if change.place.template.startswith("stage")}
    asking = {fact.place for side in (old, new) for fact in side.success if fact.kind == "approval"}
    marks = {place: _mark(place, former, new.stages, touched) for place in _merged(former, new.stages)}

    def below(parent: Place) -> tuple[PictureStage, ...]:
        return tuple(
            PictureStage(
                name=place[-1],
                mark=mark,
                asks=place in asking,
                children=below(place),
                parallel=place[-1] in new.parallel | old.parallel,
            )
            for place, mark in marks.items()
            if place[:-1] == parent
        )

    return below(())


def _merged(before: list[Place], after: tuple[Place, ...]) -> list[Place]:
    found: list[Place] = []
    for _, old_start, old_end, new_start, new_end in operations(before, after):
        gone = [place for place in before[old_start:old_end] if place not in after]
        found.extend([*gone, *after[new_start:new_end]])
    return found


def _mark(place: Place, before: list[Place], after: tuple[Place, ...], touched: set[str]) -> Mark:
    if place not in after:
        return Mark.REMOVED
    if place not in before:
        return Mark.ADDED
    return Mark.CHANGED if stage_name(place) in touched else Mark.SAME
