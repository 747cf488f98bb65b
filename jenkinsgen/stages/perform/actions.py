"""How each step is done: the one place where a step meets the edge."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING, cast

from typing_extensions import TypedDict, Unpack, assert_never

from jenkinsgen.deploy import steps
from jenkinsgen.deploy.nginx_hosts import states_of
from jenkinsgen.deploy.observed import LEASE
from jenkinsgen.deploy.origin import refuse_foreign
from jenkinsgen.deploy.run import run_plan
from jenkinsgen.deploy.steps import swarm as swarm_steps
from jenkinsgen.errors import JenkinsgenError, StateError, Unproven
from jenkinsgen.nginx.rolling import gets_traffic
from jenkinsgen.spec.values import show_duration
from jenkinsgen.stages.perform.healthy import await_healthy
from jenkinsgen.stages.swarm.actions import await_task, on_swarm
from jenkinsgen.stages.watch.looks import refuse_answer

if TYPE_CHECKING:
    from jenkinsgen.deploy.run import Cancellation
    from jenkinsgen.deploy.steps import Plan, Step
    from jenkinsgen.edge.docker.images import Registry
    from jenkinsgen.nginx.connections import Endpoint
    from jenkinsgen.report import Report
    from jenkinsgen.stages.context.outside import AgentEngine, ServerEngine
    from jenkinsgen.stages.context.session import Session
    from jenkinsgen.stages.context.transaction import Transaction

    Removal = steps.RemoveContainer | steps.RemoveStarted | swarm_steps.RemoveService | swarm_steps.RemoveStartedService


_SETTLE_SECONDS = 0.2


class Given(TypedDict, total=False):
    """Values that some plans need beside the connections."""

    registry: Registry
    secrets: dict[str, str]
    agent: AgentEngine


@dataclass(slots=True)
class Actions:
    """Performs steps with the connections of a stage. What a step found out is kept for the stage's report."""

    work: Transaction
    registry: Registry = None
    secrets: dict[str, str] = field(default_factory=dict)
    agent: AgentEngine | None = None
    digest: str = ""
    """The digest of the image that was pushed last."""
    switch_ms: float | None = None
    seen: list[str] = field(default_factory=list)
    """The proofs of a switch, in words: no more is claimed."""
    left: int | None = None
    """Connections that were still open when the drain's deadline came."""

    @property
    def session(self) -> Session:
        return self.work.session

    @property
    def report(self) -> Report:
        return self.work.report

    def do(self, plan: Plan) -> None:
        """All of a plan, or it is taken back. Raises what `run_plan` raises."""
        run_plan(plan, self, self.report, self.session.clock)

    def accept(self, plan: Plan) -> None:
        """Raises StateError when an image in it is not of this spec: the one gate between a release and an engine."""
        refuse_foreign(self.session.pipeline, plan)

    def __call__(self, host: str, step: Step, cancellation: Cancellation) -> None:
        """Do one step, if the lease is still held. Raises JenkinsgenError."""
        self.work.check()
        match step:
            case steps.BuildImage() | steps.TagImage() | steps.PushImage() | steps.RemoveTag():
                self._on_agent(step, cancellation)
            case steps.RemoveImage():
                self._remove_image(host, step)
            case steps.InstallSite() | steps.RemoveSite() | steps.SetFlag():
                self._on_site(host, step, cancellation)
            case steps.TakeOut() | steps.PutBack() | steps.SetCanary() | steps.EndCanary():
                self._on_traffic(step, cancellation)
            case steps.ProveReachable() | steps.ProveLive() | steps.ProveCanary() | steps.Drain():
                self._ask_nginx(host, step, cancellation)
            case steps.PullImage() | steps.StartContainer():
                self._on_engine(host, step, cancellation)
            case steps.RemoveContainer() | steps.RemoveStarted() | steps.RemoveOut():
                self._on_engine(host, step, cancellation)
            case steps.ProveVacant():
                refuse_answer(self.session.nginx, host, step)
            case steps.AwaitHealthy():
                await_healthy(self.work, host, step, cancellation)
            case swarm_steps.AwaitTask():
                await_task(self, host, step, cancellation)
            case _:
                on_swarm(self, step, cancellation)

    def _agent(self) -> AgentEngine:
        assert self.agent is not None  # noqa: S101 - the stage that plans steps of the agent gives its engine
        return self.agent

    def _on_agent(self, step: steps.AgentStep, cancellation: Cancellation) -> None:
        engine = self._agent()
        match step:
            case steps.BuildImage():
                engine.build(step, self.registry, self.report.line, cancellation.check)
            case steps.TagImage():
                engine.tag(step.source, step.repository, step.tag)
            case steps.PushImage():
                self.digest = engine.push(step, self.registry, self.report.line, cancellation.check)
            case steps.RemoveTag():
                engine.remove_tag(step.reference)
            case _:
                assert_never(step)

    def _on_site(self, host: str, step: steps.SiteStep, cancellation: Cancellation) -> None:
        nginx = self.session.nginx
        match step:
            case steps.InstallSite():
                if step.digest:
                    self.work.set_flag(step.colour)
                nginx.host(host).install(step, cancellation.sleep)
            case steps.RemoveSite():
                nginx.host(host).remove_site(step)
            case steps.SetFlag():
                self.switch_ms = self.work.set_flag(step.colour)
            case _:
                assert_never(step)

    def _on_traffic(self, step: steps.TrafficStep, cancellation: Cancellation) -> None:
        """Perform a step that changes the traffic for a part of the clients, or of the servers."""
        nginx = self.session.nginx
        match step:
            case steps.TakeOut():
                self._take_out(step, cancellation)
            case steps.PutBack():
                self.work.set_out(0)
                nginx.prove_out(0)
            case steps.SetCanary():
                self.switch_ms = self.work.set_canary(step.gate)
                nginx.prove_percent(step.gate)
            case steps.EndCanary():
                self.work.end_canary()
            case _:
                assert_never(step)

    def _ask_nginx(self, host: str, step: steps.ProofStep, cancellation: Cancellation) -> None:
        nginx = self.session.nginx
        match step:
            case steps.ProveReachable():
                self._prove_reachable(host, step)
            case steps.ProveLive():
                self.seen.append(nginx.prove(step))
            case steps.ProveCanary():
                nginx.prove_canary(step)
            case steps.Drain():
                self._drain(step, cancellation)
            case _:
                assert_never(step)

    def _drain(self, step: steps.Drain, cancellation: Cancellation) -> None:
        self.left = self._drained(step.remotes, step.seconds, cancellation)
        if any(state.live is step.colour for state in states_of(self.session.nginx.observe()).values()):
            # People roll back by the flag, too, and often during a drain.
            raise StateError(
                f"{step.colour} became live again while it was drained, so it stays",
                hint="somebody switched back; the next build puts the rest right",
            )
        if self.left:
            self.report.line(
                f"{self.left} connections to {step.colour} were still open after "
                f"{show_duration(step.seconds)} (cleanup.drain); they are cut now"
            )

    def _drained(self, remotes: tuple[Endpoint, ...] | None, seconds: float, cancellation: Cancellation) -> int | None:
        """How many connections were left; None where they cannot be counted, and all of the time was given instead."""
        if remotes is not None:
            return self.session.nginx.drain(remotes, seconds, cancellation.sleep)
        self.report.line(
            "an NGINX host knows no address of a server's name, so nobody can tell which connections are open: "
            f"they get all of cleanup.drain, {show_duration(seconds)}"
        )
        cancellation.sleep(seconds)
        return None

    def _prove_reachable(self, host: str, step: steps.ProveReachable) -> None:
        try:
            seen = self.session.nginx.host(host).prove_reachable(step)
        except Unproven as error:
            if not step.lenient:
                raise
            self.report.line(f"warning: {error.message}")
            return
        if self.session.pipeline.nginx.mode == "reload":
            # NGINX itself says more in mode flag, a moment later.
            self.seen.append(seen)

    def _take_out(self, step: steps.TakeOut, cancellation: Cancellation) -> None:
        nginx = self.session.nginx
        self.work.set_out(step.batch)
        nginx.prove_out(step.batch)
        # A request that was just being sent there has its connection by then.
        cancellation.sleep(_SETTLE_SECONDS)
        left = self._drained(nginx.known_remotes(step.upstreams), step.seconds, cancellation)
        if left:
            self.report.line(
                f"{left} connections to {', '.join(step.upstreams)} were still open after "
                f"{show_duration(step.seconds)} (cleanup.drain); they are cut now"
            )

    def _on_engine(self, host: str, step: steps.EngineStep, cancellation: Cancellation) -> None:
        # Planned for servers with an engine of their own alone.
        engine = cast("ServerEngine", self.session.engines[host])
        match step:
            case steps.PullImage():
                engine.pull(step.reference, self.registry, cancellation.check)
            case steps.StartContainer():
                labels = {**step.labels, LEASE: self.work.lease.token}
                engine.start(replace(step, labels=labels), {name: self.secrets[name] for name in step.secrets})
            case steps.RemoveContainer():
                self.refuse_live(host, step)
                engine.remove_container(step.id, step.grace)
            case steps.RemoveOut():
                self._refuse_traffic(host, step)
                engine.remove_container(step.id, step.grace)
            case steps.RemoveStarted():
                self.refuse_live(host, step)
                engine.remove_started(LEASE, self.work.lease.token)
            case _:
                assert_never(step)

    def refuse_live(self, host: str, step: Removal) -> None:
        """Whatever was seen before: what has the traffic now, stays. People move the flag without any lease."""
        if step.colour in self.session.nginx.lives().values():
            raise StateError(
                f"{host}: {step.colour} became live meanwhile, so {step.name} stays",
                hint="somebody switched to it; the next build puts the rest right",
            )
        # NGINX may have let us wait.
        self.work.check()

    def _refuse_traffic(self, host: str, step: steps.RemoveOut) -> None:
        """NGINX is asked, here as well: people may have put a batch back by hand."""
        outs = self.session.nginx.outs()
        states = states_of(self.session.nginx.observe())
        # A host that does not say which batch is out may send to all servers that its file has.
        if any(gets_traffic(state, outs[name] or 0, step.upstream) for name, state in states.items()):
            raise StateError(
                f"{host}: NGINX sends requests to {step.upstream}, so {step.name} stays",
                hint="was the file `out-…` beside the flag removed by somebody? a new build puts it right",
            )
        # NGINX may have let us wait.
        self.work.check()

    def _remove_image(self, host: str, step: steps.RemoveImage) -> None:
        engine = self._agent() if host == steps.AGENT else cast("ServerEngine", self.session.engines[host])
        # A leftover image costs disk, not the deployment.
        try:
            engine.remove_image(step.id)
        except JenkinsgenError as error:
            self.report.line(f"warning: {step} failed: {error.message}", host=host)


def perform(work: Transaction, plan: Plan, **given: Unpack[Given]) -> Actions:
    """Do a plan. Returns what was found out; raises what `Actions.do` raises."""
    actions = Actions(work, **given)
    actions.do(plan)
    return actions
