"""Looks at one container on one server, as a deployment and the bake after it need them."""

from __future__ import annotations

from typing import TYPE_CHECKING

from jenkinsgen.deploy.health import Answer
from jenkinsgen.edge.here import is_here
from jenkinsgen.edge.http import get, get_through
from jenkinsgen.errors import JenkinsgenError
from jenkinsgen.masks import KNOWN
from jenkinsgen.visible import visible

if TYPE_CHECKING:
    from jenkinsgen.deploy.steps import AwaitHealthy
    from jenkinsgen.edge.server_engine import ServerEngine
    from jenkinsgen.edge.ssh import SshHost
    from jenkinsgen.stages.session import Session


def look_at_health(session: Session, step: AwaitHealthy) -> Answer:
    """Ask once, from where the spec says. Raises HostError when that is the NGINX host, and it is gone."""
    return look_from(session.nginx_ssh, step)


def look_from(nginx: SshHost | JenkinsgenError, step: AwaitHealthy) -> Answer:
    """The same, where the NGINX host may not have been reached: raises why, if it is the one to ask."""
    if step.health.origin == "agent":
        if is_here(step.address) and not is_here(step.login):
            return Answer(None, error=f"{step.address} is this very machine, and {step.login} is another one")
        return get(step.address, step.port, step.health.path, step.headers)
    if isinstance(nginx, JenkinsgenError):
        raise nginx
    return get_through(nginx, step.address, step.port, step.health.path, step.headers)


def last_look(step: AwaitHealthy, answer: Answer | None) -> str:
    """The line of a message that says what was asked, and what came back."""
    return f"http://{step.address}:{step.port}{step.health.path}: {answer}" if answer else "not looked at yet"


def end_of_log(engine: ServerEngine, container: str) -> str:
    """The lines of a message that show what a container wrote last."""
    log = KNOWN.hidden(engine.log(container))
    lines = "\n".join(f"    {visible(line)}" for line in log.splitlines()) or "    (it wrote nothing)"
    return f"the end of its log:\n{lines}"
