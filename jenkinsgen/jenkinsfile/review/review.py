"""The review of two trees of files: it finds the pipelines that could differ and compares each."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Protocol

from jenkinsgen.files import Files
from jenkinsgen.jenkinsfile.groovy.bounds import TooLarge, bounded
from jenkinsgen.jenkinsfile.review.compare import compare
from jenkinsgen.jenkinsfile.review.model import Blocker, Review, say
from jenkinsgen.jenkinsfile.review.pairs import pairs, pipelines_of
from jenkinsgen.jenkinsfile.review.sides import read_side

if TYPE_CHECKING:
    from collections.abc import Mapping

    from jenkinsgen.jenkinsfile.lint.catalogue import Catalogue
    from jenkinsgen.jenkinsfile.review.model import PipelineReview
    from jenkinsgen.jenkinsfile.review.pairs import Pair
    from jenkinsgen.jenkinsfile.review.sides import Side


class Tree(Files, Protocol):
    """All files of a revision; paths are those from the root of the repository."""

    @property
    def commit(self) -> str:
        """The full name of the commit."""

    @property
    def blobs(self) -> Mapping[str, str]:
        """Path -> a name of its content: the same for the same content."""


def _compared(pair: Pair, old: Side | None, new: Side | None) -> PipelineReview:
    """Both sides compared; where that has no end, what can be told without their Jenkinsfiles."""
    try:
        with bounded():
            return compare(pair.name, old, new, pair.former_name)
    except TooLarge as error:
        blocker = Blocker(say("the two Jenkinsfiles of {} cannot be compared", pair.name), error.message)
        return compare(pair.name, _without(old, blocker), _without(new, blocker), pair.former_name)


def _without(side: Side | None, blocker: Blocker) -> Side | None:
    return None if side is None else replace(side, behaviour=None, jenkinsfile_blocker=blocker)


def review(before: Tree, after: Tree, renamed: Mapping[str, str], catalogue: Catalogue) -> Review:
    """Compare every pipeline of which at least one file differs; `renamed` maps former paths to present ones."""
    changed = {path for path in {*before.blobs, *after.blobs} if before.blobs.get(path) != after.blobs.get(path)}
    found = []
    for pair in pairs(pipelines_of(before.blobs, before), pipelines_of(after.blobs, after), renamed):
        if not changed.isdisjoint(pair.parts):
            old = read_side(pair.before, before, catalogue, "before this change") if pair.before else None
            new = read_side(pair.after, after, catalogue, "with this change") if pair.after else None
            found.append(_compared(pair, old, new))
    return Review(before.commit, after.commit, tuple(found))
