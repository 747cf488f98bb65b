"""A strategy decides the stages of a deployment, the colour of a release, and the target of a rollback."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Protocol

if TYPE_CHECKING:
    from collections.abc import Callable

    from jenkinsgen.deploy.release import Release
    from jenkinsgen.deploy.state.journal import Journal
    from jenkinsgen.deploy.steps import Plan
    from jenkinsgen.deploy.world import World
    from jenkinsgen.spec.colour import Colour
    from jenkinsgen.spec.credentials import Binding


@dataclass(frozen=True, slots=True)
class Call:
    """A command of jenkinsgen that Jenkins runs."""

    title: str
    """The name of the stage in Jenkins."""
    command: str
    """Without the spec, which comes last."""
    limit: float
    """Seconds, then Jenkins stops it."""
    bindings: tuple[Binding, ...]


@dataclass(frozen=True, slots=True)
class Approval:
    """A person is asked before a stage, and no agent waits meanwhile."""

    title: str
    """The name for all stages after it."""
    question: str


@dataclass(frozen=True, slots=True)
class Stage:
    """One stage between the build of the image and the clean-up."""

    call: Call
    decide: Callable[[Release, World], Plan]
    """The plan of the stage. Raises JenkinsgenError where the stage would refuse."""
    approval: Approval | None = None


class Strategy(Protocol):
    """How the traffic comes from one release to the next."""

    @property
    def in_place(self) -> bool:
        """Does a release replace the live one in its colour? Otherwise it starts beside it, in the other one."""

    def stages(self) -> tuple[Stage, ...]:
        """The stages of a deployment, in their order."""

    def abort(self) -> Call | None:
        """The command that ends a failed deployment, outside of its stages; None where nothing is left to end."""

    def colour(self, live: Colour | None, journal: Journal) -> Colour:
        """The colour of the next release."""

    def is_unfinished(self, journal: Journal, running: int, out: int) -> bool:
        """Is what most servers run a deployment that did not come to its end, so that it is not live yet?

        `running` is how many servers run it, `out` the batch of servers that is out of the traffic.
        """

    def target(self, world: World, version: str, *, bad: str = "") -> Release:
        """The release that a rollback goes back to, as it will run.

        Without a `version` the one before the live one; `bad` is the release that was judged, where that is the
        reason. Raises StateError.
        """
