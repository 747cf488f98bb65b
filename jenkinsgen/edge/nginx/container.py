"""The container that NGINX runs in, on its host."""

from __future__ import annotations

from typing import TYPE_CHECKING

from jenkinsgen.errors import NginxError
from jenkinsgen.facts import Facts, read_facts
from jenkinsgen.nginx.container import container_problems, shared_paths
from jenkinsgen.nginx.scripts import script

if TYPE_CHECKING:
    from jenkinsgen.edge.ssh.host import SshHost
    from jenkinsgen.spec.pipeline import Pipeline

LOOK_SECONDS = 30.0


def look_at_container(host: SshHost, pipeline: Pipeline) -> Facts:
    """The facts of observe_container.sh; none where the spec names no container. Raises HostError."""
    if pipeline.nginx.container is None:
        return {}
    text = script("container.sh", "observe_container.sh")
    command = ["sh", "-c", text, "sh", pipeline.nginx.container, *shared_paths(pipeline)]
    # `sh` gives the right, as for all that needs root here. Without it the group docker shows most of it.
    done = host.run(["sudo", "-n", *command], seconds=LOOK_SECONDS)
    return read_facts(done.output if done.exit_code == 0 else host.check(command, seconds=LOOK_SECONDS))


def check_container(host: SshHost, pipeline: Pipeline) -> None:
    """Why NGINX does not do what it should, where its container is the reason. Raises NginxError and HostError."""
    facts = look_at_container(host, pipeline)
    for problem in container_problems(pipeline.nginx.container or "", facts) if facts else ():
        raise NginxError(f"{host.address}: {problem.what}", hint=problem.remedy)
