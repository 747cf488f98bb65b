"""NGINX: it serves what its files and the flag say, and answers for its containers."""

from __future__ import annotations

from dataclasses import replace
from ipaddress import ip_address
from typing import TYPE_CHECKING

from jenkinsgen.deploy.nginx_hosts import states_of
from jenkinsgen.deploy.steps import NGINX
from jenkinsgen.deploy.strangers import Leading
from jenkinsgen.edge.nginx.access_log import Look
from jenkinsgen.errors import NginxError

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Sequence

    from jenkinsgen.deploy.health import Answer
    from jenkinsgen.deploy.steps import AwaitHealthy, InstallSite, ProveCanary, ProveLive, ProveReachable, RemoveSite
    from jenkinsgen.nginx.canary import Gate
    from jenkinsgen.nginx.connections import Endpoint
    from jenkinsgen.nginx.state import NginxState
    from jenkinsgen.spec.colour import Colour

    from .house import House

PROOF_SECONDS = 10.0


class NginxInMemory:
    """See `Nginx`."""

    address = "192.0.2.10"

    def __init__(self, house: House) -> None:
        self._house = house
        self.count = 1
        self.nameless = False
        """Does it know the address of no name?"""
        self.dumb = False
        """Does it not say any more what it serves?"""

    def host(self, name: str) -> _OneInMemory:
        return _OneInMemory(self._house, name)

    def access_log(self, path: str) -> LogInMemory:
        return LogInMemory(self._house, path)

    def observe(self) -> NginxState:
        self._house.call("look at NGINX")
        return self._house.world.nginx

    def lives(self) -> dict[str, Colour | None]:
        self._house.call("ask NGINX what is live")
        return {name: None if self.dumb else each.live for name, each in states_of(self._house.world.nginx).items()}

    def live(self) -> Colour | None:
        return self.lives()[NGINX]

    def leader_answers(self) -> bool:
        live = self._house.world.live
        return live is not None and all(self._house.running(name, live) for name in self._house.world.servers)

    def look(self, step: AwaitHealthy, *, connect_seconds: float = 5.0) -> Answer:  # noqa: ARG002
        self._house.call(f"{step.address}: look at the health")
        return self._house.answer(self._server(step.address), step.port)

    def _server(self, address: str) -> str:
        return next(str(each) for each in self._house.pipeline.servers if each.upstream == address)

    def percents(self) -> dict[str, int | None]:
        gate = self._house.world.canary
        return dict.fromkeys(states_of(self._house.world.nginx), gate.percent if gate else 0)

    def outs(self) -> dict[str, int | None]:
        return dict.fromkeys(states_of(self._house.world.nginx), self._house.world.out)

    def prove(self, step: ProveLive) -> str:
        self._house.call("prove that it is live")
        assert self._house.world.live is step.colour
        self._all_answer(step.upstreams)
        return "every server answered through NGINX"

    def _all_answer(self, upstreams: Iterable[str]) -> None:
        for upstream in upstreams:
            name, _, port = upstream.rpartition(":")
            answer = self._house.answer(self._server(name), int(port))
            if not answer.healthy:
                self._house.clock.sleep(PROOF_SECONDS)
                raise NginxError(f"{upstream} did not answer healthily through NGINX: {answer}")

    def doubts(self, live: Colour | None) -> tuple[str, ...]:  # noqa: ARG002
        return ()

    def prove_canary(self, step: ProveCanary) -> None:
        self._house.call("prove the canary")
        self._all_answer(step.upstreams)

    def prove_percent(self, gate: Gate) -> None:
        self._house.call("prove the percent")
        assert self.percents()[NGINX] == gate.percent

    def prove_out(self, batch: int) -> None:
        self._house.call("prove which batch is out")
        assert self._house.world.out == batch

    def prepared(self, colour: Colour) -> str:
        return f"# the file of {colour}\n"

    def leading(self, doors: Sequence[str]) -> dict[str, Leading]:
        return {door: Leading() for door in doors}

    def remotes(self, endpoints: Iterable[str]) -> tuple[Endpoint, ...]:
        found = (endpoint.rpartition(":") for endpoint in endpoints)
        return tuple((ip_address(name), int(port)) for name, _, port in found)

    def known_remotes(self, endpoints: Iterable[str]) -> tuple[Endpoint, ...] | None:
        return None if self.nameless else self.remotes(endpoints)

    def drain(self, remotes: tuple[Endpoint, ...], seconds: float, sleep: Callable[[float], None]) -> int:  # noqa: ARG002
        self._house.call("drain")
        if self._house.connections:
            sleep(seconds)
        return self._house.connections


class _OneInMemory:
    """See `OneNginx`."""

    def __init__(self, house: House, name: str) -> None:
        self._house = house
        self._name = name

    def install(self, step: InstallSite, sleep: Callable[[float], None]) -> None:  # noqa: ARG002
        self._house.do("install the site", self._name, step)

    def remove_site(self, step: RemoveSite) -> None:
        self._house.do("remove the site", self._name, step)

    def prove_reachable(self, step: ProveReachable) -> str:
        self._house.call("prove that NGINX reaches the servers")
        self._house.nginx._all_answer(step.upstreams)
        return "every server answered the NGINX host"


class LogInMemory:
    """See `AccessLogs`."""

    def __init__(self, house: House, path: str) -> None:
        self._house = house
        self.path = path
        self._looked = house.clock.now()

    def recent(self, seconds: float) -> Look:
        self._house.call("read the access log")
        self._looked = self._house.clock.now()
        return Look(self._house.requests(seconds), self._house.now())

    def before(self, seconds: float) -> Look:
        return self.recent(seconds)

    def look(self) -> Look:
        since = self._house.clock.now() - self._looked
        return replace(self.recent(since))
