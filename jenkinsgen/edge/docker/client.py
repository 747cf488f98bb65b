"""The docker SDK, kept within bounds: no redirects, no proxies, no logins unasked, no answer without end."""

from __future__ import annotations

import re
from contextlib import closing
from typing import TYPE_CHECKING, Any

import docker
import docker.auth
import docker.errors
import requests
from docker.utils.proxy import ProxyConfig

from jenkinsgen.edge.deadline import in_time
from jenkinsgen.edge.docker.stream import TooLong, json_lines, read_json

if TYPE_CHECKING:
    from collections.abc import Iterator

API_SECONDS = 120
"""For the whole of an answer; the streams of pull, push and build have bounds of their own, in `stream.py`."""
ANSWER_BYTES = 64 * 1024**2
"""The longest answer that is no stream: a thousand containers are two MiB, the last lines of a log may be more."""
ANY_VERSION = "1.41"
"""The SDK wants one before it can ask for one."""
PIECE = 64 * 1024
_EXPLANATION = 2000
_REDIRECTS, _NOT_MODIFIED, _REFUSALS = 300, 304, 400


class EngineClient(docker.APIClient):
    """One engine. Its methods are the SDK's; they raise what `docker_trouble.TROUBLE` lists."""

    def __init__(self, base_url: str | None, version: str, *, own: bool, tls: Any = False) -> None:
        """`own`: the agent's own engine. To others nothing goes of what ~/.docker/config.json says."""
        super().__init__(base_url, version=version, tls=tls, timeout=API_SECONDS)
        # A proxy of the agent is for the Internet, and ~/.netrc for the hosts that it names.
        self.trust_env = False
        self._logins: dict[str, dict[str, str]] = {}
        if not own:
            self._auth_configs = _NoLogins({})
            # Headers that ~/.docker/config.json adds to each request, and proxies that it gives to each container.
            self._general_configs: dict[str, Any] = {}
            self._proxy_configs = ProxyConfig()

    def log_in(self, registry: str, login: dict[str, str]) -> None:
        """Builds may pull from this registry, too: `username` and `password`."""
        self._logins[registry] = login

    def get_redirect_target(self, resp: requests.Response) -> None:
        """None: an engine has no redirects, and one would send our secrets to another address."""

    def send(self, request: requests.PreparedRequest, **options: Any) -> requests.Response:
        """Raises APIError for every answer that is no success, Timeout and TooLong."""
        streams, seconds = options.get("stream"), options.get("timeout")
        options["stream"] = True

        def exchange() -> requests.Response:
            answer = super(EngineClient, self).send(request, **options)
            if not streams or answer.status_code >= _REDIRECTS:
                # It is where `requests` keeps what it has read; it would read without a bound.
                answer._content = _read(answer)  # noqa: SLF001
            return answer

        try:
            answer = in_time(seconds, exchange) if isinstance(seconds, (int, float)) else exchange()
        except TimeoutError as error:
            raise requests.Timeout(str(error) or f"no whole answer within {seconds} s", request=request) from error
        _refuse(answer)
        return answer

    def _stream_helper(self, response: requests.Response, decode: bool = False) -> Iterator[Any]:  # noqa: ARG002
        """The messages of pull, push and build. The SDK's own method reads a line, and a chunk, of any length."""
        with closing(response):
            yield from json_lines(response.iter_content(PIECE))

    def _set_auth_headers(self, headers: dict[str, Any]) -> None:
        """The logins that a build may use. The SDK's own knows those of ~/.docker/config.json alone."""
        if not self._logins:
            super()._set_auth_headers(headers)  # type: ignore[misc]
            return
        known = docker.auth.load_config()
        logins = {**known.get_all_credentials(), **self._logins}  # type: ignore[no-untyped-call]
        headers["X-Registry-Config"] = docker.auth.encode_header(logins)


class _NoLogins(docker.auth.AuthConfig):
    """Logins that look non-empty: without any, the SDK looks into ~/.docker/config.json once more."""

    @property
    def is_empty(self) -> bool:
        return False


def _read(answer: requests.Response) -> bytes:
    body = bytearray()
    for piece in answer.iter_content(PIECE):
        body += piece
        if len(body) > ANSWER_BYTES:
            answer.close()
            raise TooLong(f"its answer has more than {ANSWER_BYTES // 1024**2} MiB")
    return bytes(body)


def _refuse(answer: requests.Response) -> None:
    status = answer.status_code
    if status < _REDIRECTS or status == _NOT_MODIFIED:
        return
    if status < _REFUSALS:
        to = answer.headers.get("Location", "nowhere")
        raise docker.errors.APIError(
            str(status), response=answer, explanation=f"status {status}, a redirect to {to}, which is not followed"
        )
    kind = docker.errors.NotFound if status == requests.codes.not_found else docker.errors.APIError
    raise kind(str(status), response=answer, explanation=_explanation(answer))


def _explanation(answer: requests.Response) -> str:
    """Docker's `{"message": …}`, else the text itself, else the status."""
    try:
        found = read_json(answer.content)
    except ValueError:
        found = None
    said = found.get("message") if isinstance(found, dict) else answer.content.decode(errors="replace")
    return str(said or f"status {answer.status_code}").strip()[:_EXPLANATION]


def called(answer: requests.Response) -> str:
    """`POST /containers/shop-blue/update`, for a message."""
    asked = answer.request
    return f"{asked.method} {re.sub(r'^/v[0-9.]+(?=/)', '', (asked.path_url or '').partition('?')[0])}"
