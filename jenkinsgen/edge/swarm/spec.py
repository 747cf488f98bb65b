"""A service as the API of a swarm wants it."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from jenkinsgen.container.bodies import laid_over

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
    return {
        "Name": task.name,
        "Labels": task.labels,
        "Mode": {"Global": {}},
        "TaskTemplate": laid_over(
            {
                "ContainerSpec": {
                    "Image": task.image,
                    "Labels": task.labels,
                    "Env": [f"{name}={value}" for name, value in {**task.environment, **secrets}.items()],
                    "StopGracePeriod": round(step.grace * _NANO),
                },
                "RestartPolicy": {"Condition": "any"},
                "Placement": {"Constraints": [f"node.labels.{step.node_label}==true"]},
            },
            task.settings.task_template(),
        ),
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
