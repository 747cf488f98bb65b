"""Waiting for a container to be healthy; or the reason why the release is refused."""

from __future__ import annotations

from typing import TYPE_CHECKING

from jenkinsgen.deploy.health import Looks, advice, verdict
from jenkinsgen.errors import ReleaseRefused
from jenkinsgen.stages.watch.looks import end_of_log, last_look

if TYPE_CHECKING:
    from jenkinsgen.deploy.health import Ended
    from jenkinsgen.deploy.run import Cancellation
    from jenkinsgen.deploy.steps import AwaitHealthy
    from jenkinsgen.stages.context.transaction import Transaction


def await_healthy(work: Transaction, host: str, step: AwaitHealthy, cancellation: Cancellation) -> None:
    """Look until it was healthy as often in a row as the spec asks. Raises ReleaseRefused, HostError, Cancelled."""
    session, health = work.session, step.health
    engine = session.engines[host]
    end = session.clock.now() + health.timeout
    looks = Looks()
    while looks.in_a_row < health.successes:
        ended = engine.ended(step.container)
        if ended is not None:
            raise _refused(work, host, step, looks, ended)
        looks.add(session.nginx.look(step))
        if looks.in_a_row < health.successes:
            if session.clock.now() + health.interval > end:
                raise _refused(work, host, step, looks, None)
            cancellation.sleep(health.interval)
    # It was waited for, and meanwhile another process may have taken over.
    work.check()
    engine.keep_running(step.container)


def _refused(work: Transaction, host: str, step: AwaitHealthy, looks: Looks, ended: Ended | None) -> ReleaseRefused:
    # A process that took over may have removed the container: then the release is not to blame.
    work.check()
    engine = work.session.engines[host]
    return ReleaseRefused(
        f"{host}: {step.container} {verdict(step, looks, ended)}\n  last look: {last_look(step, looks.last)}\n"
        f"  {end_of_log(engine, step.container)}",
        hint=advice(step, looks, ended),
    )
