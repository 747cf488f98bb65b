"""What can be done, as data. A step says what; `stages/perform/actions.py` knows how; nothing here acts."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from jenkinsgen.deploy.swarm.steps import AwaitTask, ManagerStep

if TYPE_CHECKING:
    from collections.abc import Mapping

    from jenkinsgen.nginx.canary import Gate
    from jenkinsgen.nginx.connections import Endpoint
    from jenkinsgen.spec.colour import Colour
    from jenkinsgen.spec.service import Health


@dataclass(frozen=True, slots=True)
class BuildImage:
    context: str
    dockerfile: str
    tag: str
    labels: dict[str, str]
    build_args: dict[str, str]

    def __str__(self) -> str:
        return f"build {self.tag}"


@dataclass(frozen=True, slots=True)
class TagImage:
    source: str
    repository: str
    tag: str

    def __str__(self) -> str:
        return f"tag {self.repository}:{self.tag}"


@dataclass(frozen=True, slots=True)
class PushImage:
    repository: str
    tag: str

    def __str__(self) -> str:
        return f"push {self.repository}:{self.tag}"


@dataclass(frozen=True, slots=True)
class RemoveTag:
    reference: str

    def __str__(self) -> str:
        return f"remove the local tag {self.reference}"


@dataclass(frozen=True, slots=True)
class PullImage:
    reference: str

    def __str__(self) -> str:
        return f"pull {self.reference}"


@dataclass(frozen=True, slots=True)
class StartContainer:
    """`docker run`, but through the API: no value shows in a list of processes."""

    name: str
    image: str
    host_port: int
    container_port: int
    labels: dict[str, str]
    environment: dict[str, str]
    secrets: tuple[str, ...]
    """Names of variables; the values join when the step is done, so that a plan can be shown."""
    memory: int | None
    cpus: float | None
    volumes: tuple[str, ...]
    loopback: bool
    """Does NGINX reach it by the loopback address of the server?"""

    def __str__(self) -> str:
        return f"start {self.name} on port {self.host_port}"


@dataclass(frozen=True, slots=True)
class AwaitHealthy:
    container: str
    address: str
    login: str
    """The server as SSH knows it."""
    port: int
    headers: Mapping[str, str]
    """What NGINX will send, too."""
    health: Health

    def __str__(self) -> str:
        times = self.health.successes
        return f"{self.container} healthy {f'{times} times in a row' if times > 1 else 'once'}"


@dataclass(frozen=True, slots=True)
class ProveVacant:
    """Ask where the new container will be asked, before it is there: who answers then is somebody else."""

    look: AwaitHealthy
    """The one that will judge it."""

    def __str__(self) -> str:
        return f"prove that nobody answers as {self.look.container} yet"


@dataclass(frozen=True, slots=True)
class RemoveContainer:
    """Stop with SIGTERM, wait `grace` seconds, remove. With 0 it is killed: only for what gets no traffic."""

    id: str
    name: str
    colour: Colour
    """It is left alone while NGINX gives this colour the traffic."""
    grace: float

    def __str__(self) -> str:
        return f"remove {self.name}"


@dataclass(frozen=True, slots=True)
class RemoveStarted:
    """Kill and remove what this very stage has started, and nothing else that has the same name.

    Another build may have taken over and started its own, while this one hung.
    """

    name: str
    colour: Colour

    def __str__(self) -> str:
        return f"remove {self.name}"


@dataclass(frozen=True, slots=True)
class RemoveImage:
    id: str
    version: str

    def __str__(self) -> str:
        return f"remove the image of {self.version}"


@dataclass(frozen=True, slots=True)
class InstallSite:
    """Write NGINX's site file and prove that the new generation serves; or leave all as it was."""

    path: str
    text: str = field(repr=False)
    digest: str | None
    """What NGINX must answer at the state path; None for a team's own file (mode reload)."""
    colour: Colour
    """What that file, or the flag beside it, makes live."""
    drain: float
    """Seconds for the worker processes of before."""
    seen: str = "-"
    """The SHA-256 of the file that it takes the place of, as it was looked at; `-` for none."""
    takes_over: bool = False
    """Whether another file is known to have the name, and to lead to this service's own servers."""

    def __str__(self) -> str:
        return f"install {self.path}"


@dataclass(frozen=True, slots=True)
class RemoveSite:
    """Take a first installation back."""

    path: str
    seen: str
    """The SHA-256 of what was installed: nothing else is removed."""

    def __str__(self) -> str:
        return f"remove {self.path}"


