"""The NGINX host: what it serves, and how that is changed and proven."""

from __future__ import annotations

import time
from dataclasses import replace
from typing import TYPE_CHECKING

from jenkinsgen.deploy.strangers import Leading
from jenkinsgen.edge.health_look import look_from
from jenkinsgen.edge.nginx.access_log import AccessLog
from jenkinsgen.edge.nginx.asking import Asking
from jenkinsgen.edge.nginx.connections import open_connections, resolved
from jenkinsgen.edge.nginx.container import check_container
from jenkinsgen.edge.nginx.install import await_gone, install_site, remove_site
from jenkinsgen.edge.nginx.layout import look_at_layout, silent
from jenkinsgen.edge.nginx.proof import PROOF_SECONDS, prove_each
from jenkinsgen.edge.nginx.reach import prove_reachable
from jenkinsgen.edge.nginx.reload import loaded_configuration, look_for_doubts, prove_by_health
from jenkinsgen.edge.ssh.root import as_root
from jenkinsgen.errors import NginxError, StateError
from jenkinsgen.nginx.canary import canary_health_path, percent_path, read_percent
from jenkinsgen.nginx.layout import LOOPBACK
from jenkinsgen.nginx.prepared import leading_to
from jenkinsgen.nginx.rolling import out_path, read_out
from jenkinsgen.nginx.scripts import script
from jenkinsgen.nginx.site import Serving, flag_folder, health_path, site_path
from jenkinsgen.nginx.state import NginxState, observe_arguments, read_observation
from jenkinsgen.spec.colour import Colour

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Sequence

    from jenkinsgen.deploy.health import Answer
    from jenkinsgen.deploy.steps import AwaitHealthy, InstallSite, ProveCanary, ProveLive, ProveReachable, RemoveSite
    from jenkinsgen.edge.ssh.host import SshHost
    from jenkinsgen.nginx.canary import Gate
    from jenkinsgen.nginx.connections import Endpoint
    from jenkinsgen.spec.pipeline import Pipeline
    from jenkinsgen.spec.values import HostAddress

_SHOWN = 200
_ANSWERS_ASKED = 3


