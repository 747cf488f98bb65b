"""The bake: a new colour has the traffic, the old one is warm, and the guard looks."""

from __future__ import annotations

from collections import deque
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Protocol

from jenkinsgen.deploy.guard.evidence import Counted, Evidence
from jenkinsgen.deploy.guard.judgement import BASELINE_SECONDS, UNKNOWN, Baseline, baseline_of, judge
from jenkinsgen.deploy.plan.deploy import await_healthy
from jenkinsgen.edge.nginx.access_log import LogAbsent
from jenkinsgen.errors import HostError, NginxError, ReleaseRefused, StateError
from jenkinsgen.nginx.site import log_path
from jenkinsgen.spec.values import show_duration
from jenkinsgen.stages.watch.number import Number
from jenkinsgen.stages.watch.server_watch import ServerWatch

if TYPE_CHECKING:
    from collections.abc import Callable

    from jenkinsgen.edge.nginx.access_log import Look
    from jenkinsgen.nginx.access_log import Request
    from jenkinsgen.report import Report
    from jenkinsgen.spec.colour import Colour
    from jenkinsgen.spec.guard import Guard
    from jenkinsgen.stages.context.outside import AccessLogs
    from jenkinsgen.stages.context.session import Session

LOOK_SECONDS = 1.0
# A host that does not answer for a moment says nothing about a release; one that stays away ends the bake.
_TROUBLES = 10


def usual(session: Session, live: Colour | None) -> Baseline:
    """The baseline of the live colour's requests, from NGINX's access log: asked for before a switch.

    Raises HostError when the log may not be read or Prometheus cannot be asked, StateError when it refuses the query:
    better now than when the new colour is to be judged.
    """
    guard = session.pipeline.guard
    if guard is not None and guard.prometheus is not None and live is not None:
        session.outside.ask_prometheus(guard.prometheus, live)
    path = log_path(session.pipeline)
    if path is None or live is None:
        return UNKNOWN
    try:
        look = session.nginx.access_log(path).before(BASELINE_SECONDS)
    except LogAbsent:
        # The site file that writes it comes with this very switch.
        return UNKNOWN
    found = baseline_of(request for request in look.requests if request.colour is live)
    session.report.line(f"{live} until now: {found}")
    return found


def watch(session: Session, colour: Colour, baseline: Baseline, seconds: float) -> Evidence:
    """Watch `colour` until it has baked for `seconds` more. Returns the evidence by which it was judged.

    With a guard in the spec it is judged each second, by NGINX's access log against the `baseline` and by its health
    on every server; the session has the servers then.

    Raises ReleaseRefused when it fails: the caller puts the old colour back. StateError when another colour gets the
    traffic. HostError and NginxError when the watch cannot look any more.
    """
    path, guard = log_path(session.pipeline), session.pipeline.guard
    traffic = None
    if path is not None and guard is not None:
        traffic = _Traffic(
            session.nginx.access_log(path), colour, baseline, guard, session.report, Counted(guard.requests)
        )
    watching = Watch(session, colour, lambda: check_live(session, colour), traffic)
    watch_with(watching, seconds)
    return watching.evidence


def watch_with(watch: Watch, seconds: float, enough: Callable[[], bool] = lambda: False) -> None:
    """Look once a second, for so many, or until it is `enough`."""
    clock = watch.clock
    end = clock.now() + seconds
    while True:
        began = clock.now()
        watch.look()
        left = end - clock.now()
        if left <= 0 or enough():
            return
        clock.sleep(max(0.0, min(began + LOOK_SECONDS - clock.now(), left)))


class Traffic(Protocol):
    """Requests of a colour, judged."""

    begun: bool
    """Has the log been read once?"""
    counted: Counted

    def look(self) -> None:
        """Raises ReleaseRefused when the colour fails."""


