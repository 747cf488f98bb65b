"""Several NGINX hosts: a holder of the lease first makes them agree on the live colour."""

from __future__ import annotations

from typing import TYPE_CHECKING

from jenkinsgen.deploy.nginx_hosts import strayed
from jenkinsgen.deploy.steps import NGINX
from jenkinsgen.errors import StateError
from jenkinsgen.nginx.site import flag_folder

if TYPE_CHECKING:
    from collections.abc import Mapping

    from jenkinsgen.spec.colour import Colour
    from jenkinsgen.stages.context.transaction import Transaction

IN_STEP = "put in step"


def put_in_step(work: Transaction, *, urgent: bool) -> None:
    """A build that was killed, or a person, may have moved the flag on one host and not on another.

    Both colours run then. The first host is the one that counts, so the others follow it. Raises NginxError; StateError
    when its colour does not answer there, because then the first host is the wrong one. An `urgent` command goes on
    with the hosts as they are: its own work may put them right.
    """
    nginx = work.session.nginx
    if nginx.count == 1 or work.pipeline.nginx.mode == "reload":
        return
    _batches(work)
    lives = nginx.lives()
    live, others = lives[NGINX], strayed(lives)
    if live is None or not others:
        return
    if not nginx.leader_answers():
        _refuse(work, live, others, urgent=urgent)
        return
    work.set_flag(live)
    those = ", ".join(f"{colour} was on {name}" for name, colour in others.items())
    said = f"{live} is live on all NGINX hosts; until now {those}"
    work.tell(IN_STEP, said)
    work.report.line(said)


def _batches(work: Transaction) -> None:
    """A batch that is out on some of the hosts was whole when they were told, so it may be in the traffic of all."""
    if not work.batch_out:
        return
    outs = {each for each in work.session.nginx.outs().values() if each is not None}
    if len(outs) > 1:
        work.set_out(0)
        said = "all servers are in the traffic of all NGINX hosts; until now a batch was out on some of them"
        work.tell(IN_STEP, said)
        work.report.line(said)


def _refuse(work: Transaction, live: Colour, others: Mapping[str, Colour], *, urgent: bool) -> None:
    """The flag of the first host may be lost: what the others serve could be all that still runs."""
    those = ", ".join(f"{colour} is on {name}" for name, colour in others.items())
    address, flag = work.session.nginx.address, f"{flag_folder(work.pipeline)}/blue"
    said = f"{address} gives the traffic to {live}, which does not answer there; {those}, so the hosts stay apart"
    if not urgent:
        mend = f"rm {flag}" if live == "blue" else f"touch {flag}"
        raise StateError(
            said, hint=f"if the other colour is right, then on {address}: {mend}; else: jenkinsgen rollback"
        )
    work.report.line(f"warning: {said}")
