"""Asks a Prometheus server, from the agent."""

from __future__ import annotations

import time
from contextlib import closing
from typing import TYPE_CHECKING

import requests

from jenkinsgen.deploy.guard.metric import query_for, read_values
from jenkinsgen.edge.deadline import in_time
from jenkinsgen.errors import HostError, StateError

if TYPE_CHECKING:
    from jenkinsgen.spec.colour import Colour
    from jenkinsgen.spec.guard import Prometheus

REQUEST_SECONDS = 5.0
"""For connecting, and for each read."""
LOOK_SECONDS = 2 * REQUEST_SECONDS
"""For all of it."""
LOOK_BYTES = 1024**2
"""The longest answer: ten thousand series. It is asked every second, and what answers without end ends the agent."""
_PIECE = 64 * 1024
# One of the agent is for the Internet; what it answers is not what Prometheus says.
_NO_PROXY = {"http": "", "https": ""}
# A refused query is answered with 400 or 422, and the reason.
_ANSWERED = (200, 400, 422)


def ask_prometheus(prometheus: Prometheus, colour: Colour) -> tuple[float, ...]:
    """The numbers that the query gives now. Raises HostError, and StateError when the query is refused."""
    url = f"{prometheus.url.rstrip('/')}/api/v1/query"
    query = {"query": query_for(prometheus, colour)}
    try:
        # The query goes by POST, because it may be longer than what a proxy allows for a URL.
        status, body = in_time(LOOK_SECONDS, lambda: _ask(url, query))
    except (requests.RequestException, TimeoutError, ValueError) as error:
        # `requests` raises ValueError for a redirect to what is no URL, and for a chunk of negative length.
        raise HostError(
            f"{prometheus.url}: Prometheus cannot be asked: {str(error) or f'no answer within {LOOK_SECONDS:.0f} s'}",
            hint="guard.prometheus.url; can the agent reach it?",
        ) from error
    if status not in _ANSWERED:
        raise HostError(
            f"{prometheus.url}: Prometheus answered with status {status}",
            hint="guard.prometheus.url; it is asked without a login and without following redirects",
        )
    if len(body) > LOOK_BYTES:
        raise StateError(
            f"{prometheus.url}: the answer to guard.prometheus.query has more than {LOOK_BYTES // 1024} KiB",
            hint="let the query give few numbers: max(…), sum(…)",
        )
    return read_values(body.decode(errors="replace"))


def _ask(url: str, query: dict[str, str]) -> tuple[int, bytes]:
    """The status, and with one of `_ANSWERED` the answer, or as much of it as shows that it is too long."""
    end = time.monotonic() + LOOK_SECONDS
    asked = requests.post(
        url,
        data=query,
        # An auth that adds no login: else `requests` would look for one in ~/.netrc.
        auth=lambda request: request,
        proxies=_NO_PROXY,
        timeout=REQUEST_SECONDS,
        allow_redirects=False,
        stream=True,
    )
    with closing(asked):
        body = b""
        if asked.status_code in _ANSWERED:
            for piece in asked.iter_content(_PIECE):
                body += piece
                # A late answer is no longer waited for.
                if len(body) > LOOK_BYTES or time.monotonic() > end:
                    break
        return asked.status_code, body
