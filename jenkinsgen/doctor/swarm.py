"""The nodes of a swarm, and who else publishes our ports on them."""

from __future__ import annotations

from typing import TYPE_CHECKING

from jenkinsgen.deploy.container import container_name
from jenkinsgen.deploy.engines.swarm.tasks import READY, Node
from jenkinsgen.doctor.check import Check, failed, ok
from jenkinsgen.spec.colour import Colour

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from jenkinsgen.deploy.observed import ServerState
    from jenkinsgen.errors import JenkinsgenError
    from jenkinsgen.spec.pipeline import Pipeline

SWARM, NODE = "swarm", "node"


def judge_swarm(host: str, nodes: Mapping[str, Node | JenkinsgenError]) -> Check:
    """The manager answered; `nodes` is by server."""
    found = sum(1 for node in nodes.values() if isinstance(node, Node))
    return ok(host, SWARM, f"is a manager; {found} of {len(nodes)} servers are nodes")


def judge_node(server: str, node: Node | JenkinsgenError) -> Check:
    """Is a server a node that takes tasks?"""
    if not isinstance(node, Node):
        return failed(server, NODE, node.message.removeprefix(f"{server}: "), node.hint or "")
    if node.state != READY:
        remedy = "is it up, and its Docker engine running? does it reach port 2377 of the managers?"
        return failed(server, NODE, f"{node.name} is {node.state}", remedy)
    if node.unfit:
        return failed(
            server,
            NODE,
            f"{node.name} takes no tasks (availability {node.availability})",
            f"on a manager: docker node update --availability active {node.name}",
        )
    return ok(server, NODE, f"{node.name}, ready and active")


def judge_services(pipeline: Pipeline, server: ServerState) -> Iterator[Check]:
    """No other service may have the port or the name of a colour. What runs outside of the swarm is not seen."""
    for colour in Colour:
        port = pipeline.service.ports.of(colour)
        name = container_name(pipeline, colour)
        by_port = f"it may be what serves: choose another port (service.ports.{colour}), or remove it if nobody uses it"
        by_name = f"look whose it is: docker service inspect {name}; another name for the service leaves it alone"
        others = [each for each in server.containers if not each.belongs_to(pipeline.identity, colour)]
        for other in others:
            if other.name == name:
                yield failed(server.name, f"service {name}", "was not made by jenkinsgen for this service", by_name)
            elif port in other.host_ports:
                yield failed(server.name, f"port {port} ({colour})", f"published by the service {other.name}", by_port)
