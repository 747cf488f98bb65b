"""How NGINX is asked on its own host: by the name and the port that the installed site file has."""

from __future__ import annotations

from typing import TYPE_CHECKING

from jenkinsgen.edge.http import get_through
from jenkinsgen.nginx.site import read_serving, site_path, state_path, way_to_ask_prepared, ways_to_ask

if TYPE_CHECKING:
    from jenkinsgen.deploy.health import Answer
    from jenkinsgen.edge.ssh.host import SshHost
    from jenkinsgen.nginx.site import Asked, Serving
    from jenkinsgen.spec.pipeline import Pipeline


class Asking:
    """One NGINX host; how it answered last is how it is asked next."""

    def __init__(self, host: SshHost, pipeline: Pipeline) -> None:
        self._host = host
        self._pipeline = pipeline
        self._known: Asked | None = None

    def get(self, path: str) -> Answer:
        """Ask for a path of the service. Raises HostError."""
        return self._ask(self.way(), path)

    def way(self) -> Asked:
        """The name and port under which NGINX answers for the service, or is likeliest to."""
        if self._pipeline.nginx.mode == "reload":
            # The team's files know nothing of the state path.
            return way_to_ask_prepared(self._pipeline, self._installed())
        return self._known or self._find(self._ways())[0]

    def serving(self) -> Serving | None:
        """The answer of NGINX at the state path; None when it does not know the service. Raises HostError."""
        found = self._find((self._known,))[1] if self._known else None
        # It may have moved to another name or port since.
        return found or self._find(self._ways())[1]

    def serving_by(self, site_text: str | None) -> Serving | None:
        """The answer of NGINX at the state path, where the text of the installed file is known."""
        self._known = None
        return self._find(ways_to_ask(self._pipeline, site_text))[1]

    def _find(self, ways: tuple[Asked, ...]) -> tuple[Asked, Serving | None]:
        """Ask in one way after the other, until NGINX answers for this service."""
        for asked in ways:
            answer = self._ask(asked, state_path(self._pipeline))
            # NGINX may not listen on this port at all before the first site file; that is no error here.
            found = None if answer.status is None else read_serving(answer.body, self._pipeline.service.name)
            if found is not None:
                self._known = asked
                return asked, found
        return ways[0], None

    def _ways(self) -> tuple[Asked, ...]:
        return ways_to_ask(self._pipeline, self._installed())

    def _installed(self) -> str:
        return self._host.run(["cat", site_path(self._pipeline)]).output

    def _ask(self, asked: Asked, path: str) -> Answer:
        return get_through(self._host, asked.address, asked.port, path, {"Host": asked.name}, tls=asked.tls)
