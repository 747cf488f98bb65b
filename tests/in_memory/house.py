"""The house itself: what runs where, what is recorded, and what is going to fail."""

from __future__ import annotations

import io
import math
import threading
from collections import Counter
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from jenkinsgen.deploy.health import Answer, Ended
from jenkinsgen.deploy.observed import Container, ServerState
from jenkinsgen.deploy.plan.foresee import after
from jenkinsgen.deploy.release import Build, Release
from jenkinsgen.deploy.state.lease import RENEW_SECONDS, Holder, Lease, Process, given_back
from jenkinsgen.deploy.world import World
from jenkinsgen.errors import HostError
from jenkinsgen.nginx.access_log import Request
from jenkinsgen.nginx.rolling import gets_traffic
from jenkinsgen.nginx.state import NginxState
from jenkinsgen.report import Report
from jenkinsgen.spec.colour import Colour
from jenkinsgen.stages.build_image import build_image
from jenkinsgen.stages.canary.abort import canary_abort
from jenkinsgen.stages.canary.by_hand import canary_promote, canary_set
from jenkinsgen.stages.canary.step import canary_step
from jenkinsgen.stages.cleanup import cleanup
from jenkinsgen.stages.context.session import Session
from jenkinsgen.stages.deploy_colour import deploy_colour
from jenkinsgen.stages.roll_out import roll_out
from jenkinsgen.stages.rollback import rollback
from jenkinsgen.stages.switch_nginx import switch_nginx

from .builds import COMMIT, build_of, number_of, url, version
from .clock import QuickClock
from .engines import AgentInMemory, ServerInMemory
from .nginx import NginxInMemory
from .state import StateInMemory
from .swarm import NodeInMemory, SwarmInMemory
from .workspace import WorkspaceInMemory

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from jenkinsgen.deploy.steps import Step
    from jenkinsgen.spec.guard import Prometheus
    from jenkinsgen.spec.pipeline import Pipeline
    from jenkinsgen.stages.context.outside import AnyServer
    from jenkinsgen.stages.context.stage import Stage

REQUESTS = 5
"""A second."""
BEGAN = 1_700_000_000
STAGES: dict[str, Callable[..., Any]] = {
    "build-image": build_image,
    "deploy-colour": deploy_colour,
    "roll-out": roll_out,
    "switch-nginx": switch_nginx,
    "cleanup": cleanup,
    "rollback": rollback,
    "canary step": canary_step,
    "canary set": canary_set,
    "canary promote": canary_promote,
    "canary abort": canary_abort,
}


