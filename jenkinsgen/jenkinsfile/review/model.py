"""The result of a review, as data."""

from __future__ import annotations

from dataclasses import dataclass
from enum import Enum


class Verb(str, Enum):
    """The kind of a change."""

    ADDED = "added"
    REMOVED = "removed"
    CHANGED = "changed"
    MOVED = "moved"
    """Unchanged, but in another order or inside other blocks."""


@dataclass(frozen=True, slots=True)
class Sentence:
    """Words of ours around text of others, kept apart so that no output takes the one for the other.

    `template` has a `{}` for each of `quoted`.
    """

    template: str
    quoted: tuple[str, ...] = ()

    def __str__(self) -> str:
        return self.template.format(*self.quoted)


def say(template: str, *quoted: object) -> Sentence:
    return Sentence(template, tuple(map(str, quoted)))


@dataclass(frozen=True, slots=True)
class Change:
    """One thing that differs.

    `subject` is its kind in one word (command, credential, server…); `place` is where, in the words of the
    spec or of the Jenkinsfile.
    For MOVED, `what` names the thing, `before` and `after` where it stood.
    """

    subject: str
    place: Sentence
    verb: Verb
    before: str | None = None
    after: str | None = None
    what: str | None = None
    field: bool = False
    """`place` is a field of the spec."""


@dataclass(frozen=True, slots=True)
class Consequence:
    """Changes that only show when something fails or is stopped: `moments` says when."""

    moments: tuple[Sentence, ...]
    changes: tuple[Change, ...]


@dataclass(frozen=True, slots=True)
class Alert:
    """Something that a reviewer should not overlook.

    `code` is stable and orders alerts; `about` tells two alerts of one code apart, and finds the same one
    seen in the spec and in the Jenkinsfile.
    """

    code: str
    about: str
    sentence: Sentence


class Mark(str, Enum):
    SAME = "same"
    ADDED = "added"
    REMOVED = "removed"
    CHANGED = "changed"


@dataclass(frozen=True, slots=True)
class PictureStage:
    """A stage in the picture, with those inside it; `parallel` says how they run."""

    name: str
    mark: Mark
    asks: bool
    """A person has to approve before it runs."""
    children: tuple[PictureStage, ...] = ()
    parallel: bool = False


class State(str, Enum):
    NEW = "new"
    DELETED = "deleted"
    CHANGED = "changed"
    SAME = "no change in behaviour"
    UNCLEAR = "cannot be compared"


@dataclass(frozen=True, slots=True)
class Blocker:
    """Why one side could not be read: `problems` is what was said of it."""

    sentence: Sentence
    problems: str


@dataclass(frozen=True, slots=True)
class PipelineReview:
    """`name` is the path without its suffix, `former_name` that of a renamed pipeline."""

    name: str
    state: State
    former_name: str | None = None
    alerts: tuple[Alert, ...] = ()
    blockers: tuple[Blocker, ...] = ()
    spec: tuple[Change, ...] = ()
    jenkinsfile: tuple[Change, ...] = ()
    consequences: tuple[Consequence, ...] = ()
    picture: tuple[PictureStage, ...] = ()


@dataclass(frozen=True, slots=True)
class Review:
    base: str
    head: str
    pipelines: tuple[PipelineReview, ...]

    @property
    def alerts(self) -> int:
        return sum(len(each.alerts) for each in self.pipelines)
