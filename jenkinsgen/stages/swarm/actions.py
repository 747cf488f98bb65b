"""How the steps of a swarm are done."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, cast

from typing_extensions import assert_never

from jenkinsgen.deploy.engines.swarm.tasks import RUNNING, never_ran
from jenkinsgen.deploy.observed import LEASE
from jenkinsgen.deploy.steps import swarm as swarm_steps
from jenkinsgen.errors import HostError, ReleaseRefused
from jenkinsgen.stages.watch.looks import end_of_log

if TYPE_CHECKING:
    from jenkinsgen.deploy.run import Cancellation
    from jenkinsgen.deploy.steps.swarm import AwaitTask, ManagerStep
    from jenkinsgen.stages.perform.actions import Actions
    from jenkinsgen.stages.swarm.parts import Swarm, SwarmNode

LOOK_SECONDS = 0.5
PLACE_SECONDS = 15.0
"""Until the manager has given a task to its node."""
PULL_SECONDS = 1800.0
"""Until the node has pulled the image and started the task. It does not tell how far it is."""


def on_swarm(actions: Actions, step: ManagerStep, cancellation: Cancellation) -> None:
    """A step of the manager. Raises JenkinsgenError."""
    # Only a spec with this engine plans these steps.
    swarm, token = cast("Swarm", actions.session.servers.manager()), actions.work.lease.token
    match step:
        case swarm_steps.FindImage():
            swarm.find_image(step.reference, actions.registry)
        case swarm_steps.LabelNodes():
            swarm.label_nodes(step)
        case swarm_steps.CreateService():
            task = replace(step.task, labels={**step.task.labels, LEASE: token})
            secrets = {name: actions.secrets[name] for name in task.secrets}
            swarm.create(replace(step, task=task), secrets, actions.registry)
        case swarm_steps.RemoveService():
            actions.refuse_live(swarm_steps.SWARM, step)
            swarm.remove(step, cancellation.sleep)
        case swarm_steps.RemoveStartedService():
            actions.refuse_live(swarm_steps.SWARM, step)
            swarm.remove_started(LEASE, token, step.name, step.grace, cancellation.sleep)
        case _:
            assert_never(step)


def await_task(actions: Actions, host: str, step: AwaitTask, cancellation: Cancellation) -> None:
    """Raises ImageError, HostError or ReleaseRefused with what the swarm says about the task."""
    server = cast("SwarmNode", actions.session.engines[host])
    began = cancellation.clock.now()
    while True:
        task = server.latest(step.service)
        if task is not None and task.running:
            return
        ended = server.ended(step.service)
        if ended is not None:
            refused = never_ran(host, step, ended)
            if isinstance(refused, ReleaseRefused):
                refused.message += f"\n  {end_of_log(server, step.service)}"
            raise refused
        waited = cancellation.clock.now() - began
        if waited > (PULL_SECONDS if task is not None and task.placed else PLACE_SECONDS):
            said = f"{task.state}{f': {task.trouble}' if task.trouble else ''}" if task else "not there"
            raise HostError(
                f"{host}: the task of {step.service} is still {said} after {waited:.0f} s, not {RUNNING}",
                hint=f"on the manager: docker service ps --no-trunc {step.service}",
            )
        cancellation.sleep(LOOK_SECONDS)
