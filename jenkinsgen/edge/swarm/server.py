"""One server of a swarm, looked at through the manager."""

from __future__ import annotations

from typing import TYPE_CHECKING

from jenkinsgen.deploy.engines.swarm.tasks import READY, Node, containers_on, current, end_of, restarts
from jenkinsgen.deploy.observed import Inspected, ServerState
from jenkinsgen.edge.docker.engine import LOG_LINES
from jenkinsgen.errors import HostError, JenkinsgenError

if TYPE_CHECKING:
    from jenkinsgen.deploy.engines.swarm.tasks import Service, Task
    from jenkinsgen.deploy.health import Ended
    from jenkinsgen.edge.swarm.manager import Swarm


class SwarmServer:
    """One server, as a stage asks about it. Methods raise JenkinsgenError when it is no node, or its node is down."""

    def __init__(self, swarm: Swarm, server: str) -> None:
        self._swarm = swarm
        self._server = server

    def state(self, server: str, identity: str) -> ServerState:  # noqa: ARG002 - a manager knows of no images
        node, found = self._node(), self._swarm.found()
        return ServerState(server, tuple(containers_on(node, found.services, found.tasks)), unfit=node.unfit)

    def latest(self, name: str) -> Task | None:
        """The task that a service has there now."""
        return current(self._tasks(name))

    def ended(self, container: str) -> Ended | None:
        return end_of(self._tasks(container))

    def keep_running(self, container: str) -> None:
        """A service is made so."""

    def restarts(self, container: str) -> int:
        return restarts(self._tasks(container))

    def log(self, container: str) -> str:
        """The log of the task that had a container last."""
        task = current([task for task in self._tasks(container) if task.container])
        if task is None:
            return ""
        try:
            raw = self._swarm.task_log(task.id, LOG_LINES)
        except JenkinsgenError:
            return ""
        return raw.decode(errors="replace").rstrip()

    def inspect(self, container: str) -> Inspected | None:
        """The container of a task, by its id; or by the id of a service that has no task there."""
        found = self._swarm.found()
        for service in found.services:
            task = next((task for task in found.tasks if container == task.id and task.service == service.id), None)
            if task is not None:
                return _inspected(service, task, restarts(self._tasks(service.name)))
        return None

    def _tasks(self, name: str) -> list[Task]:
        node, found = self._node(), self._swarm.found()
        ids = {service.id for service in found.services if service.name == name}
        return [task for task in found.tasks if task.service in ids and task.node == node.id]

    def _node(self) -> Node:
        node = self._swarm.nodes()[self._server]
        if not isinstance(node, Node):
            raise node
        if node.state != READY:
            raise HostError(
                f"{self._server}: its node {node.name} is {node.state}, says the swarm",
                hint="is that machine up, its Docker engine running, and port 2377 of the managers reachable from it? "
                "docker node ls, on a manager. It may serve all the same; one that is known to be dead goes out of "
                "servers",
            )
        return node


def _inspected(service: Service, task: Task, restarted: int) -> Inspected:
    return Inspected(
        state=task.state if not task.trouble else f"{task.state}: {task.trouble}",
        exit_code=task.exit_code,
        out_of_memory=False,
        since=task.since,
        restarts=restarted,
        ports=service.ports,
        settings=task.settings,
        restart_policy=task.restart_policy,
        environment=task.environment,
    )