class Watch:
    """The health of a colour on every server, its requests, and whether it still has what it is to have."""

    def __init__(self, session: Session, colour: Colour, check: Callable[[], None], traffic: Traffic | None) -> None:
        self._session = session
        self.clock = session.clock
        report = self._report = session.report
        self._check = check
        self._troubles = 0
        guard = session.pipeline.guard
        self._number = Number(session.outside, guard.prometheus, colour, report) if guard and guard.prometheus else None
        self._traffic = traffic
        self._servers: list[ServerWatch] = []
        if guard is not None:
            for server in session.pipeline.servers:
                steps = [await_healthy(server, session.pipeline, each) for each in (colour, colour.other)]
                engine = session.engines[str(server)]
                self._servers.append(ServerWatch(str(server), engine, steps[0], steps[1], guard.health))

    @property
    def evidence(self) -> Evidence:
        """The evidence until now."""
        return Evidence(
            traffic=self._traffic.counted if self._traffic else None,
            unseen=[server.name for server in self._servers if not server.seen],
            servers=len(self._servers),
            numberless=self._number is not None and not self._number.given,
        )

    def look(self) -> None:
        """One look at everything. Raises ReleaseRefused, and what `watch` raises."""
        for server in self._servers:
            server.look(self._session.nginx, self.clock, self._report)
        if self._number is not None:
            self._number.look()
        try:
            self._check()
            if self._traffic is not None:
                self._traffic.look()
        except (HostError, NginxError) as error:
            if isinstance(error, LogAbsent) and self._traffic is not None and not self._traffic.begun:
                # Later it may be missing for the moment of a rotation; at first it is the wrong site file.
                raise
            self._troubles += 1
            if self._troubles == 1:
                self._report.line(f"warning: one look of the guard failed: {error.message}")
            if self._troubles >= _TROUBLES:
                raise
        else:
            self._troubles = 0


def check_live(session: Session, colour: Colour) -> None:
    """The colour that bakes has the traffic. Raises NginxError and StateError."""
    lives = set(session.nginx.lives().values())
    if None in lives:
        raise unknown(session, colour)
    if lives != {colour}:
        raise StateError(
            f"{colour.other} became live while {colour} was baking, so its bake is over",
            hint="somebody switched back; the next build puts the rest right",
        )


def unknown(session: Session, colour: Colour) -> NginxError:
    """NGINX does not answer what it serves."""
    return NginxError(
        f"{session.nginx.address}: NGINX does not say which colour it serves, so nobody can tell how {colour} does",
        hint="does NGINX run (systemctl status nginx)? then run the stage again",
    )


@dataclass(slots=True)
class _Traffic:
    """The new colour's requests in the window."""

    log: AccessLogs
    colour: Colour
    baseline: Baseline
    guard: Guard
    report: Report
    counted: Counted
    window: deque[Request] = field(default_factory=deque)
    begun: bool = False
    damaged: bool = False

    def look(self) -> None:
        """Raises ReleaseRefused."""
        # Requests between the switch and the first look count, too.
        look = self.log.look() if self.begun else self.log.recent(self.guard.window)
        self.begun = True
        self.damaged = tell_troubles(look, self.report, told=self.damaged)
        new = [request for request in look.requests if request.colour is self.colour]
        self.window.extend(new)
        oldest = look.time - self.guard.window
        self.window = deque(request for request in self.window if request.time > oldest)
        self.counted = self.counted.and_more(new, self.window)
        reason = judge(self.window, self.baseline, self.guard)
        if reason is not None:
            raise ReleaseRefused(
                f"{self.colour} does badly: in {show_duration(self.guard.window)}, {reason}",
                hint=f"{self.log.path} on the NGINX host has these requests; docs/guard.md says how it is judged",
            )


def tell_troubles(look: Look, report: Report, *, told: bool) -> bool:
    """Report what of the log could not be read. Damage is told once; returns whether it was."""
    if look.skipped:
        report.line(f"warning: the guard skipped {look.skipped:,} bytes of the log: more than one look reads")
    if look.damaged and not told:
        report.line(f"warning: {look.damaged} lines of the log are no requests; the guard leaves such out")
    return told or bool(look.damaged)
