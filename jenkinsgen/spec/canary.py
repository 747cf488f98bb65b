"""How a new colour gets its traffic little by little."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated, Literal

from pydantic import BeforeValidator, Field, model_validator

from jenkinsgen.spec.names import CookieName, HeaderName
from jenkinsgen.spec.section import ProblemAt, Section, as_tuple
from jenkinsgen.spec.values import Timeout, show_duration

if TYPE_CHECKING:
    from jenkinsgen.spec.pipeline import Pipeline

Percent = Annotated[int, Field(ge=1, le=99)]
"""Of the clients, in whole percents: the site file sorts them into a hundred buckets."""


class CanaryStep(Section):
    """So many percent, for so long."""

    percent: Percent
    """Of the clients; more than in the step before. The switch moves the rest."""
    hold: Timeout
    """How long the step is watched before the next one; at least `guard.window`."""
    approval: bool = False
    """Ask a person before this step. No executor waits meanwhile."""


class Override(Section):
    """How a tester chooses a side: the value `always` is the new colour, `never` the live one."""

    header: HeaderName | None = None
    """A request header; it beats the cookie."""
    cookie: CookieName | None = None
    """A cookie."""


class Canary(Section):
    """How a new colour gets its traffic little by little (docs/canary.md). Needs `strategy: canary` and a `guard`."""

    steps: Annotated[tuple[CanaryStep, ...], Field(min_length=1), BeforeValidator(as_tuple)]
    """In their order."""
    approval: bool = False
    """Ask a person before all traffic moves."""
    sticky: Literal["address", "cookie", "none"] = "address"
    """By what a client keeps its side: its address; the value of `cookie`, or its address as long as it has none;
    or not at all, each request by itself.
    """
    cookie: CookieName | None = None
    """With `sticky: cookie`: a cookie of the application that stays the same for each client."""
    override: Override = Override()
    unjudged: Literal["refuse", "wait", "continue"] = "refuse"
    """What to do at the end of a step in which the new release had fewer than `guard.requests`, so that it cannot be
    judged. `refuse`: the live release has all clients again. `wait`: hold on, at most as long again, then refuse.
    `continue`: the next step.
    """

    @model_validator(mode="after")
    def _rising(self) -> Canary:
        for index, (before, after) in enumerate(zip(self.steps, self.steps[1:], strict=False), start=1):
            if after.percent <= before.percent:
                raise ProblemAt(
                    f"{after.percent} does not come after {before.percent}; each step has more than the one before",
                    ("steps", index, "percent"),
                )
        return self

    @model_validator(mode="after")
    def _cookie_is_used(self) -> Canary:
        if self.sticky == "cookie" and self.cookie is None:
            raise ProblemAt("cookie needs the name of one: `cookie: NAME` beside it", ("sticky",))
        if self.sticky != "cookie" and self.cookie is not None:
            raise ProblemAt("belongs to `sticky: cookie`", ("cookie",))
        return self

    def longest(self, step: CanaryStep) -> float:
        """For how many seconds a step is watched at most."""
        return step.hold * (2 if self.unjudged == "wait" else 1)

    @property
    def approved(self) -> bool:
        """Is a person asked anywhere on the way?"""
        return self.approval or any(step.approval for step in self.steps)


def canary_of(pipeline: Pipeline) -> Canary:
    """The section of a spec whose strategy it is. Raises ValueError without one, which `check_canary` refuses."""
    if pipeline.canary is None:
        raise ValueError("the spec has no canary")
    return pipeline.canary


def check_canary(pipeline: Pipeline) -> None:
    """Raises ProblemAt where a canary cannot be given, judged or ended."""
    if pipeline.canary is None:
        raise ProblemAt("canary needs the section `canary` with its steps", ("strategy",))
    if pipeline.nginx.mode == "reload":
        raise ProblemAt("needs nginx.mode flag: the percent is in the site file that jenkinsgen writes", ("strategy",))
    if pipeline.tool.source == "container":
        raise ProblemAt(
            "cannot be ended in `tool.from: container`: what ends it when a build fails runs outside of stages",
            ("strategy",),
            ("tool", "from"),
        )
    if pipeline.guard is None:
        raise ProblemAt("needs a `guard` (`guard: {}` is enough), by which each step is judged", ("canary",))
    for index, step in enumerate(pipeline.canary.steps):
        if step.hold < pipeline.guard.window:
            raise ProblemAt(
                f"hold ({show_duration(step.hold)}) must be at least as long as guard.window "
                f"({show_duration(pipeline.guard.window)})",
                ("canary", "steps", index, "hold"),
            )
