"""The access logs of a service on all of its NGINX hosts, read as one."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from jenkinsgen.edge.nginx.access_log import LogAbsent, Look
from jenkinsgen.parallel import in_parallel

if TYPE_CHECKING:
    from collections.abc import Mapping

    from jenkinsgen.edge.nginx.access_log import AccessLog


class AccessLogs:
    """The first host's clock is that of all requests: what another host tells is set right by what its clock says
    when it is read.
    """

    def __init__(self, logs: Mapping[str, AccessLog], path: str) -> None:
        self._logs = logs
        self.path = path
        self._kept: dict[str, Look] = {}
        """Looks that succeeded while another host could not be read."""

    def recent(self, seconds: float) -> Look:
        """The requests of the last `seconds`. Raises LogAbsent and HostError, as each log does."""
        self._kept = {}
        return _as_one(in_parallel(lambda log: log.recent(seconds), self._logs))

    def before(self, seconds: float) -> Look:
        """The requests on the hosts that have a log: a host that has just joined gets its own with the next switch.

        Raises LogAbsent when none has one, and HostError.
        """

        def recent(log: AccessLog) -> Look | None:
            try:
                return log.recent(seconds)
            except LogAbsent:
                return None

        found = in_parallel(recent, self._logs)
        looks = {name: look for name, look in found.items() if look is not None}
        if not looks:
            raise LogAbsent(f"no NGINX host has {self.path}")
        return _as_one(looks)

    def look(self) -> Look:
        """The requests since the last look. Raises HostError; what was read by then is part of the next look."""

        def look(name: str) -> None:
            seen = self._logs[name].look()
            kept = self._kept.get(name)
            self._kept[name] = _both(kept, seen) if kept else seen

        in_parallel(look, {name: name for name in self._logs})
        found, self._kept = self._kept, {}
        return _as_one({name: found[name] for name in self._logs})


def _both(earlier: Look, later: Look) -> Look:
    return Look(
        (*earlier.requests, *later.requests),
        later.time,
        earlier.damaged + later.damaged,
        earlier.skipped + later.skipped,
    )


def _as_one(looks: Mapping[str, Look]) -> Look:
    first, *others = looks.values()
    for other in others:
        ahead = other.time - first.time
        moved = tuple(replace(request, time=request.time - ahead) for request in other.requests)
        first = _both(first, replace(other, requests=moved, time=first.time))
    return first
