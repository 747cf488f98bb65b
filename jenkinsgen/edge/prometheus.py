"""Asks a Prometheus server, from the agent."""

from __future__ import annotations

from typing import TYPE_CHECKING

import requests

from jenkinsgen.deploy.metric import query_for, read_values
from jenkinsgen.edge.deadline import in_time
from jenkinsgen.errors import HostError

if TYPE_CHECKING:
    from jenkinsgen.spec.colour import Colour
    from jenkinsgen.spec.guard import Prometheus

REQUEST_SECONDS = 5.0
"""For connecting, and for each read."""
LOOK_SECONDS = 2 * REQUEST_SECONDS
"""For all of it."""
# A refused query is answered with 400 or 422, and the reason.
_ANSWERED = (200, 400, 422)


def ask_prometheus(prometheus: Prometheus, colour: Colour) -> tuple[float, ...]:
    """The numbers that the query gives now. Raises HostError, and StateError when the query is refused."""
    url = f"{prometheus.url.rstrip('/')}/api/v1/query"
    query = {"query": query_for(prometheus, colour)}
    try:
        # By POST, because a query may be longer than what a proxy allows for a URL.
        answer = in_time(
            LOOK_SECONDS,
            lambda: requests.post(url, data=query, timeout=REQUEST_SECONDS, allow_redirects=False),
        )
    except (requests.RequestException, TimeoutError) as error:
        raise HostError(
            f"{prometheus.url}: Prometheus cannot be asked: {str(error) or type(error).__name__}",
            hint="guard.prometheus.url; can the agent reach it?",
        ) from error
    if answer.status_code not in _ANSWERED:
        raise HostError(
            f"{prometheus.url}: Prometheus answered with status {answer.status_code}",
            hint="guard.prometheus.url; it is asked without a login and without following redirects",
        )
    return read_values(answer.text)
