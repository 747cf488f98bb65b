"""Why Jenkins said no, in one line: from a header, from a page, never the page itself."""

from __future__ import annotations

import html
import re
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Mapping

_TITLE = re.compile("<title>", re.IGNORECASE)
_END_OF_TITLE = re.compile("</title>", re.IGNORECASE)
_NOT_OF_THE_TITLE = re.compile(r"\AError [0-9]+ | - Jenkins\Z| \[Jenkins\]\Z")
_LOGGING_ID = re.compile(r"Logging ID=([0-9a-fA-F-]+)")
_PERMISSION = re.compile(r"missing the (\S+/\S+) permission")
_TAG = re.compile(r"<[^<>]*>")
_LONGEST = 200
_READ = 20_000
# Titles of pages that only say which page it is.
_EMPTY_TITLES = {"Jenkins", "Oops!", ""}


def reason(status: int, headers: Mapping[str, str], body: str) -> str:
    """The header X-Error says it best, then the title of an error page, then a short text."""
    if headers.get("X-Error"):
        return _one_line(headers["X-Error"])
    if status in {301, 302, 303, 307, 308}:
        return f"redirected to {_one_line(headers.get('Location', 'nowhere'))}"
    if "Authentication required" in body:
        return "not logged in"
    title = _title(body)
    words = _one_line(title) if title else "" if "<" in body else _one_line(body[:_READ])
    if words in _EMPTY_TITLES:
        words = "no reason given"
    logged = _LOGGING_ID.search(body)
    return f"{words} (see Jenkins' log: Logging ID={logged[1]})" if logged else words


def _title(page: str) -> str:
    """The title of a page of HTML, without what every title has; `""` if it has none."""
    begin = _TITLE.search(page)
    end = None if begin is None else _END_OF_TITLE.search(page, begin.end())
    if begin is None or end is None:
        return ""
    return _NOT_OF_THE_TITLE.sub("", page[begin.end() : end.start()][:_READ])


def hint(status: int, user: str, why: str = "") -> str | None:
    """The hint for a status: what a person can do; `why` is the reason that came with it."""
    match status:
        case 400 if "already exists" in why:
            return f"what is there may be hidden from user {user}: to see it needs the permission Job/Read on it"
        case 401:
            return "check JENKINS_USER and JENKINS_TOKEN; a token can have been revoked, a user locked"
        case 403:
            return _forbidden(user, why)
        case 404:
            return "check the path of JENKINS_URL: many servers have Jenkins under /jenkins; a proxy may hide it, too"
        case 301 | 302 | 303 | 307 | 308:
            return "set the URL of the Jenkins server to the one it redirects to; a login page is not supported"
        case 502 | 503 | 504:
            return "Jenkins or a proxy before it is not ready; try again later"
    return None


def _forbidden(user: str, why: str) -> str:
    missing = _PERMISSION.search(why)
    if missing is not None:
        return f"give user {user} the permission {missing[1]}, or use another user's token"
    if "crumb" in why:
        return "use an API token, which needs no crumb; a proxy that drops cookies makes every crumb invalid"
    if "not logged in" in why:
        return "Jenkins saw no login: a proxy before it may drop the header Authorization"
    return f"user {user} lacks a permission there, or a proxy before Jenkins refuses the request"


def _one_line(text: str) -> str:
    words = " ".join(html.unescape(_TAG.sub(" ", text)).split())
    return words if len(words) <= _LONGEST else f"{words[:_LONGEST]}…"