class NginxHost:
    """NGINX on one host, for one service."""

    def __init__(self, host: SshHost, pipeline: Pipeline) -> None:
        self._host = host
        self._pipeline = pipeline
        self._asking = Asking(host, pipeline)

    @property
    def address(self) -> HostAddress:
        return self._host.address

    def access_log(self, path: str) -> AccessLog:
        """The log that NGINX writes there."""
        return AccessLog(self._host, path)

    def look(self, step: AwaitHealthy, *, connect_seconds: float) -> Answer:
        """Ask a container once, from here or from the agent. Raises HostError."""
        return look_from(self._host, step, connect_seconds=connect_seconds)

    def look_at_files(self) -> NginxState:
        """Files and rights alone; NGINX itself is not asked. Raises HostError; NginxError for an answer of no shape."""
        output = self._host.check(["sh", "-c", script("observe.sh"), "sh", *observe_arguments(self._pipeline)])
        try:
            return read_observation(output, self._pipeline, None)
        except ValueError as error:
            raise NginxError(
                f"{self._host.address}: cannot make sense of what was found ({error}): {output[:_SHOWN]!r}",
                hint="is there a POSIX shell with id, test and cat?",
            ) from error

    def observe(self) -> NginxState:
        """Look at files and rights, and ask NGINX itself.

        Raises HostError; NginxError and StateError when a colour is live but it is unknown which one: taken for a
        first deployment, the live colour itself might be replaced.
        """
        state = self.look_at_files()
        if self._pipeline.nginx.mode == "reload":
            if state.site_text is None:
                check_container(self._host, self._pipeline)
            elif state.live is None:
                raise self._unlike_prepared()
            return self.with_prepared(state)
        serving = self._asking.serving_by(state.site_text)
        if serving is not None:
            return replace(state, live=serving.colour, serving=serving)
        check_container(self._host, self._pipeline)
        layout = look_at_layout(self._host, self._pipeline, state.root)
        if state.owner == self._pipeline.service.name:
            raise silent(self._host, self._pipeline, state.site_text or "", layout)
        return replace(state, live=None, layout=layout)

    def with_prepared(self, state: NginxState) -> NginxState:
        """Add what the first switch of mode reload would install, and the configuration around it. Raises HostError,
        NginxError.
        """
        if state.site_text is not None or state.missing or state.root == "no":
            return state
        layout = look_at_layout(self._host, self._pipeline, state.root)
        return replace(state, layout=layout, prepared=tuple(self.prepared(colour) for colour in Colour))

    def _unlike_prepared(self) -> StateError:
        site, prepared = site_path(self._pipeline), self._pipeline.nginx.prepared
        assert prepared is not None  # noqa: S101 - the spec was checked
        return StateError(
            f"{self._host.address}: {site} is neither the prepared file of green nor that of blue (or they are the "
            "same), so it is not known which colour is live",
            hint="was one edited, or made anew? diff tells. An edit that is to stay goes into both prepared files; "
            f"then make {site} a copy of the one whose servers it has now: {prepared.green} or {prepared.blue}",
        )

    def serving(self) -> Serving | None:
        """The answer of NGINX at the state path; None when it does not know the service."""
        if self._pipeline.nginx.mode == "reload":
            return None
        return self._asking.serving()

    def live(self) -> Colour | None:
        """The colour that gets the traffic now; None when that cannot be told. Less work than `observe`."""
        prepared = self._pipeline.nginx.prepared
        if prepared is None:
            serving = self.serving()
            return serving.colour if serving else None
        same = 'cmp -s "$1" "$2" && echo "$3"; :'
        found = "".join(
            self._host.check(["sh", "-c", same, "sh", site_path(self._pipeline), prepared.of(colour), str(colour)])
            for colour in Colour
        )
        return Colour(found.strip()) if found.strip() in list(Colour) else None

    def answers(self) -> bool:
        """Does the live colour answer healthily through this host, at least once in a few times?"""
        return any(self._asking.get(health_path(self._pipeline)).healthy for _ in range(_ANSWERS_ASKED))

    def percent(self) -> int | None:
        """How many percent get the colour that is not live, as NGINX says it; None when it does not say."""
        return read_percent(self._asking.get(percent_path(self._pipeline)).body, self._pipeline.service.name)

    def prove_percent(self, gate: Gate) -> None:
        """NGINX sees what was set. Raises NginxError."""
        said = self.percent()
        if said != gate.percent:
            raise NginxError(
                f"{self._host.address}: the canary was set to {gate.percent} %, but NGINX says "
                f"{'nothing' if said is None else f'{said} %'}",
                hint=f"can NGINX's workers read {flag_folder(self._pipeline)}?",
            )

    def out(self) -> int | None:
        """Which batch of servers NGINX sends nothing to, 0 for none, as it says itself; None when it does not."""
        return read_out(self._asking.get(out_path(self._pipeline)).body)

    def prove_out(self, batch: int) -> None:
        """NGINX sees which batch is out. Raises NginxError."""
        said = self.out()
        if said != batch:
            raise NginxError(
                f"{self._host.address}: batch {batch} of the servers was to be out of the traffic (0: none), but NGINX "
                f"says {'nothing' if said is None else said}",
                hint=f"can NGINX's workers read {flag_folder(self._pipeline)}?",
            )

    def prepared(self, colour: Colour) -> str:
        """The team's own site file of a colour (mode reload)."""
        prepared = self._pipeline.nginx.prepared
        assert prepared is not None  # noqa: S101 - the spec was checked
        text = self._host.check(["cat", prepared.of(colour)])
        if "\ufffd" in text:
            raise NginxError(
                f"{self._host.address}: {prepared.of(colour)} is not UTF-8, so it cannot be installed unchanged",
                hint="convert it: iconv -f LATIN1 -t UTF-8",
            )
        return text

    def install(self, step: InstallSite, sleep: Callable[[float], None]) -> None:
        """Make a site file live and prove that NGINX took it; on failure all is as before. Raises NginxError and
        StateError.

        The flag has to be where it is to be: the new file asks for it at once. Then waits, with `sleep`, until the
        worker processes of before have answered what they had begun.
        """
        workers = install_site(self._host, self._pipeline, step)
        if step.digest:
            self._await_digest(step)
        await_gone(self._host, workers, step.drain, sleep)

    def remove_site(self, step: RemoveSite) -> None:
        """Take a site file away again. Raises HostError and StateError."""
        remove_site(self._host, self._pipeline, step)

    def _await_digest(self, step: InstallSite) -> None:
        end = time.monotonic() + PROOF_SECONDS
        while True:
            serving = self._asking.serving_by(step.text)
            if serving is not None and serving.digest == step.digest:
                return
            if time.monotonic() > end:
                check_container(self._host, self._pipeline)
                root = "yes" if as_root(self._host)[0] == "root" else "sudo"
                raise silent(self._host, self._pipeline, step.text, look_at_layout(self._host, self._pipeline, root))
            time.sleep(0.05)

    def prove(self, step: ProveLive) -> str:
        """Wait until every upstream of the colour has answered healthily through NGINX. Returns the proof in words.

        In mode reload NGINX does not say who answered; see `ask_health`. Raises NginxError.
        """
        if self._pipeline.nginx.mode == "reload":
            return prove_by_health(self._host, self._pipeline, self.ask_health(), lenient=step.lenient)
        self._prove(step.upstreams, health_path(self._pipeline), live=step.colour)
        return "every server answered through NGINX"

    def prove_reachable(self, step: ProveReachable) -> str:
        """Wait until every upstream has answered this host itself, past NGINX. Raises NginxError, and Unproven."""
        return prove_reachable(self._host, self._pipeline, step)

    def doubts(self, live: Colour | None) -> tuple[str, ...]:
        """Why a switch away from `live` could not be proven (mode reload). Raises HostError, NginxError."""
        return look_for_doubts(self, self._host, self._pipeline, live)

    def ask_health(self) -> Answer:
        """The answer of NGINX to any client that asks for the health path."""
        return self._asking.get(self._pipeline.service.health.path)

    def prove_canary(self, step: ProveCanary) -> None:
        """Wait until every upstream of the colour that is not live has answered healthily through NGINX."""
        self._prove(step.upstreams, canary_health_path(self._pipeline), live=step.colour.other)

    def _prove(self, upstreams: tuple[str, ...], path: str, *, live: Colour) -> None:
        prove_each(self._host, self._pipeline, self._asking, upstreams, path=path, live=live)

    def remotes(self, endpoints: Iterable[str]) -> tuple[Endpoint, ...]:
        """`name:port` as the addresses that this host resolves."""
        found: list[Endpoint] = []
        for endpoint in endpoints:
            name, _, port = endpoint.rpartition(":")
            found.extend((address, int(port)) for address in sorted(resolved(self._host, name.strip("[]")), key=str))
        return tuple(found)

    def drain(self, remotes: tuple[Endpoint, ...], seconds: float, sleep: Callable[[float], None]) -> int:
        """Wait until no connection leads there; returns how many were left at the deadline."""
        end = time.monotonic() + seconds
        while True:
            left = self._connections(remotes)
            if left == 0 or time.monotonic() >= end:
                return left
            sleep(0.1)

    def leading(self, doors: Sequence[str]) -> dict[str, Leading]:
        """NGINX's directives and this host's connections that lead to each `address:port`. Raises HostError."""
        loaded = loaded_configuration(self._host, self._pipeline)
        found: dict[str, Leading] = {}
        for door in doors:
            remotes = self._doors(door)
            named = leading_to(loaded, frozenset(remotes), self.known)
            found[door] = Leading(named, self._connections(remotes), loaded.unknown)
        return found

    def known(self, endpoint: str) -> frozenset[Endpoint]:
        """The addresses of an endpoint; none where another file's name has no address, which is no reason to stop."""
        try:
            return frozenset(self.remotes([endpoint]))
        except NginxError:
            return frozenset()

    def _doors(self, door: str) -> tuple[Endpoint, ...]:
        """A server that is this very host is reached by its loopback address as well."""
        own = {str(server.upstream) for server in self._pipeline.servers if server.ssh.name == self._host.address.name}
        name, _, port = door.rpartition(":")
        return self.remotes([door, f"{LOOPBACK}:{port}"] if name.strip("[]") in own else [door])

    def _connections(self, remotes: tuple[Endpoint, ...]) -> int:
        return open_connections(self._host, self._pipeline.nginx.container or "", remotes)
