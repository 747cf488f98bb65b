"""Whether the NGINX host reaches the servers, asked by that host itself: no agent can tell what NGINX reaches."""

from __future__ import annotations

import time
from typing import TYPE_CHECKING

from jenkinsgen.edge.http import get_through
from jenkinsgen.errors import HostError, NginxError, Unproven
from jenkinsgen.nginx.passed_on import passed_on
from jenkinsgen.parallel import in_parallel

if TYPE_CHECKING:
    from collections.abc import Callable

    from jenkinsgen.deploy.health import Answer
    from jenkinsgen.deploy.steps import ProveReachable
    from jenkinsgen.edge.ssh.host import SshHost
    from jenkinsgen.spec.pipeline import Pipeline

REACH_SECONDS = 10.0
_PAUSE = 0.1


def prove_reachable(host: SshHost, pipeline: Pipeline, step: ProveReachable) -> str:
    """Return, when every upstream has answered this host healthily, what was seen.

    Raises NginxError when one does not, and Unproven when sshd forbids the look.
    """
    path, headers = pipeline.service.health.path, passed_on(pipeline)

    def ask(upstream: str) -> Answer:
        name, _, port = upstream.rpartition(":")
        try:
            return _until_healthy(lambda: get_through(host, name.strip("[]"), int(port), path, headers))
        except HostError as error:
            raise Unproven(
                f"{host.address}: whether NGINX reaches {upstream} cannot be told: {error.message}", hint=error.hint
            ) from error

    answers = in_parallel(ask, {upstream: upstream for upstream in step.upstreams})
    ill = {upstream: answer for upstream, answer in answers.items() if not answer.healthy}
    if ill:
        those = "; ".join(f"{upstream}: {answer}" for upstream, answer in ill.items())
        raise NginxError(
            f"{host.address}: not every server of {step.colour} answered this host healthily within "
            f"{REACH_SECONDS:.0f} s, so nothing was switched: {those}",
            hint="no answer: may the NGINX host connect to that port (a firewall, a security group)? A status: the "
            "container's log (jenkinsgen logs)",
        )
    return "every server answered the NGINX host"


def _until_healthy(ask: Callable[[], Answer]) -> Answer:
    end = time.monotonic() + REACH_SECONDS
    while True:
        answer = ask()
        if answer.healthy or time.monotonic() > end:
            return answer
        time.sleep(_PAUSE)
