"""One look at a container's health path, from where the spec says: the agent, or the NGINX host."""

from __future__ import annotations

from typing import TYPE_CHECKING

from jenkinsgen.deploy.health import Answer
from jenkinsgen.edge.here import is_here
from jenkinsgen.edge.http import REQUEST_SECONDS, get, get_through
from jenkinsgen.errors import JenkinsgenError

if TYPE_CHECKING:
    from jenkinsgen.deploy.steps import AwaitHealthy
    from jenkinsgen.edge.ssh.host import SshHost


def look_from(
    nginx: SshHost | JenkinsgenError, step: AwaitHealthy, *, connect_seconds: float = REQUEST_SECONDS
) -> Answer:
    """Ask once. Where the NGINX host may not have been reached: raises why, if it is the one to ask."""
    if step.health.origin == "agent":
        if is_here(step.address) and not is_here(step.login):
            return Answer(None, error=f"{step.address} is this very machine, and {step.login} is another one")
        return get(step.address, step.port, step.health.path, step.headers, connect_seconds=connect_seconds)
    if isinstance(nginx, JenkinsgenError):
        raise nginx
    return get_through(nginx, step.address, step.port, step.health.path, step.headers, connect_seconds=connect_seconds)
