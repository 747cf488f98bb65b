"""The plan of roll-out: the live colour's containers are replaced, one batch of servers after the other.

It plans from what is there to a release that every server runs, whatever is there: a roll-out that is half-way, by a
build that was killed, or one that has to be taken back. So a rollback is the same plan for the release before.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from jenkinsgen.deploy.container import start_container
from jenkinsgen.deploy.engines.docker.plan import DockerPlan
from jenkinsgen.deploy.nginx_hosts import nginx_hosts, states_of
from jenkinsgen.deploy.observed import DIGEST
from jenkinsgen.deploy.plan.deploy import await_healthy
from jenkinsgen.deploy.plan.site import serves, setup_command, site_change, wanted_site
from jenkinsgen.deploy.plan.switch import reach_phase
from jenkinsgen.deploy.steps import NGINX, Phase, Plan, ProveLive, ProveVacant, PutBack, RemoveOut, Step, TakeOut
from jenkinsgen.deploy.strangers import refuse_strangers
from jenkinsgen.errors import StateError
from jenkinsgen.nginx.rolling import gets_traffic
from jenkinsgen.nginx.site import endpoint, upstreams_of
from jenkinsgen.spec.rolling import batches_of

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from jenkinsgen.deploy.release import Release
    from jenkinsgen.deploy.world import World
    from jenkinsgen.spec.colour import Colour
    from jenkinsgen.spec.pipeline import Pipeline
    from jenkinsgen.spec.service import Server


def plan_roll(pipeline: Pipeline, release: Release, world: World, *, back: bool = False) -> Plan:
    """Go from what runs to `release` on every server, in the live colour. Empty when all run it already.

    With `back` it takes a roll-out back: a server that lost its container gets it, whatever program answers there.
    Raises StateError when a container that is not ours stands in the way, or when NGINX cannot be changed.
    """
    _refuse_new_ports(pipeline, world, release.colour)
    for server in pipeline.servers:
        refuse_strangers(server, world.servers[str(server)], pipeline, release.colour, world.leading)
    roll = _Roll(pipeline, release, world, back)
    away = [server for server in pipeline.servers if not roll.serves(server)]
    change = _site_change(pipeline, release.colour, world)
    before = (
        *roll.replaced("start", away),
        *roll.reached(away),
        *change,
        *_on_nginx("put back", (PutBack(),) if world.out else ()),
    )
    rounds = tuple(
        phase
        for number, batch in enumerate(batches_of(pipeline), start=1)
        for phase in roll.round(number, [server for server in batch if server not in away])
    )
    if not before and not rounds:
        return Plan((), note=f"{release.version} runs on every server already, as {release.colour}")
    prove = ProveLive(release.colour, upstreams_of(pipeline)[release.colour])
    return Plan((*roll.pulls(), *before, *rounds, *_on_nginx("prove", (prove,))))


def _on_nginx(title: str, steps: tuple[Step, ...]) -> tuple[Phase, ...]:
    return (Phase(title, {NGINX: steps}),) if steps else ()


@dataclass(frozen=True, slots=True)
class _Roll:
    pipeline: Pipeline
    release: Release
    world: World
    back: bool

    def upstream(self, server: Server) -> str:
        return endpoint(server.upstream, self.pipeline.service.ports.of(self.release.colour))

    def serves(self, server: Server) -> bool:
        """Does any NGINX host send requests there? A build that was killed may have left them two site files."""
        states = states_of(self.world.nginx).values()
        return any(gets_traffic(state, self.world.out, self.upstream(server)) for state in states)

    def runs(self, server: Server) -> bool:
        """The very release, and nothing else of its colour."""
        found = list(self.world.servers[str(server)].of(self.pipeline.identity, self.release.colour))
        return bool(found) and all(
            each.running and each.version == self.release.version and each.labels.get(DIGEST) == self.release.digest
            for each in found
        )

    def pulls(self) -> tuple[Phase, ...]:
        """Everywhere, before anything is taken out: a registry that is down costs nothing."""
        engine = DockerPlan(self.pipeline)
        missing = {
            str(server): engine.pull(str(server), self.release, self.world)
            for server in self.pipeline.servers
            if not self.runs(server)
        }
        return (Phase("pull", missing, changes=False),) if missing else ()

    def replaced(self, title: str, servers: Iterable[Server]) -> tuple[Phase, ...]:
        """`servers` with the release, healthy."""
        steps = {str(server): tuple(self._steps(server)) for server in servers}
        return (Phase(title, steps),) if steps else ()

    def reached(self, servers: list[Server]) -> tuple[Phase, ...]:
        """They get no request before NGINX's hosts reach them."""
        upstreams = tuple(self.upstream(server) for server in servers)
        return (reach_phase(self.pipeline, self.release.colour, upstreams, lenient=True),) if servers else ()

    def _steps(self, server: Server) -> Iterator[Step]:
        look = await_healthy(server, self.pipeline, self.release.colour)
        if not self.runs(server):
            for each in self.world.servers[str(server)].of(self.pipeline.identity, self.release.colour):
                yield RemoveOut(each.id, each.name, self.upstream(server), self.pipeline.cleanup.grace)
            if not self.back:
                yield ProveVacant(look)
            yield start_container(self.pipeline, self.release)
        yield look

    def round(self, number: int, servers: list[Server]) -> tuple[Phase, ...]:
        """One batch: out, replaced, back. A server that runs the release already stays where it is."""
        old = [server for server in servers if not self.runs(server)]
        if not old:
            return ()
        out = TakeOut(number, tuple(self.upstream(server) for server in servers), self.pipeline.cleanup.drain)
        return (
            *_on_nginx(f"batch {number}: out", (out,)),
            *self.replaced(f"batch {number}: replace", old),
            *self.reached(servers),
            *_on_nginx(f"batch {number}: back", (PutBack(),)),
        )


def _site_change(pipeline: Pipeline, colour: Colour, world: World) -> tuple[Phase, ...]:
    """Batches, and servers that are new, come with the site file. Raises StateError when it may not be changed."""
    text = wanted_site(pipeline, world.nginx).text
    hosts = nginx_hosts(pipeline)
    for name, nginx in states_of(world.nginx).items():
        kept = nginx.edited and serves(pipeline, nginx, colour)
        if nginx.root == "no" and nginx.site_text != text and not kept:
            raise StateError(
                f"the site file on {hosts[name]} has other servers or batches than the spec, and {nginx.user} may "
                "not change it (no sudo)",
                hint=f"an administrator runs: {setup_command(hosts[name])}",
            )
    return site_change(pipeline, colour, world.nginx).install


def _refuse_new_ports(pipeline: Pipeline, world: World, colour: Colour) -> None:
    """A roll-out replaces containers in place, so it keeps the port. Raises StateError."""
    installed = (world.nginx.upstreams or {}).get(colour, ())
    known = {name: port for name, _, port in (each.rpartition(":") for each in installed)}
    wanted = pipeline.service.ports.of(colour)
    for server in pipeline.servers:
        port = known.get(endpoint(server.upstream, wanted).rpartition(":")[0])
        if port is not None and port != str(wanted):
            raise StateError(
                f"{server}: {colour} serves on port {port}, and the spec says {wanted}: a roll-out keeps the port",
                hint="deploy the new ports once with `strategy: blue-green`",
            )
