"""A swarm as its manager describes it, and what of it is on which server. Pure."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from jenkinsgen.deploy.health import Ended
from jenkinsgen.deploy.observed import Container
from jenkinsgen.deploy.steps.swarm import SWARM_SERVICE
from jenkinsgen.errors import HostError, ImageError, JenkinsgenError, ReleaseRefused, StateError

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

    from jenkinsgen.container.settings import ContainerSettings
    from jenkinsgen.deploy.steps.swarm import AwaitTask
    from jenkinsgen.spec.service import Server

READY, ACTIVE, RUNNING = "ready", "active", "running"
REJECTED = "was rejected by its node"
# A task in one of these had its chance; the swarm makes a new one in its place.
_ENDED = frozenset({"complete", "failed", "rejected", "orphaned"})
_UNPLACED = frozenset({"new", "allocated", "pending"})


@dataclass(frozen=True, slots=True)
class Node:
    """An engine that belongs to the swarm."""

    id: str
    name: str
    """The host name of its machine; nothing keeps two from having the same."""
    addresses: frozenset[str]
    state: str
    """`ready`, or `down`, `unknown`, `disconnected`."""
    availability: str
    """`active`; `pause` takes no new tasks, `drain` keeps none."""

    @property
    def unfit(self) -> str:
        """Why nothing new can start there."""
        if self.availability == ACTIVE:
            return ""
        return (
            f"its node takes no tasks (availability {self.availability}): "
            f"docker node update --availability active {self.name}"
        )


@dataclass(frozen=True, slots=True)
class Service:
    """A service, ours or not."""

    id: str
    name: str
    labels: dict[str, str]
    ports: dict[int, tuple[int, ...]]
    """The ports inside -> those of a node that has a task of it."""
    mesh_ports: tuple[int, ...]
    """Published on every node, by the routing mesh."""

    @property
    def host_ports(self) -> tuple[int, ...]:
        """Published on the nodes of its tasks."""
        return tuple(port for outside in self.ports.values() for port in outside)


@dataclass(frozen=True, slots=True)
class Task:
    """One try of a service on one node. What ended stays in the list for a while, beside what replaced it."""

    id: str
    service: str
    node: str
    """Empty as long as it has none."""
    state: str
    wanted: str
    """The state that the swarm wants: `ready` waits for its turn, `shutdown` and `remove` are on their way out."""
    trouble: str
    """Its error; empty when it has none."""
    created: str
    """Sorts as time does."""
    since: int
    """When it came to this state: seconds since 1970."""
    image: str
    labels: dict[str, str]
    container: str
    """The id of its container; empty before it had one."""
    exit_code: int
    settings: ContainerSettings
    restart_policy: str
    environment: dict[str, str] = field(repr=False)

    @property
    def placed(self) -> bool:
        """Has its node been told of it?"""
        return self.state not in _UNPLACED

    @property
    def running(self) -> bool:
        return self.state == RUNNING and self.wanted == RUNNING

    @property
    def ended(self) -> bool:
        return self.state in _ENDED


def nodes_of(
    servers: Sequence[Server], nodes: Sequence[Node], resolved: Mapping[str, frozenset[str]]
) -> dict[str, Node | JenkinsgenError]:
    """Which node each server is: by its address, or by its host name. `resolved` has the addresses of names."""
    found = {str(server): _node_of(server, nodes, resolved) for server in servers}
    return {name: _alone(name, node, found) for name, node in found.items()}


def _alone(
    name: str, node: Node | JenkinsgenError, found: Mapping[str, Node | JenkinsgenError]
) -> Node | JenkinsgenError:
    others = [other for other, each in found.items() if other != name and each == node]
    if isinstance(node, JenkinsgenError) or not others:
        return node
    return StateError(
        f"{name}: the node {node.name} is {others[0]}, too", hint="each of servers has to be another node of the swarm"
    )


def _node_of(server: Server, nodes: Sequence[Node], resolved: Mapping[str, frozenset[str]]) -> Node | JenkinsgenError:
    addresses = resolved.get(server.upstream, frozenset()) | {server.upstream}
    names = {server.upstream, server.upstream.partition(".")[0], server.ssh.name, server.ssh.name.partition(".")[0]}
    matching = [node for node in nodes if node.addresses & addresses] or [node for node in nodes if node.name in names]
    # A node that left and came back has a new id; its old entry stays in the list as down, until a person removes it.
    ready = [node for node in matching if node.state == READY]
    if len(ready or matching) == 1:
        return (ready or matching)[0]
    known = ", ".join(f"{node.name} ({', '.join(sorted(node.addresses)) or 'no address'})" for node in nodes)
    what = "more than one node" if matching else "no node"
    return StateError(
        f"{server}: {what} of the swarm has its address or name; there are {known}",
        hint="servers names nodes by the address or the host name that docker node ls --format and inspect show",
    )


def current(tasks: Sequence[Task]) -> Task | None:
    """The task that counts among those of one service on one node: the newest."""
    return max(tasks, key=lambda task: task.created, default=None)


def end_of(tasks: Sequence[Task]) -> Ended | None:
    """How a colour ended on a node; None while it runs, or is on its way to that for the first time."""
    latest = current(tasks)
    if latest is None or latest.running:
        return None
    ended = current([task for task in tasks if task.ended])
    if ended is None:
        return None
    if ended.state == "complete":
        return Ended(ended.exit_code, out_of_memory=False)
    how = REJECTED if ended.state == "rejected" else ended.state
    return Ended(ended.exit_code, out_of_memory=False, said=f"{how}: {ended.trouble or 'the swarm does not say why'}")


def restarts(tasks: Sequence[Task]) -> int:
    """How often another task had to take the place of one that ended, as far as the swarm remembers."""
    latest = current(tasks)
    return sum(1 for task in tasks if task.ended and task is not latest)


def containers_on(node: Node, services: Sequence[Service], tasks: Sequence[Task]) -> Iterator[Container]:
    """The containers of these services on a server, as if its own engine had been asked.

    A service without a task there counts as a container that does not run: one of ours has to go, too, and the name
    of another's is taken.
    """
    for service in services:
        latest = current([task for task in tasks if task.service == service.id and task.node == node.id])
        labels = {**(latest.labels if latest else {}), **service.labels, SWARM_SERVICE: service.id}
        # A node that ended without a word leaves its tasks as they were.
        running = latest is not None and latest.running and node.state == READY
        yield Container(
            id=latest.id if latest else service.id,
            name=service.name,
            labels=labels,
            # The routing mesh listens everywhere, task or not.
            running=running or bool(service.mesh_ports),
            host_ports=(*(service.host_ports if running else ()), *service.mesh_ports),
            image=latest.image if latest else "",
        )


def never_ran(server: str, step: AwaitTask, ended: Ended) -> JenkinsgenError:
    """The error when a node could not even start its task, or the task ended at once."""
    message, said = f"{server}: the task of {step.service} {ended}", ended.said.lower()
    if "no such image" in said:
        return ImageError(
            message,
            hint="that node could not pull it: does it reach and trust the registry, and is image.pull_credential or "
            "image.credential set? try there: docker pull; its engine's log has the reason (journalctl -u docker)",
        )
    if any(sign in said for sign in ("port is already allocated", "address already in use", "host-mode port")):
        return HostError(
            message,
            hint=f"who has port {step.port} there? docker ps --filter publish={step.port}, or as root ss -ltnp; it may "
            "be what serves now, and another port in service.ports leaves it alone",
        )
    if "bind source path does not exist" in said:
        return HostError(message, hint="make that folder on the node: unlike docker run, a swarm does not make it")
    if said.startswith(REJECTED):
        return HostError(message, hint=f"on the manager: docker service ps --no-trunc {step.service}")
    return ReleaseRefused(
        message, hint="the log above says why it ended; is an environment variable or a volume missing?"
    )
