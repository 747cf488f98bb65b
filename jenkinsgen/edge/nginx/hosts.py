"""All NGINX hosts in front of the servers: what holds of the service holds on each of them."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, TypeVar

from jenkinsgen.deploy.strangers import Leading
from jenkinsgen.edge.http import REQUEST_SECONDS
from jenkinsgen.edge.nginx.access_logs import AccessLogs
from jenkinsgen.errors import NginxError, StateError
from jenkinsgen.parallel import on_each

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Mapping, Sequence

    from jenkinsgen.deploy.health import Answer
    from jenkinsgen.deploy.steps import AwaitHealthy, ProveCanary, ProveLive
    from jenkinsgen.edge.nginx.host import NginxHost
    from jenkinsgen.nginx.canary import Gate
    from jenkinsgen.nginx.connections import Endpoint
    from jenkinsgen.nginx.state import NginxState
    from jenkinsgen.spec.colour import Colour

T = TypeVar("T")


class NginxHosts:
    """The NGINX hosts, by the names that plans give them. The first one leads: the others should serve the same."""

    def __init__(self, hosts: Mapping[str, NginxHost]) -> None:
        self._hosts = hosts
        self._leader = next(iter(hosts))

    def host(self, name: str) -> NginxHost:
        """One of them."""
        return self._hosts[name]

    @property
    def address(self) -> str:
        """The address of the host that leads, for messages."""
        return str(self._hosts[self._leader].address)

    @property
    def count(self) -> int:
        return len(self._hosts)

    def access_log(self, path: str) -> AccessLogs:
        """The logs that NGINX writes at `path`, on all of its hosts."""
        return AccessLogs({name: host.access_log(path) for name, host in self._hosts.items()}, path)

    def look(self, step: AwaitHealthy, *, connect_seconds: float = REQUEST_SECONDS) -> Answer:
        """Ask a container once, from where the spec says: HostError when the NGINX host has to ask, and is gone."""
        return self._hosts[self._leader].look(step, connect_seconds=connect_seconds)

    def observe(self) -> NginxState:
        """The state of the leader, with that of the others in it.

        Raises what a host raises; StateError when another host serves the service, and the leader knows nothing of it:
        taken for a first deployment, the live colour itself might be replaced.
        """
        found = self._each(lambda host: host.observe())
        state = found.pop(self._leader)
        if state.live is None:
            for name, other in found.items():
                if other.live is not None:
                    raise StateError(
                        f"{name} serves {other.live}, but the host that leads serves no colour of this service",
                        hint="nginx.host was made anew? jenkinsgen nginx setup, and `blue` beside it if blue is live; "
                        "a first deployment that was cut off, and no client comes to that host? remove the site file "
                        "there (docs/nginx-hosts.md)",
                    )
        return replace(state, others=found)

    def lives(self) -> dict[str, Colour | None]:
        """The colour that gets the traffic on each host now; None where that cannot be told."""
        return self._each(lambda host: host.live())

    def live(self) -> Colour | None:
        """The colour that gets the traffic on the leading host now; None where that cannot be told."""
        return self._hosts[self._leader].live()

    def leader_answers(self) -> bool:
        """Does the colour that the leading host gives the traffic to answer there?"""
        return self._hosts[self._leader].answers()

    def percents(self) -> dict[str, int | None]:
        """How many percent get the colour that is not live, on each host."""
        return self._each(lambda host: host.percent())

    def outs(self) -> dict[str, int | None]:
        """The batch of servers that is out of the traffic on each host, 0 for none; None where it does not say."""
        return self._each(lambda host: host.out())

    def prove(self, step: ProveLive) -> str:
        """Returns what was seen, on each of them. Raises NginxError."""
        return self._each(lambda host: host.prove(step))[self._leader]

    def doubts(self, live: Colour | None) -> tuple[str, ...]:
        """Why a switch could not be proven (mode reload, which has one host)."""
        return self._hosts[self._leader].doubts(live)

    def prove_canary(self, step: ProveCanary) -> None:
        """Raises NginxError."""
        self._each(lambda host: host.prove_canary(step))

    def prove_percent(self, gate: Gate) -> None:
        """Raises NginxError."""
        self._each(lambda host: host.prove_percent(gate))

    def prove_out(self, batch: int) -> None:
        """Raises NginxError."""
        self._each(lambda host: host.prove_out(batch))

    def prepared(self, colour: Colour) -> str:
        """The team's own site file of a colour (mode reload, which has one host)."""
        return self._hosts[self._leader].prepared(colour)

    def leading(self, doors: Sequence[str]) -> dict[str, Leading]:
        """The directives and connections of any host that lead to each `address:port`. Raises HostError."""
        found = self._each(lambda host: host.leading(doors)).values()
        return {door: sum((each[door] for each in found), Leading()) for door in doors}

    def remotes(self, endpoints: Iterable[str]) -> tuple[Endpoint, ...]:
        """`name:port` as the addresses that any of the hosts resolves."""
        asked = tuple(endpoints)
        found = self._each(lambda host: host.remotes(asked))
        return tuple(dict.fromkeys(remote for each in found.values() for remote in each))

    def known_remotes(self, endpoints: Iterable[str]) -> tuple[Endpoint, ...] | None:
        """The addresses that any of the hosts resolves; None where a host knows no address of one: NGINX may still be
        connected to its former address.
        """
        try:
            return self.remotes(endpoints)
        except NginxError:
            return None

    def drain(self, remotes: tuple[Endpoint, ...], seconds: float, sleep: Callable[[float], None]) -> int:
        """Wait until no connection leads there from any host; returns how many were left at the deadline."""
        return sum(self._each(lambda host: host.drain(remotes, seconds, sleep)).values())

    def _each(self, ask: Callable[[NginxHost], T]) -> dict[str, T]:
        return on_each(ask, self._hosts)