@dataclass
class House:
    """Implements `Outside` (jenkinsgen/stages/context/outside.py)."""

    pipeline: Pipeline
    clock: QuickClock = field(default_factory=QuickClock)
    said: io.StringIO = field(default_factory=io.StringIO)
    number: int = 0
    """Of the build that runs now; 0 for a person."""
    unhealthy: set[int] = field(default_factory=set)
    """The builds whose containers never answer well."""
    ending: set[int] = field(default_factory=set)
    """The builds whose containers end by themselves."""
    failing: set[int] = field(default_factory=set)
    """The builds that answer 500 to users, though they are healthy."""
    unreachable: set[str] = field(default_factory=set)
    """The servers that cannot be connected to."""
    answers: dict[tuple[str, int], int] = field(default_factory=dict)
    """What something that no engine knows of answers at a port of a server."""
    placed: bool = True
    """Does the swarm's manager give tasks to its nodes?"""
    stuck: set[str] = field(default_factory=set)
    """The services whose tasks never come to run."""
    connections: int = 0
    """Those that are open to a colour that is drained, and stay open."""
    share: float = 1.0
    """How many requests users make: 1 for five a second."""
    metric: Callable[[Colour], tuple[float, ...]] = lambda _colour: (0.0,)
    before: Callable[[str], None] = lambda _call: None
    """Called with the name of a call before it has any effect; may raise."""
    behind: Callable[[str], None] = lambda _call: None
    """The same when it had its effect, and nobody has heard of it yet."""
    calls: list[str] = field(default_factory=list)

    def __post_init__(self) -> None:
        self.lock = threading.RLock()
        names = [str(server) for server in self.pipeline.servers]
        state = NginxState(None, None, version="1.22.1", user="deploy", root="sudo", flags="absent")
        self.world = World(nginx=state, servers={name: ServerState(name, ()) for name in names})
        self.workspace = WorkspaceInMemory(self)
        self.nginx = NginxInMemory(self)
        self.state = StateInMemory(self)
        self.agent = AgentInMemory(self)
        self.swarm = SwarmInMemory(self)
        self.images: dict[str, int] = {}
        """What was pushed, by `repository@digest`: the number of its build."""
        self.ended_builds: set[str] = set()

    # What a stage is given.

    @contextmanager
    def connect(self, stage: Stage, *, with_servers: bool) -> Iterator[Session]:
        self.call("connect")
        servers = _Servers(self, [str(server) for server in self.pipeline.servers] if with_servers else [])
        yield Session(stage, self.nginx, self.state, servers)

    def agent_engine(self) -> AgentInMemory:
        return self.agent

    def holder(self, stage: str, build: Build | None) -> Holder:
        process = Process("boot", "pid:[1]", 1000 + self.number, 1)
        return Holder(build.url if build else "somebody@agent:/home", "jenkins", "agent", stage, process)

    def dead_because(self, holder: Holder | None) -> str | None:
        return self.build_ended(holder.build) if holder else None

    def build_ended(self, build: str) -> str | None:
        return "Jenkins says that it has ended" if build in self.ended_builds else None

    def ask_prometheus(self, _prometheus: Prometheus, colour: Colour) -> tuple[float, ...]:
        self.call("ask Prometheus")
        return self.metric(colour)

    # What tests do and see.

    @property
    def report(self) -> Report:
        return Report(self.said)

    @property
    def text(self) -> str:
        """All that was said."""
        return self.said.getvalue()

    def build(self) -> Build:
        """The next build begins."""
        self.number += 1
        return Build(self.number, url(self.number))

    def run(self, *names: str, **options: Any) -> None:
        """Stages of the build that runs now, by their names on the command line."""
        for name in names:
            STAGES[name](self.pipeline, self.report, self, **options)

    def deploy(self) -> int:
        """A whole build. Returns its number."""
        number = self.build().number
        self.run(*whole(self.pipeline))
        return number

    def take_the_lease_away(self) -> None:
        """A person forces it, and the next build has it."""
        holder = Holder(url(99), "jenkins", "agent", "build-image", Process("boot", "pid:[1]", 9, 9))
        self.state.lease = Lease("another", holder, self.now())

    def holds_the_lease(self, build: int, seconds: float) -> None:
        """Another build takes it as soon as it is free, renews it for so long, and gives it back."""
        begins = self.clock.now()
        state = self.state
        holder = Holder(url(build), "jenkins", "agent", "deploy-colour", Process("boot", "pid:[1]", 9, 9))

        def works(now: float) -> None:
            if state.lease is not None and state.lease.holder not in (None, holder):
                return
            if now <= begins + seconds:
                state.lease = Lease("another", holder, BEGAN)
                state.renewed = self.now() - self.now() % round(RENEW_SECONDS)
            elif state.lease is not None and state.lease.holder == holder:
                state.lease = given_back(state.lease)

        self.clock.during.append(works)
        state.when_given_back.append(lambda: works(self.clock.now()))

    def observed(self) -> dict[str, Any]:
        """What people would find, in the words of tests/scenarios.py."""
        journal, gate = self.state.journal, self.world.canary
        lease = self.state.lease
        return {
            "live": str(self.world.live or ""),
            "canary": gate.percent if gate else 0,
            "out": self.world.out,
            "servers": [
                sorted([each.name, build_of(each), each.running] for each in server.containers)
                for server in self.world.servers.values()
            ],
            "journal": [number_of(journal.live), [number_of(each.release.version) for each in journal.entries]],
            "taken back": [number_of(each.release.version) for each in journal.entries if each.taken_back],
            "under way": bool(journal.under_way),
            "lease": bool(lease and lease.holder),
        }

    def served_by(self) -> set[int]:
        """The builds that get requests now; empty when some requests would fail, or all."""
        live, found = self.world.live, set()
        for server in self.pipeline.servers if live else ():
            upstream = f"{server.upstream}:{self.pipeline.service.ports.of(live)}"
            if gets_traffic(self.world.nginx, self.world.out, upstream):
                each = self.running(str(server), live)
                if each is None:
                    return set()
                found.add(build_of(each))
        return found

    def running(self, server: str, colour: Colour) -> Container | None:
        """The container of a colour on a server that runs and is well."""
        for each in self.world.servers[server].of(self.pipeline.identity, colour):
            if each.running and build_of(each) not in self.unhealthy | self.ending:
                return each
        return None

    def now(self) -> int:
        """The clock of the NGINX host."""
        return BEGAN + round(self.clock.now())

    # What the parts do.

    def call(self, name: str) -> None:
        with self.lock:
            self.calls.append(name)
        self.before(name)

    def do(self, name: str, host: str, step: Step) -> None:
        """A step has its effect."""
        self.call(name)
        with self.lock:
            self.world = after(self.world, host, step, self._release(step), self.now())
        self.behind(name)

    def _release(self, step: Step) -> Release:
        number = self.images.get(getattr(step, "reference", ""), self.number)
        return Release("shop", Colour.BLUE, version(number), "", "", COMMIT, number, url(number))

    def answer(self, server: str, port: int) -> Answer:
        """What a container that has this port of a server answers to a look at its health."""
        if (server, port) in self.answers:
            return Answer(self.answers[server, port], "somebody else")
        for each in self.world.servers[server].containers:
            if port in each.host_ports and each.running and build_of(each) not in self.ending:
                return Answer(500, "not ready") if build_of(each) in self.unhealthy else Answer(200, "ok")
        return Answer(None, error="connection refused")

    def end(self, server: str, container: str) -> Ended | None:
        for each in self.world.servers[server].containers:
            if container in (each.id, each.name):
                return Ended(1, out_of_memory=False) if build_of(each) in self.ending else None
        return Ended(-1, out_of_memory=False, said="is not there any more: somebody removed it")

    def requests(self, seconds: float) -> tuple[Request, ...]:
        """What users have asked for in the last `seconds`, of both colours as they have them."""
        live, gate = self.world.live, self.world.canary
        if live is None:
            return ()
        shares = {live: 100 - (gate.percent if gate else 0), live.other: gate.percent if gate else 0}
        first = next(iter(self.world.servers))
        found = []
        for colour, share in shares.items():
            each = next(self.world.servers[first].of(self.pipeline.identity, colour), None)
            status = 500 if each is None or build_of(each) in self.failing else 200
            rate, now = REQUESTS * self.share * share / 100, self.clock.now()
            count = math.floor(now * rate) - math.floor((now - seconds) * rate)
            found += [Request(self.now() - n / rate, colour, status, 0.01, 10) for n in range(count)]
        return tuple(found)


@dataclass(frozen=True)
class _Servers:
    house: House
    names: list[str]

    def engines(self) -> dict[str, AnyServer]:
        for name in self.names:
            self.house.call(f"{name}: connect")
        if gone := self.house.unreachable & set(self.names):
            raise HostError(f"{', '.join(sorted(gone))}: no route to host")
        kind = NodeInMemory if self.house.pipeline.engine == "swarm" else ServerInMemory
        return {name: kind(self.house, name) for name in self.names}

    def manager(self) -> SwarmInMemory:
        return self.house.swarm


def whole(pipeline: Pipeline) -> tuple[str, ...]:
    """The stages of a build, in their order; those of a canary apart."""
    if pipeline.strategy == "rolling":
        return ("build-image", "roll-out", "cleanup")
    return ("build-image", "deploy-colour", "switch-nginx", "cleanup")


def counted(calls: list[str]) -> list[tuple[str, int]]:
    """Each call with how many of its name came before it."""
    seen: Counter[str] = Counter()
    found = []
    for call in calls:
        found.append((call, seen[call]))
        seen[call] += 1
    return found
