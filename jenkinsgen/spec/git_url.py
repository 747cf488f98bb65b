"""The URL of a git repository: it is taken apart, because a search for one pattern in it misses another one.

It stands in the Jenkinsfile, in the job and in CI's log, and git runs it: so it carries no secret, and nothing in it is
an option or a program.
"""

from __future__ import annotations

import re
from typing import Annotated
from urllib.parse import SplitResult, urlsplit

from pydantic import AfterValidator

from jenkinsgen.spec.values import Line

SCHEMES = ("https", "ssh", "http", "git", "file")
_EXAMPLES = "write https://git.example.com/shop.git or git@git.example.com:shop.git"
_HOST = r"(?:[A-Za-z0-9](?:[A-Za-z0-9._-]*[A-Za-z0-9])?|\[[0-9A-Fa-f:.]+\])"
_USER = r"[A-Za-z0-9_][A-Za-z0-9._-]*"
_PLACE = re.compile(rf"{_HOST}(?::[0-9]{{1,5}})?")
# git's own short form of an ssh URL; `::` would name a program that fetches.
_SHORT = re.compile(rf"(?:{_USER}@)?{_HOST}:[^-:].*")
_BY_SSH = re.compile(rf"{_USER}@{_PLACE.pattern}")


def check_git_url(value: str) -> str:
    """Return the URL if git can use it. Raises ValueError, which never says the value: it may hold a secret."""
    if any(not character.isprintable() or character in " \\" for character in value):
        raise ValueError("holds a blank, a backslash or a character that nobody sees; git would read another URL")
    if "://" not in value:
        meant = value.partition(":")[0].lower() in SCHEMES
        if re.match("/[^/]", value) or (_SHORT.fullmatch(value) and not meant):
            return value
        raise ValueError(f"is not the URL of a git repository; {_EXAMPLES}")
    try:
        parts = urlsplit(value)
    except ValueError:
        raise ValueError(f"is not a URL; {_EXAMPLES}") from None
    _check_parts(parts)
    return value


def _check_parts(parts: SplitResult) -> None:
    if parts.scheme not in SCHEMES:
        raise ValueError(f"is none of {', '.join(SCHEMES)}; {_EXAMPLES}")
    user, at, place = parts.netloc.rpartition("@")
    if at and (parts.scheme != "ssh" or ":" in user):
        what = "a password" if ":" in user else "a user or a token"
        raise ValueError(f"holds {what}; name a Jenkins credential in `credential` instead")
    if parts.query or parts.fragment:
        raise ValueError("has a query or a fragment, where secrets hide; git needs neither, leave it out")
    if parts.scheme == "file":
        if parts.netloc:
            raise ValueError("names a host; a file has none: file:///srv/git/shop.git")
    elif not (_BY_SSH if at else _PLACE).fullmatch(parts.netloc):
        raise ValueError(f"names no host; {_EXAMPLES}" if not place else f"is not a URL of a host; {_EXAMPLES}")


def without_login(url: str) -> str | None:
    """The URL without user, query and fragment, as it may stand in a file; None where it is none."""
    try:
        parts = urlsplit(url)
        place = parts.netloc if parts.scheme == "ssh" else parts.netloc.rpartition("@")[2]
        cleaned = parts._replace(netloc=place, query="", fragment="").geturl() if "://" in url else url
        return check_git_url(cleaned)
    except ValueError:
        return None


def web_origin(url: str) -> str | None:
    """`https://git.example.com:8443`, where a login by http(s) for this host goes to; None for a path of the disk.

    Who fetches by ssh is taken to reach the same host by https.
    """
    if "://" not in url:
        place = None if url.startswith("/") else re.match(rf"(?:{_USER}@)?({_HOST}):", url)
        return f"https://{place[1]}" if place else None
    parts = urlsplit(url)
    if parts.scheme in ("http", "https"):
        return f"{parts.scheme}://{parts.netloc}"
    host = re.match(_HOST, parts.netloc.rpartition("@")[2])
    return f"https://{host[0]}" if host else None


GitUrl = Annotated[Line, AfterValidator(check_git_url)]
