"""Mode reload: what is asked before a switch moves anything, and what is seen of it afterwards."""

from __future__ import annotations

import time
from functools import cache
from http import HTTPStatus
from typing import TYPE_CHECKING

from jenkinsgen.edge.http import get_through
from jenkinsgen.errors import HostError, NginxError, Unproven
from jenkinsgen.nginx.configuration import loaded_files
from jenkinsgen.nginx.passed_on import passed_on
from jenkinsgen.nginx.prepared import Loaded, doubt_by_answer, doubts_about
from jenkinsgen.nginx.scripts import script
from jenkinsgen.parallel import in_parallel
from jenkinsgen.spec.colour import Colour

if TYPE_CHECKING:
    from collections.abc import Callable

    from jenkinsgen.deploy.health import Answer
    from jenkinsgen.deploy.steps import ProveReachable
    from jenkinsgen.edge.nginx_host import NginxHost
    from jenkinsgen.edge.ssh import SshHost
    from jenkinsgen.spec.pipeline import Pipeline

REACH_SECONDS = 10.0
_PAUSE = 0.1


def loaded_configuration(host: SshHost, pipeline: Pipeline) -> Loaded:
    """What `nginx -T` prints there, by the right that a reload needs. Raises HostError when the host is gone."""
    sudo = [] if host.check(["id", "-u"]).strip() == "0" else ["sudo", "-n"]
    text = script("container.sh", "dump.sh")
    done = host.run([*sudo, "sh", "-c", text, "sh", pipeline.nginx.container or ""])
    if done.exit_code != 0:
        said = (done.errors or done.output).strip().splitlines()
        return Loaded({}, said[-1] if said else f"nginx -T ended with {done.exit_code}")
    return Loaded(loaded_files(done.output))


def look_for_doubts(nginx: NginxHost, host: SshHost, pipeline: Pipeline, live: Colour | None) -> tuple[str, ...]:
    """Why a switch could not be proven, asked before anything moves. Raises HostError, NginxError."""

    @cache
    def resolved(endpoint: str) -> frozenset[str]:
        return frozenset(f"{address} {port}" for address, port in nginx.remotes([endpoint]))

    texts = {colour: nginx.prepared(colour) for colour in Colour}
    doubts = doubts_about(pipeline, texts, loaded_configuration(host, pipeline), resolved, live)
    if live is None:
        return doubts
    # The very question that the proof will ask: what NGINX hides now, it will hide then.
    by_answer = doubt_by_answer(pipeline, nginx.ask_health())
    return (*doubts, by_answer) if by_answer else doubts


def prove_reachable(host: SshHost, pipeline: Pipeline, step: ProveReachable) -> str:
    """Return when every upstream has answered this host healthily: no agent can tell what NGINX reaches.

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


def prove_by_health(host: SshHost, pipeline: Pipeline, answer: Answer, *, lenient: bool) -> str:
    """After the reload NGINX still answers for the service; `lenient`: with anything but its own failure.

    It does not tell the colours apart: that is what was looked at before. Raises NginxError.
    """
    asked = f"{pipeline.nginx.host_header}{pipeline.service.health.path}"
    own = lenient and answer.status is not None and answer.status < HTTPStatus.INTERNAL_SERVER_ERROR
    if not answer.healthy and not own:
        raise NginxError(
            f"{host.address}: NGINX answers {asked} with {answer}",
            hint="5xx: does the release answer badly, or NGINX not reach it (its error log)? Another status: does the "
            "prepared file lead that path to the application?",
        )
    return f"NGINX answers {asked} with status {answer.status}"
