"""A manager's JSON as data."""

from __future__ import annotations

import struct
from typing import TYPE_CHECKING, Any

from jenkinsgen.deploy.swarm import Node, Service, Task
from jenkinsgen.edge.docker_read import seconds_of

if TYPE_CHECKING:
    from collections.abc import Iterator

Json = dict[str, Any]
_NANO = 1e9
# A manager may know itself by no better address.
_ANY_ADDRESS = "0.0.0.0"  # noqa: S104 - it is never listened at
_LOG_HEADER = struct.Struct(">BxxxL")


def read_node(found: Json) -> Node:
    """From `GET /nodes`."""
    status, manager = found["Status"], found.get("ManagerStatus") or {}
    # `192.0.2.11:2377`, `[2001:db8::11]:2377`
    addresses = {status.get("Addr") or "", manager.get("Addr", "").rpartition(":")[0].strip("[]")}
    return Node(
        id=found["ID"],
        name=found["Description"]["Hostname"],
        addresses=frozenset(addresses - {"", _ANY_ADDRESS}),
        state=status["State"],
        availability=found["Spec"]["Availability"],
    )


def read_service(found: Json) -> Service:
    """From `GET /services`."""
    spec, mesh = found["Spec"], set[int]()
    ports: dict[int, tuple[int, ...]] = {}
    # What the routing mesh chose by itself is not in the spec.
    for port in (found.get("Endpoint") or {}).get("Ports") or (spec.get("EndpointSpec") or {}).get("Ports") or []:
        inside, outside = port["TargetPort"], port.get("PublishedPort")
        if outside and port.get("PublishMode") == "host":
            ports[inside] = (*ports.get(inside, ()), outside)
        elif outside:
            mesh.add(outside)
    return Service(found["ID"], spec["Name"], dict(spec.get("Labels") or {}), ports, tuple(sorted(mesh)))


def read_task(found: Json) -> Task:
    """From `GET /tasks`."""
    spec, status = found["Spec"], found["Status"]
    container, limits = spec["ContainerSpec"], (spec.get("Resources") or {}).get("Limits") or {}
    begun = status.get("ContainerStatus") or {}
    return Task(
        id=found["ID"],
        service=found["ServiceID"],
        node=found.get("NodeID", ""),
        state=status["State"],
        wanted=found["DesiredState"],
        trouble=status.get("Err", ""),
        # Without its end the text sorts as time does, however many digits its second has.
        created=found["CreatedAt"].removesuffix("Z"),
        since=seconds_of(status["Timestamp"]),
        image=container["Image"],
        labels=dict(container.get("Labels") or {}),
        container=begun.get("ContainerID", ""),
        exit_code=begun.get("ExitCode", 0),
        memory=limits.get("MemoryBytes") or None,
        cpus=limits["NanoCPUs"] / _NANO if limits.get("NanoCPUs") else None,
        volumes=tuple(_volume(mount) for mount in container.get("Mounts") or []),
        restart_policy=(spec.get("RestartPolicy") or {}).get("Condition", ""),
        environment=dict(each.partition("=")[::2] for each in container.get("Env") or []),
    )


def _volume(mount: Json) -> str:
    return f"{mount.get('Source', '')}:{mount['Target']}{':ro' if mount.get('ReadOnly') else ''}"


def read_log(raw: bytes) -> Iterator[bytes]:
    """The lines of both streams, out of the frames that the engine wraps them in."""
    while len(raw) >= _LOG_HEADER.size:
        _stream, length = _LOG_HEADER.unpack_from(raw)
        yield raw[_LOG_HEADER.size : _LOG_HEADER.size + length]
        raw = raw[_LOG_HEADER.size + length :]
