"""Looks at one container on one server, as a deployment and the bake after it need them."""

from __future__ import annotations

from typing import TYPE_CHECKING

from jenkinsgen.deploy.health import Answer, occupied
from jenkinsgen.edge.here import is_here
from jenkinsgen.edge.http import REQUEST_SECONDS, get, get_through
from jenkinsgen.errors import JenkinsgenError
from jenkinsgen.masks import KNOWN
from jenkinsgen.visible import visible

if TYPE_CHECKING:
    from jenkinsgen.deploy.steps import AwaitHealthy, ProveVacant
    from jenkinsgen.edge.server_engine import ServerEngine
    from jenkinsgen.edge.ssh.host import SshHost
    from jenkinsgen.stages.context.session import Session


_VACANT_SECONDS = 1.0
"""For connecting, where nobody is expected: a firewall that says nothing may not make deployments slow."""


def refuse_answer(session: Session, host: str, step: ProveVacant) -> None:
    """Raises StateError when somebody answers healthily where the new container will be asked."""
    answer = look_from(session.nginx_ssh, step.look, connect_seconds=_VACANT_SECONDS)
    if answer.healthy:
        raise occupied(host, step.look, answer)


def look_at_health(session: Session, step: AwaitHealthy) -> Answer:
    """Ask once, from where the spec says. Raises HostError when that is the NGINX host, and it is gone."""
    return look_from(session.nginx_ssh, step)


def look_from(
    nginx: SshHost | JenkinsgenError, step: AwaitHealthy, *, connect_seconds: float = REQUEST_SECONDS
) -> Answer:
    """The same, where the NGINX host may not have been reached: raises why, if it is the one to ask."""
    if step.health.origin == "agent":
        if is_here(step.address) and not is_here(step.login):
            return Answer(None, error=f"{step.address} is this very machine, and {step.login} is another one")
        return get(step.address, step.port, step.health.path, step.headers, connect_seconds=connect_seconds)
    if isinstance(nginx, JenkinsgenError):
        raise nginx
    return get_through(nginx, step.address, step.port, step.health.path, step.headers, connect_seconds=connect_seconds)


def last_look(step: AwaitHealthy, answer: Answer | None) -> str:
    """The line of a message that says what was asked, and what came back."""
    return f"http://{step.address}:{step.port}{step.health.path}: {answer}" if answer else "not looked at yet"


def end_of_log(engine: ServerEngine, container: str) -> str:
    """The lines of a message that show what a container wrote last."""
    log = KNOWN.hidden(engine.log(container))
    lines = "\n".join(f"    {visible(line)}" for line in log.splitlines()) or "    (it wrote nothing)"
    return f"the end of its log:\n{lines}"
