"""python-jenkins 1.8.3 with manners.

What it changes, each observed in 1.8.3: redirects are not followed (each POST fetched a page of HTML after it);
a crumb is fetched only when one is asked for, and anew when it is stale; answers are UTF-8, and have an end; reasons
that Jenkins gives in headers are kept; `retries` works; Kerberos is not tried; TLS is verified whatever
PYTHONHTTPSVERIFY says; extra headers are not logged.
"""

from __future__ import annotations

import os
import random
import threading
import time
from contextlib import suppress
from typing import TYPE_CHECKING, Any
from urllib.parse import urljoin, urlsplit

import jenkins
import requests

from jenkinsgen.edge.jenkins.http import bound
from jenkinsgen.edge.jenkins.reason import reason
from jenkinsgen.edge.jenkins.trust import trusted
from jenkinsgen.jobs.answers.server import crumb_header, read_json

if TYPE_CHECKING:
    from collections.abc import Iterator

    from jenkinsgen.edge.jenkins.settings import JenkinsSettings

EXTRA_HEADERS = "JENKINS_API_EXTRA_HEADERS"
_RETRIES = 3
_FIRST_PAUSE = 0.5
_LONGEST_PAUSE = 30.0
_UNAVAILABLE = frozenset({502, 503, 504})
_CONNECT_TIMEOUT = 10.0
# The whole of an answer may take so many times as long as the wait for its next byte.
_WHOLE = 2
_NOT_FOUND = 404
_FORBIDDEN = 403
_FIRST_ERROR = 400
_FIRST_REDIRECT = 300
_AFTER_A_POST = frozenset({302, 303})
_LOGIN_PAGES = ("/login", "/commenceLogin", "/loginError")
# A POST to these may be sent twice: the second one changes nothing.
_REPEATABLE = ("/config.xml", "/submitDescription", "/validateJenkinsfile", "/doDelete", "/stop")
_environment = threading.Lock()


class Refused(jenkins.JenkinsException):  # type: ignore[misc] # the library has no types
    """Jenkins answered with an error."""

    def __init__(self, status: int, why: str) -> None:
        super().__init__(f"{why} (HTTP {status})")
        self.status = status
        self.why = why


class Client(jenkins.Jenkins):  # type: ignore[misc] # the library has no types
    """One connection, for one thread: requests.Session is not promised to be thread-safe."""

    def __init__(self, settings: JenkinsSettings) -> None:
        with _environment:
            extra = os.environ.pop(EXTRA_HEADERS, None)
            try:
                timeout = (_CONNECT_TIMEOUT, settings.timeout)
                super().__init__(settings.url, settings.user, settings.token, timeout=timeout)
            finally:
                if extra is not None:
                    os.environ[EXTRA_HEADERS] = extra
        del self._auths[1:]
        # An API token needs no crumb; a password's first POST is refused, and then one is fetched.
        self.crumb: Any = False
        # http needs no certificates.
        self._session.verify = trusted(settings.ca_file) if settings.url.startswith("https:") else True
        bound(self._session, _WHOLE * settings.timeout)
        # Names of kinds of credentials come in the language of the request.
        self._session.headers["Accept-Language"] = "en"
        for line in (extra or "").splitlines():
            name, colon, value = line.partition(":")
            if colon:
                self._session.headers[name.strip()] = value.strip()

    def jenkins_request(
        self, req: requests.Request, add_crumb: bool = True, resolve_auth: bool = True, stream: bool | None = None
    ) -> requests.Response:
        """Send a request; once more with a new crumb if Jenkins did not accept the old one."""
        posts = req.method == "POST"
        try:
            answer: requests.Response = super().jenkins_request(req, add_crumb and posts, resolve_auth, stream)
        except Refused as refused:
            if refused.status != _FORBIDDEN or "No valid crumb" not in refused.why:
                raise
            self.crumb = None
            answer = super().jenkins_request(req, add_crumb, resolve_auth, stream)
        return answer

    def maybe_add_crumb(self, req: requests.Request) -> None:
        """Fetch a crumb if one is asked for, and send it along."""
        if self.crumb is None:
            try:
                url = f"{self.server}crumbIssuer/api/json"
                self.crumb = crumb_header(read_json(self.jenkins_open(requests.Request("GET", url), add_crumb=False)))
            except jenkins.NotFoundException:
                # The server wants none.
                self.crumb = False
        if self.crumb:
            name, value = self.crumb
            req.headers[name] = value

    def _request(self, req: requests.Request, stream: bool | None = None) -> requests.Response:
        prepared = self._session.prepare_request(req)
        settings = self._session.merge_environment_settings(prepared.url, {}, stream, self._session.verify, None)
        settings |= {"timeout": self.timeout, "allow_redirects": False}
        repeatable = req.method == "GET" or str(prepared.url).partition("?")[0].endswith(_REPEATABLE)
        for pause in _pauses() if repeatable else ():
            # A request that timed out is not sent again: it has waited long enough, and Jenkins may be at it.
            with suppress(requests.ConnectionError):
                response: requests.Response = self._session.send(prepared, **settings)
                if response.status_code not in _UNAVAILABLE:
                    return response
                pause = max(pause, _retry_after(response))  # noqa: PLW2901 - the server knows better
            time.sleep(min(pause, _LONGEST_PAUSE))
        last: requests.Response = self._session.send(prepared, **settings)
        return last

    def _response_handler(self, response: requests.Response) -> requests.Response:
        if "charset" not in response.headers.get("Content-Type", ""):
            response.encoding = "utf-8"
        status = response.status_code
        if status == _NOT_FOUND and "X-Jenkins" in response.headers:
            raise jenkins.NotFoundException("not found")
        if status == _NOT_FOUND:
            # Something else answers there. Taken for a Jenkins, it would seem to have no jobs at all.
            raise Refused(status, "no Jenkins answers at this address")
        if status >= _FIRST_ERROR or (status >= _FIRST_REDIRECT and not _is_done(response)):
            raise Refused(status, reason(status, response.headers, response.text))
        return response


def _is_done(response: requests.Response) -> bool:
    """Whether a redirect is how Jenkins says that it did what was asked: to a page of its own, after a POST.

    Not so to a page for logging in, to another server, or to the same address (https instead of http): then
    something in between sent the request away, and nothing was done.
    """
    if response.request.method != "POST" or response.status_code not in _AFTER_A_POST:
        return False
    asked = urlsplit(str(response.request.url))
    target = urlsplit(urljoin(asked.geturl(), response.headers.get("Location", asked.geturl())))
    elsewhere = target.netloc != asked.netloc or target.path == asked.path
    return not elsewhere and not target.path.rstrip("/").endswith(_LOGIN_PAGES)


def _pauses() -> Iterator[float]:
    """Seconds between attempts: growing, and not the same for all workers."""
    for attempt in range(_RETRIES):
        yield _FIRST_PAUSE * 2**attempt * random.uniform(0.5, 1.5)  # noqa: S311 - spreads load, hides nothing


def _retry_after(response: requests.Response) -> float:
    seconds = response.headers.get("Retry-After", "")
    return float(seconds) if seconds.isdecimal() else 0.0
