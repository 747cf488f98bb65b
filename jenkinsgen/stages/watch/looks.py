"""Looks at one container on one server, as a deployment and the bake after it need them."""

from __future__ import annotations

from typing import TYPE_CHECKING

from jenkinsgen.deploy.health import occupied
from jenkinsgen.masks import KNOWN
from jenkinsgen.visible import visible

if TYPE_CHECKING:
    from jenkinsgen.deploy.health import Answer
    from jenkinsgen.deploy.steps import AwaitHealthy, ProveVacant
    from jenkinsgen.stages.context.outside import AnyServer, Nginx


_VACANT_SECONDS = 1.0
"""For connecting where no answer is expected: a firewall that says nothing may not make deployments slow."""


def refuse_answer(nginx: Nginx, host: str, step: ProveVacant) -> None:
    """Raises StateError when another program answers healthily where the new container will be asked."""
    answer = nginx.look(step.look, connect_seconds=_VACANT_SECONDS)
    if answer.healthy:
        raise occupied(host, step.look, answer)


def last_look(step: AwaitHealthy, answer: Answer | None) -> str:
    """The line of a message that says what was asked, and what came back."""
    return f"http://{step.address}:{step.port}{step.health.path}: {answer}" if answer else "not looked at yet"


def end_of_log(engine: AnyServer, container: str) -> str:
    """The lines of a message that show what a container wrote last."""
    log = KNOWN.hidden(engine.log(container))
    lines = "\n".join(f"    {visible(line)}" for line in log.splitlines()) or "    (it wrote nothing)"
    return f"the end of its log:\n{lines}"