@dataclass(frozen=True, slots=True)
class SetFlag:
    colour: Colour

    def __str__(self) -> str:
        return f"switch to {self.colour}"


@dataclass(frozen=True, slots=True)
class ProveReachable:
    """Ask every one of `upstreams` from the NGINX host itself, before anything moves."""

    colour: Colour
    upstreams: tuple[str, ...]
    lenient: bool
    """Go on when the look itself is forbidden."""

    def __str__(self) -> str:
        return f"prove that the NGINX host reaches {self.colour}"


@dataclass(frozen=True, slots=True)
class ProveLive:
    """Ask NGINX until every one of `upstreams` has answered as the live colour; in mode reload, once for any."""

    colour: Colour
    upstreams: tuple[str, ...]
    lenient: bool = False
    """Mode reload: whatever NGINX answers is enough, unless it is a failure."""

    def __str__(self) -> str:
        return f"prove that {self.colour} answers through NGINX"


@dataclass(frozen=True, slots=True)
class ProveCanary:
    """Ask NGINX until every one of `upstreams` has answered as the colour that is not live."""

    colour: Colour
    upstreams: tuple[str, ...]

    def __str__(self) -> str:
        return f"prove that NGINX reaches {self.colour}"


@dataclass(frozen=True, slots=True)
class SetCanary:
    """So many percent of the clients get the colour that is not live."""

    gate: Gate

    def __str__(self) -> str:
        return f"give {self.gate.percent} % to {self.gate.colour}"


@dataclass(frozen=True, slots=True)
class EndCanary:
    """The live colour has all clients again."""

    def __str__(self) -> str:
        return "end the canary: 0 %"


@dataclass(frozen=True, slots=True)
class Drain:
    """Wait until NGINX has no open connection to these, at most `seconds`."""

    remotes: tuple[Endpoint, ...] | None = field(repr=False)
    """None where nobody can tell what their addresses are: then it takes all of the `seconds`."""
    colour: Colour
    seconds: float

    def __str__(self) -> str:
        return f"drain {self.colour}"


@dataclass(frozen=True, slots=True)
class TakeOut:
    """Requests go past a batch of servers from now on, and what they had begun ends, within `seconds`."""

    batch: int
    upstreams: tuple[str, ...]
    seconds: float

    def __str__(self) -> str:
        return f"take {', '.join(self.upstreams)} out"


@dataclass(frozen=True, slots=True)
class PutBack:
    """All servers get requests again."""

    def __str__(self) -> str:
        return "traffic for all servers"


@dataclass(frozen=True, slots=True)
class RemoveOut:
    """Stop with SIGTERM, wait `grace` seconds, remove: what has the live colour, but is out of the traffic."""

    id: str
    name: str
    upstream: str
    grace: float

    def __str__(self) -> str:
        return f"remove {self.name}"


AgentStep = BuildImage | TagImage | PushImage | RemoveTag
"""What the agent's own engine does."""
SiteStep = InstallSite | RemoveSite | SetFlag
TrafficStep = TakeOut | PutBack | SetCanary | EndCanary
ProofStep = ProveReachable | ProveLive | ProveCanary | Drain
"""What an NGINX host is asked; nothing changes."""
NginxStep = SiteStep | TrafficStep | ProofStep
EngineStep = PullImage | StartContainer | RemoveContainer | RemoveStarted | RemoveOut
"""What the engine of one server does."""
LookStep = ProveVacant | AwaitHealthy
"""What is asked of one server, whatever engine runs its containers."""
# RemoveImage is for the agent and for servers alike.
Step = AgentStep | NginxStep | EngineStep | LookStep | RemoveImage | ManagerStep | AwaitTask

# With a blank, so that no server can have the same name.
AGENT = "the agent"
NGINX = "the NGINX"


@dataclass(frozen=True, slots=True)
class Phase:
    """Steps that hosts do at the same time, each host its own in order. All succeed, or the phase has failed."""

    title: str
    steps: dict[str, tuple[Step, ...]]
    """By host: AGENT, NGINX, SWARM, or the name of a server."""
    changes: bool = True
    """False when a failure leaves nothing to take back."""


@dataclass(frozen=True, slots=True)
class Plan:
    """What a stage will do, and what takes it back when a phase fails."""

    phases: tuple[Phase, ...]
    undo: tuple[Phase, ...] = ()
    note: str = ""
    """Said before the steps, or instead of them when there is nothing to do."""
