"""The Docker engines: the agent's, with the registry behind it, and the servers'."""

from __future__ import annotations

import hashlib
from typing import TYPE_CHECKING

from jenkinsgen.deploy import steps
from jenkinsgen.deploy.observed import Inspected, ServerState, StoredImage
from jenkinsgen.errors import ImageError
from jenkinsgen.spec.colour import Colour

from .builds import version

if TYPE_CHECKING:
    from collections.abc import Callable

    from jenkinsgen.deploy.health import Ended
    from jenkinsgen.deploy.observed import Container
    from jenkinsgen.edge.docker.images import Registry

    from .house import House


class AgentInMemory:
    """See `AgentEngine`."""

    def __init__(self, house: House) -> None:
        self._house = house
        self.tags: dict[str, str] = {}
        """`repository:tag` -> the version that it is of."""

    def containers(self) -> tuple[Container, ...]:
        return ()

    def images(self, _identity: str) -> tuple[StoredImage, ...]:
        found = {tag.rpartition(":")[2] for tag in self.tags}
        return tuple(StoredImage(_id(each), each) for each in sorted(found) if each.startswith(version(0)[:-1]))

    def build(
        self, step: steps.BuildImage, _registry: Registry, say: Callable[[str], None], _check: Callable[[], None]
    ) -> None:
        self._house.call("build the image")
        say("Step 1/1 : FROM scratch")
        self.tags[step.tag] = step.tag

    def push(
        self, step: steps.PushImage, _registry: Registry, _say: Callable[[str], None], _check: Callable[[], None]
    ) -> str:
        self._house.call("push the image")
        digest = _id(f"{self._house.number}")
        self._house.images[f"{step.repository}@{digest}"] = self._house.number
        return digest

    def tag(self, source: str, repository: str, tag: str) -> None:
        self.tags[f"{repository}:{tag}"] = source

    def remove_tag(self, reference: str) -> None:
        self.tags.pop(reference, None)

    def remove_image(self, image_id: str) -> None:
        self._house.call("remove an image")
        self.tags = {tag: of for tag, of in self.tags.items() if _id(tag.rpartition(":")[2]) != image_id}


def _id(of: str) -> str:
    return "sha256:" + hashlib.sha256(of.encode()).hexdigest()


class ServerInMemory:
    """See `ServerEngine`."""

    def __init__(self, house: House, name: str) -> None:
        self._house = house
        self._name = name

    def _do(self, what: str, step: steps.Step) -> None:
        self._house.do(f"{self._name}: {what}", self._name, step)

    def state(self, server: str, _identity: str) -> ServerState:
        self._house.call(f"{self._name}: look")
        return self._house.world.servers[server]

    def ended(self, container: str) -> Ended | None:
        return self._house.end(self._name, container)

    def keep_running(self, container: str) -> None:
        self._house.call(f"{self._name}: keep {container} running")

    def restarts(self, container: str) -> int:  # noqa: ARG002 - none is ever started again here
        return 0

    def log(self, container: str) -> str:
        return f"the last words of {container}"

    def inspect(self, container: str) -> Inspected | None:
        raise NotImplementedError(container)

    def pull(self, reference: str, _registry: Registry, _check: Callable[[], None]) -> None:
        if reference not in self._house.images:
            raise ImageError(f"{self._name}: {reference} cannot be pulled: not found")
        self._do("pull", steps.PullImage(reference))

    def start(self, step: steps.StartContainer, secrets: dict[str, str]) -> None:
        assert set(secrets) == set(step.secrets)
        there = self._house.world.servers[self._name].containers
        # As a real engine has it: a name and a port are there once.
        assert not any(each.name == step.name for each in there), f"{step.name} is there already"
        assert not any(each.running and step.host_port in each.host_ports for each in there), "the port is taken"
        self._do("start", step)

    def remove_container(self, container: str, grace: float) -> None:
        self._do("remove", steps.RemoveContainer(container, container, Colour.BLUE, grace))

    def remove_started(self, label: str, value: str) -> None:
        for each in self._house.world.servers[self._name].containers:
            if each.labels.get(label) == value:
                self.remove_container(each.id, 0)

    def remove_image(self, image_id: str) -> None:
        self._do("remove an image", steps.RemoveImage(image_id, ""))
