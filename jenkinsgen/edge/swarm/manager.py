"""A Docker Swarm, asked and changed through one of its managers."""

from __future__ import annotations

import ipaddress
import time
from contextlib import suppress
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, TypeVar

import docker.auth

from jenkinsgen.deploy.container import container_name
from jenkinsgen.deploy.engines.swarm.tasks import READY, Node, Service, Task, nodes_of
from jenkinsgen.deploy.observed import SERVICE
from jenkinsgen.edge.docker.connect import remote_engine
from jenkinsgen.edge.docker.engine import Gone
from jenkinsgen.edge.docker.look import ask_registry
from jenkinsgen.edge.docker.read import read_membership
from jenkinsgen.edge.docker.shape import listed
from jenkinsgen.edge.docker.stream import unframed
from jenkinsgen.edge.fresh import Fresh
from jenkinsgen.edge.swarm.read import labelled, node_of, read_node, read_node_spec, read_service, read_task, service_of
from jenkinsgen.edge.swarm.spec import service_spec
from jenkinsgen.errors import HostError, ImageError, StateError
from jenkinsgen.parallel import in_parallel
from jenkinsgen.spec.colour import Colour

if TYPE_CHECKING:
    from collections.abc import Callable

    from jenkinsgen.deploy.steps.swarm import CreateService, LabelNodes, RemoveService
    from jenkinsgen.edge.docker.engine import Engine
    from jenkinsgen.edge.docker.images import Registry
    from jenkinsgen.edge.ssh.host import SshHost
    from jenkinsgen.errors import JenkinsgenError
    from jenkinsgen.spec.pipeline import Pipeline

T = TypeVar("T")

# All servers ask at the same time, and each as often as its health is looked at.
_TASKS_SECONDS, _NODES_SECONDS = 0.5, 2.0
_POLL_SECONDS = 0.2
# Beyond the grace, for the manager to hear of the end.
_LEAVING_SECONDS = 30.0
_LABEL_TRIES = 5
_NO_LOGIN = "nodes have no login of their own: name a credential, image.pull_credential or image.credential"


@dataclass(frozen=True, slots=True)
class Found:
    """The services that matter to a spec, and all their tasks."""

    services: tuple[Service, ...]
    tasks: tuple[Task, ...]


