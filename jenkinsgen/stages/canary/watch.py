"""A step of a canary is watched: both colours have clients, and the new one is compared with the old one."""

from __future__ import annotations

from collections import deque
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from jenkinsgen.deploy.guard.evidence import Counted
from jenkinsgen.deploy.guard.judgement import baseline_of, judge, worse_of
from jenkinsgen.errors import ReleaseRefused, StateError
from jenkinsgen.nginx.site import log_path
from jenkinsgen.spec.values import show_duration
from jenkinsgen.stages.watch.bake import Watch, tell_troubles, unknown, watch_with

if TYPE_CHECKING:
    from jenkinsgen.deploy.guard.evidence import Evidence
    from jenkinsgen.deploy.guard.judgement import Baseline
    from jenkinsgen.nginx.access_log import Request
    from jenkinsgen.nginx.canary import Gate
    from jenkinsgen.report import Report
    from jenkinsgen.spec.guard import Guard
    from jenkinsgen.stages.canary.give import Given
    from jenkinsgen.stages.context.outside import AccessLogs
    from jenkinsgen.stages.context.session import Session

KEPT = 20_000
"""So many of a step's newest requests are judged together, of each colour: more say nothing more."""


def watch_canary(session: Session, given: Given, hold: float, *, wait: float = 0.0) -> Evidence:
    """Watch the new colour for `hold` seconds. Returns the evidence by which it was judged good.

    Where there is too little evidence, watch for `wait` seconds more at most.

    Raises ReleaseRefused when the new colour fails, StateError when another process changes the canary, and what a
    bake raises when it cannot look any more. The caller takes the clients back.
    """
    guard, path = session.pipeline.guard, log_path(session.pipeline)
    assert guard is not None  # noqa: S101 - the spec was checked
    assert path is not None  # noqa: S101 - same
    gate = given.gate
    traffic = _Sides(session.nginx.access_log(path), gate, given.usual, guard, session.report, Counted(guard.requests))
    watching = Watch(session, gate.colour, lambda: _check(session, gate), traffic)
    watch_with(watching, hold)
    lacking = watching.evidence.lacking
    if lacking and wait:
        session.report.line(
            f"{lacking}; so this step is held on for at most {show_duration(wait)} more (canary.unjudged)"
        )
        watch_with(watching, wait, enough=lambda: not watching.evidence.lacking)
    for line in watching.evidence.lines:
        session.report.line(line)
    return watching.evidence


def _check(session: Session, gate: Gate) -> None:
    lives, percents = set(session.nginx.lives().values()), set(session.nginx.percents().values())
    if None in lives or None in percents:
        raise unknown(session, gate.colour)
    if lives != {gate.live} or percents != {gate.percent}:
        others = ", ".join(f"{percent} %" for percent in percents if percent != gate.percent)
        now = f"{gate.colour} is live" if lives != {gate.live} else f"it has {others}"
        raise StateError(
            f"somebody else changed the canary of {gate.percent} %: {now}",
            hint="jenkinsgen history tells who; what they made of it stays",
        )


@dataclass(slots=True)
class _Sides:
    """The requests of both colours since the step began."""

    log: AccessLogs
    gate: Gate
    before: Baseline
    """The baseline of the old colour, while it had all the clients."""
    guard: Guard
    report: Report
    counted: Counted
    new: deque[Request] = field(default_factory=lambda: deque(maxlen=KEPT))
    old: deque[Request] = field(default_factory=lambda: deque(maxlen=KEPT))
    begun: bool = False
    damaged: bool = False

    def look(self) -> None:
        """Raises ReleaseRefused.

        Few clients make few requests, so the whole step is judged as well as its newest window.
        """
        look = self.log.look() if self.begun else self.log.recent(1)
        self.begun = True
        self.damaged = tell_troubles(look, self.report, told=self.damaged)
        for request in look.requests:
            (self.new if request.colour is self.gate.colour else self.old).append(request)
        found = [request for request in look.requests if request.colour is self.gate.colour]
        self.counted = self.counted.and_more(found, self.new)
        self._judge("since this step began", self.new, self.old)
        oldest = look.time - self.guard.window
        window = [[each for each in side if each.time > oldest] for side in (self.new, self.old)]
        self._judge(f"in {show_duration(self.guard.window)}", window[0], window[1])

    def _judge(self, when: str, new: deque[Request] | list[Request], old: deque[Request] | list[Request]) -> None:
        usual = worse_of(self.before, baseline_of(old), self.guard)
        reason = judge(new, usual, self.guard, f"from {self.gate.live}, before or meanwhile")
        if reason is not None:
            raise ReleaseRefused(
                f"{self.gate.colour} does badly with {self.gate.percent} % of the clients: {when}, {reason}",
                hint=f"{self.log.path} on the NGINX host has these requests; docs/canary.md says how it is judged",
            )
