"""Steps, as data: a step says what to do, `stages/perform/` knows how. Nothing here acts.

The files are its targets.
"""

from __future__ import annotations

from dataclasses import dataclass

from jenkinsgen.deploy.steps.agent import AgentStep, BuildImage, PushImage, RemoveTag, TagImage
from jenkinsgen.deploy.steps.nginx import (
    Drain,
    EndCanary,
    InstallSite,
    ProofStep,
    ProveCanary,
    ProveLive,
    ProveReachable,
    PutBack,
    RemoveSite,
    SetCanary,
    SetFlag,
    SiteStep,
    TakeOut,
    TrafficStep,
)
from jenkinsgen.deploy.steps.server import (
    AwaitHealthy,
    EngineStep,
    LookStep,
    ProveVacant,
    PullImage,
    RemoveContainer,
    RemoveImage,
    RemoveOut,
    RemoveStarted,
    StartContainer,
)
from jenkinsgen.deploy.steps.swarm import AwaitTask, ManagerStep

__all__ = [
    "AGENT",
    "NGINX",
    "AgentStep",
    "AwaitHealthy",
    "BuildImage",
    "Drain",
    "EndCanary",
    "EngineStep",
    "InstallSite",
    "LookStep",
    "NginxStep",
    "Phase",
    "Plan",
    "ProofStep",
    "ProveCanary",
    "ProveLive",
    "ProveReachable",
    "ProveVacant",
    "PullImage",
    "PushImage",
    "PutBack",
    "RemoveContainer",
    "RemoveImage",
    "RemoveOut",
    "RemoveSite",
    "RemoveStarted",
    "RemoveTag",
    "SetCanary",
    "SetFlag",
    "SiteStep",
    "StartContainer",
    "Step",
    "TagImage",
    "TakeOut",
    "TrafficStep",
]

NginxStep = SiteStep | TrafficStep | ProofStep
# RemoveImage is for the agent and for servers alike.
Step = AgentStep | NginxStep | EngineStep | LookStep | RemoveImage | ManagerStep | AwaitTask

# These names have a blank, so that no server can have the same one.
AGENT = "the agent"
NGINX = "the NGINX"


@dataclass(frozen=True, slots=True)
class Phase:
    """Steps that hosts do at the same time, each host its own in order. All succeed, or the phase has failed."""

    title: str
    steps: dict[str, tuple[Step, ...]]
    """The steps by host: AGENT, NGINX, SWARM, or the name of a server."""
    changes: bool = True
    """False when a failure leaves nothing to take back."""


@dataclass(frozen=True, slots=True)
class Plan:
    """The phases of a stage, and those that take it back when a phase fails."""

    phases: tuple[Phase, ...]
    undo: tuple[Phase, ...] = ()
    note: str = ""
    """Said before the steps, or instead of them when there is nothing to do."""
