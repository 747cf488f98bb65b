"""A service as the API of a swarm wants it."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from jenkinsgen.deploy.steps.swarm import CreateService

_NANO = 10**9


def service_spec(step: CreateService, secrets: dict[str, str]) -> dict[str, Any]:
    """The body of `POST /services/create`.

    Its tasks are never updated: a release is a service of its own. So nothing of UpdateConfig is said, whose defaults
    (pause at a failure, stop before start) would matter only then. What ends is started again from the beginning: to
    change that later would replace every task.
    """
    task = step.task
    limits = {"MemoryBytes": task.memory, "NanoCPUs": round(task.cpus * _NANO) if task.cpus else None}
    return {
        "Name": task.name,
        "Labels": task.labels,
        "Mode": {"Global": {}},
        "TaskTemplate": {
            "ContainerSpec": {
                "Image": task.image,
                "Labels": task.labels,
                "Env": [f"{name}={value}" for name, value in {**task.environment, **secrets}.items()],
                "Mounts": [_mount(volume) for volume in task.volumes],
                "StopGracePeriod": round(step.grace * _NANO),
            },
            "Resources": {"Limits": {name: limit for name, limit in limits.items() if limit is not None}},
            "RestartPolicy": {"Condition": "any"},
            "Placement": {"Constraints": [f"node.labels.{step.node_label}==true"]},
        },
        "EndpointSpec": {
            "Ports": [
                {
                    "Protocol": "tcp",
                    "TargetPort": task.container_port,
                    "PublishedPort": task.host_port,
                    "PublishMode": "host",
                }
            ]
        },
    }


def _mount(volume: str) -> dict[str, Any]:
    """`/on/server:/in/container:ro`, `name:/in/container`."""
    source, target, *mode = volume.split(":")
    kind = "bind" if source.startswith("/") else "volume"
    return {"Type": kind, "Source": source, "Target": target, "ReadOnly": mode == ["ro"]}
