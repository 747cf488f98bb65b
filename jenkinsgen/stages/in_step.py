"""Several NGINX hosts: whoever holds the lease finds them in step, or puts them in step first."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from jenkinsgen.report import Report
    from jenkinsgen.stages.session import Session
    from jenkinsgen.stages.transaction import Transaction

IN_STEP = "put in step"


def put_in_step(session: Session, work: Transaction, report: Report) -> None:
    """A build that was killed, or a person, may have moved the flag on one host and not on another.

    Both colours run then. The first host is the one that counts, so the others follow it. Raises NginxError.
    """
    if len(session.front) == 1 or session.pipeline.nginx.mode == "reload":
        return
    leading, *others = session.nginx.lives().items()
    live = leading[1]
    strayed = {name: colour for name, colour in others if colour not in (None, live)}
    if live is None or not strayed:
        return
    work.set_flag(live)
    said = f"{live} is live on all NGINX hosts; until now {', '.join(f'{c} was on {n}' for n, c in strayed.items())}"
    work.tell(IN_STEP, said)
    report.line(said)
