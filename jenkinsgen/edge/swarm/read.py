"""A manager's JSON as data. All functions raise ValueError for a shape that is not the API's."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from jenkinsgen.container.settings import read_task_spec
from jenkinsgen.deploy.engines.swarm.tasks import Node, Service, Task
from jenkinsgen.edge.docker.shape import LabelMap, Line, Lines, Moment, Number, Shape, parsed, seconds_of, variables_of

_NANO = 1e9
# A manager may know itself by no better address.
_ANY_ADDRESS = "0.0.0.0"  # noqa: S104 - it is never listened at


class _NodeStatus(Shape):
    State: str
    Addr: Line = ""


class _ManagerStatus(Shape):
    Addr: Line = ""


class _Description(Shape):
    Hostname: str


class _NodeSpec(Shape):
    Availability: str
    Labels: LabelMap = {}


class _Node(Shape):
    ID: str
    Status: _NodeStatus
    ManagerStatus: _ManagerStatus | None = None
    Description: _Description
    Spec: _NodeSpec


def read_node(found: Any) -> Node:
    """Parse a node of `GET /nodes`."""
    node = parsed(_Node, found)
    # `192.0.2.11:2377`, `[2001:db8::11]:2377`
    manager = node.ManagerStatus.Addr.rpartition(":")[0].strip("[]") if node.ManagerStatus else ""
    return Node(
        id=node.ID,
        name=node.Description.Hostname,
        addresses=frozenset({node.Status.Addr, manager} - {"", _ANY_ADDRESS}),
        state=node.Status.State,
        availability=node.Spec.Availability,
    )


class _Version(Shape):
    Index: Number


class _Versioned(Shape):
    Version: _Version
    Spec: dict[str, Any]


@dataclass(frozen=True, slots=True)
class NodeSpec:
    """The part of a node that can be changed, and the number that says which state of it was seen."""

    version: int
    spec: dict[str, Any]
    labels: dict[str, str]


def read_node_spec(found: Any) -> NodeSpec:
    """Parse the answer of `GET /nodes/ID`."""
    node = parsed(_Versioned, found)
    return NodeSpec(node.Version.Index, node.Spec, parsed(_NodeSpec, node.Spec).Labels)


class _Port(Shape):
    TargetPort: Number = 0
    PublishedPort: Number = 0
    PublishMode: Line = ""


class _Endpoint(Shape):
    Ports: list[_Port] | None = None


class _ServiceSpec(Shape):
    Name: str
    Labels: LabelMap = {}
    EndpointSpec: _Endpoint | None = None


class _Service(Shape):
    ID: str
    Spec: _ServiceSpec
    Endpoint: _Endpoint | None = None


def read_service(found: Any) -> Service:
    """Parse a service of `GET /services`."""
    service = parsed(_Service, found)
    mesh, ports = set[int](), dict[int, tuple[int, ...]]()
    # The spec does not have the ports that the routing mesh chose by itself.
    given = (service.Endpoint and service.Endpoint.Ports) or (
        service.Spec.EndpointSpec and service.Spec.EndpointSpec.Ports
    )
    for port in given or []:
        inside, outside = port.TargetPort, port.PublishedPort
        if outside and port.PublishMode == "host":
            ports[inside] = (*ports.get(inside, ()), outside)
        elif outside:
            mesh.add(outside)
    return Service(service.ID, service.Spec.Name, service.Spec.Labels, ports, tuple(sorted(mesh)))


class _ContainerSpec(Shape):
    Image: str
    Labels: LabelMap = {}
    Env: Lines = []


class _RestartPolicy(Shape):
    Condition: Line = ""


class _TaskSpec(Shape):
    ContainerSpec: _ContainerSpec
    RestartPolicy: _RestartPolicy | None = None


class _ContainerStatus(Shape):
    ContainerID: Line = ""
    ExitCode: Number = 0


class _TaskStatus(Shape):
    State: str
    Timestamp: Moment
    Err: Line = ""
    ContainerStatus: _ContainerStatus | None = None


class _Task(Shape):
    ID: str
    ServiceID: str
    NodeID: Line = ""
    DesiredState: str
    CreatedAt: str
    Spec: _TaskSpec
    Status: _TaskStatus


def read_task(found: Any) -> Task:
    """Parse a task of `GET /tasks`."""
    task = parsed(_Task, found)
    container, begun = task.Spec.ContainerSpec, task.Status.ContainerStatus or _ContainerStatus()
    return Task(
        id=task.ID,
        service=task.ServiceID,
        node=task.NodeID,
        state=task.Status.State,
        wanted=task.DesiredState,
        trouble=task.Status.Err,
        # Without its end the text sorts as time does, however many digits its second has.
        created=task.CreatedAt.removesuffix("Z"),
        since=seconds_of(task.Status.Timestamp) if task.Status.Timestamp else 0,
        image=container.Image,
        labels=container.Labels,
        container=begun.ContainerID,
        exit_code=begun.ExitCode,
        settings=read_task_spec(found["Spec"]),
        restart_policy=task.Spec.RestartPolicy.Condition if task.Spec.RestartPolicy else "",
        environment=variables_of(container.Env),
    )


class _Place(Shape):
    """The place of a task; nothing more has to be known of tasks of others."""

    ServiceID: Line = ""
    NodeID: Line = ""


def service_of(found: Any) -> str:
    """The id of the service that a task belongs to, from `GET /tasks`."""
    return parsed(_Place, found).ServiceID


def node_of(found: Any) -> str:
    """The id of the node that has a task; empty as long as it has none."""
    return parsed(_Place, found).NodeID


class _Labelled(Shape):
    ID: str
    Spec: _ServiceSpec


def labelled(found: Any, label: str, value: str) -> str | None:
    """The id of a service that has this label, whatever a manager made of the filter; None of any other."""
    service = parsed(_Labelled, found)
    return service.ID if service.Spec.Labels.get(label) == value else None