class Swarm:
    """A swarm, as the stages ask and change it. Methods raise HostError when the manager does not answer."""

    def __init__(self, manager: SshHost, engine: Engine, pipeline: Pipeline) -> None:
        self._host = manager
        self.engine = engine
        self._pipeline = pipeline
        self._name = str(manager.address)
        self._names = frozenset(container_name(pipeline, colour) for colour in Colour)
        self._found = Fresh(self._look, _TASKS_SECONDS)
        self._nodes = Fresh(self._look_at_nodes, _NODES_SECONDS)
        self._resolved = self._resolve()

    def nodes(self) -> dict[str, Node | JenkinsgenError]:
        """Server -> its node, or why it has none."""
        return nodes_of(self._pipeline.servers, self._nodes.get(), self._resolved)

    def found(self) -> Found:
        """The services and tasks that are there now; at most half a second old."""
        return self._found.get()

    def find_image(self, reference: str, registry: Registry) -> None:
        """Raises ImageError. The registry is not asked for an image that lies on the manager: the nodes had it, too."""
        if self.engine.has(reference):
            return
        answer = ask_registry(self.engine, reference, registry)
        if answer.said:
            # A login on the nodes would not help: a swarm pulls with what a client sends.
            hint = _NO_LOGIN if registry is None and answer.wants_login else answer.hint
            raise ImageError(f"{self._name}: {reference} cannot be pulled: {answer.said}", hint=hint)

    def label_nodes(self, step: LabelNodes) -> None:
        """Raises StateError when another program changes a node again and again."""
        wanted = {node.id for name, node in self.nodes().items() if name in step.servers and isinstance(node, Node)}
        in_parallel(
            lambda node: self._label(node.id, step.label, there=node.id in wanted),
            {node.id: node for node in self._nodes.get()},
        )

    def _label(self, node: str, label: str, *, there: bool) -> None:
        for _ in range(_LABEL_TRIES):
            found = self._ask(f"inspect the node {node}", lambda api: api.inspect_node(node), read_node_spec)
            if (label in found.labels) == there:
                return
            labels = {name: value for name, value in found.labels.items() if name != label}
            changed = {**found.spec, "Labels": {**labels, label: "true"} if there else labels}
            try:
                self._ask(
                    f"label the node {node}",
                    lambda api: api.update_node(node, found.version, changed),  # noqa: B023 - at once
                )
            except HostError as error:
                if "out of sequence" not in error.message:
                    raise
                # Another program changed the node meanwhile.
                time.sleep(_POLL_SECONDS)
            else:
                return
        raise StateError(f"{self._name}: the node {node} is changed by somebody else all the time", hint="try again")

    def create(self, step: CreateService, secrets: dict[str, str], registry: Registry) -> None:
        """The manager hands the registry's login on to the nodes that pull."""
        headers = {"X-Registry-Auth": docker.auth.encode_header(registry)} if registry else {}
        body = service_spec(step, secrets)

        def question(api: Any) -> None:
            # The SDK's create_service knows logins from files alone.
            url = f"{api.base_url}/v{api.api_version}/services/create"
            api.post(url, json=body, headers=headers, timeout=api.timeout)

        self._ask(f"create the service {step.task.name}", question)
        self._found.forget()

    def remove(self, step: RemoveService, sleep: Callable[[float], None]) -> None:
        """Remove a service, and wait for the end of its tasks. No error when it is not there."""
        self._remove(step.id, step.name, step.grace, sleep)

    def remove_started(self, label: str, value: str, name: str, grace: float, sleep: Callable[[float], None]) -> None:
        """Remove the services that have this label, and wait for the end of their tasks."""
        found = self._ask(
            f"list the services with the label {label}",
            lambda api: api.services(filters={"label": f"{label}={value}"}),
            lambda answer: [service for each in listed(answer) if (service := labelled(each, label, value))],
        )
        for service in found:
            self._remove(service, name, grace, sleep)

    def _remove(self, service: str, name: str, grace: float, sleep: Callable[[float], None]) -> None:
        with suppress(Gone):
            self._ask(f"remove the service {name}", lambda api: api.remove_service(service))
        end = time.monotonic() + grace + _LEAVING_SECONDS
        while left := self._tasks_left(service, name):
            if time.monotonic() > end:
                raise HostError(
                    f"{self._name}: {len(left)} tasks of {name} have not ended {_LEAVING_SECONDS:.0f} s after their "
                    f"grace, on {', '.join(left)}",
                    hint="do those nodes work? docker node ls; then run the stage again",
                )
            sleep(_POLL_SECONDS)
        self._found.forget()

    def _tasks_left(self, service: str, name: str) -> list[str]:
        """The nodes where it still has one. A node that is down says nothing; it ends them when it comes back."""
        nodes = {node.id: node.name for node in self._nodes.get() if node.state == READY}
        found = self._ask(
            f"list the tasks of {name}",
            lambda api: api.tasks(filters={"name": name}),
            lambda answer: [node_of(each) for each in listed(answer) if service_of(each) == service],
        )
        return sorted({nodes[node] for node in found if node in nodes})

    def _ask(self, what: str, question: Callable[[Any], Any], read: Callable[[Any], T] = lambda answer: answer) -> T:
        """Ask the manager's engine, as Engine.ask does."""
        return self.engine.ask(what, question, read)

    def task_log(self, task: str, lines: int) -> bytes:
        """The last lines; the manager gets them from the node."""

        def question(api: Any) -> bytes:
            url = f"{api.base_url}/v{api.api_version}/tasks/{task}/logs"
            answer = api.get(url, params={"stdout": 1, "stderr": 1, "tail": lines}, timeout=api.timeout)
            return b"".join(unframed([answer.content]))

        return self._ask(f"read the log of the task {task}", question)

    def _look(self) -> Found:
        found = self._ask("list the services", lambda api: api.services(), _all(read_service))
        services = tuple(each for each in found if self._matters(each))
        names, ids = [each.name for each in services], {each.id for each in services}
        if not names:
            return Found((), ())
        # The filter takes beginnings of names, so there are others among them.
        tasks = self._ask(
            "list the tasks",
            lambda api: api.tasks(filters={"name": names}),
            lambda answer: tuple(read_task(each) for each in listed(answer) if service_of(each) in ids),
        )
        return Found(services, tasks)

    def _matters(self, service: Service) -> bool:
        """It is ours, or in our way."""
        ports = self._pipeline.service.ports
        return (
            service.labels.get(SERVICE) == self._pipeline.identity
            or service.name in self._names
            or bool({ports.green, ports.blue} & {*service.host_ports, *service.mesh_ports})
        )

    def _look_at_nodes(self) -> tuple[Node, ...]:
        return self._ask("list the nodes", lambda api: api.nodes(), _all(read_node))

    def _resolve(self) -> dict[str, frozenset[str]]:
        """The addresses of the servers' names, as the manager knows them."""
        names = sorted({server.upstream for server in self._pipeline.servers if not _is_address(server.upstream)})
        if not names:
            return {}
        script = 'for name do getent ahosts "$name" | while read -r address rest; do echo "$name $address"; done; done'
        found: dict[str, frozenset[str]] = {}
        for line in self._host.check(["sh", "-c", script, "sh", *names]).splitlines():
            name, _, address = line.partition(" ")
            found[name] = found.get(name, frozenset()) | {address}
        return found


def open_swarm(manager: SshHost, pipeline: Pipeline) -> Swarm:
    """Raises HostError when the engine cannot be used, StateError when it is no manager."""
    engine = remote_engine(manager)
    state, is_manager = engine.ask("tell of its swarm", lambda api: api.info(), read_membership)
    if state != "active":
        raise StateError(
            f"{manager.address}: its engine belongs to no swarm ({state})",
            hint="on that host: docker swarm init --advertise-addr ADDRESS (docs/swarm.md)",
        )
    if not is_manager:
        raise StateError(
            f"{manager.address}: it belongs to a swarm, but is no manager of it",
            hint="name one as swarm.manager; docker node ls, on a manager, shows them",
        )
    return Swarm(manager, engine, pipeline)


def _all(read: Callable[[Any], T]) -> Callable[[Any], tuple[T, ...]]:
    return lambda answer: tuple(read(each) for each in listed(answer))


def _is_address(name: str) -> bool:
    try:
        ipaddress.ip_address(name)
    except ValueError:
        return False
    return True
