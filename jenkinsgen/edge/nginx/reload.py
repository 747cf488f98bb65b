"""Mode reload: what is asked before a switch moves anything, and what is seen of it afterwards."""

from __future__ import annotations

from functools import cache
from http import HTTPStatus
from typing import TYPE_CHECKING

from jenkinsgen.edge.ssh.root import as_root
from jenkinsgen.errors import NginxError
from jenkinsgen.nginx.configuration import loaded_files
from jenkinsgen.nginx.prepared import Loaded, doubt_by_answer, doubts_about
from jenkinsgen.nginx.scripts import script
from jenkinsgen.spec.colour import Colour

if TYPE_CHECKING:
    from jenkinsgen.deploy.health import Answer
    from jenkinsgen.edge.nginx.host import NginxHost
    from jenkinsgen.edge.ssh.host import SshHost
    from jenkinsgen.spec.pipeline import Pipeline


def loaded_configuration(host: SshHost, pipeline: Pipeline) -> Loaded:
    """The output of `nginx -T` there, by the right that a reload needs. Raises HostError when the host is gone."""
    _, sudo = as_root(host)
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
        return frozenset(f"{address}:{port}" for address, port in nginx.known(endpoint))

    texts = {colour: nginx.prepared(colour) for colour in Colour}
    doubts = doubts_about(pipeline, texts, loaded_configuration(host, pipeline), resolved, live)
    if live is None:
        return doubts
    # The very question that the proof will ask: what NGINX hides now, it will hide then.
    by_answer = doubt_by_answer(pipeline, nginx.ask_health())
    return (*doubts, by_answer) if by_answer else doubts


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
