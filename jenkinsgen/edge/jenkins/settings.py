"""The address of the Jenkins server, and our login there: from options, then the environment, then a file."""

from __future__ import annotations

import configparser
import os
import stat
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING
from urllib.parse import urlsplit

from jenkinsgen.errors import JenkinsError
from jenkinsgen.masks import KNOWN
from jenkinsgen.surroundings import expanded

if TYPE_CHECKING:
    from collections.abc import Mapping

DEFAULT_FILE = Path("~/.config/jenkinsgen/jenkins.ini")
_SECTION = "jenkins"
_READABLE_BY_OTHERS = stat.S_IRWXG | stat.S_IRWXO


@dataclass(frozen=True, kw_only=True)
class JenkinsSettings:
    """`token` is an API token; a password works too. `ca_file` is a file of certificates to trust instead of the
    system's. `timeout` is in seconds, for one request.
    """

    url: str
    user: str
    token: str = field(repr=False)
    ca_file: str | None = None
    timeout: float = 60.0


def read_settings(
    *,
    url: str | None,
    user: str | None,
    ca_file: str | None,
    file: Path | None,
    environment: Mapping[str, str] = os.environ,
) -> JenkinsSettings:
    """Settle each value where it is first given: option, JENKINS_URL and so on, file.

    The token has no option: arguments can be read by every user of the machine. Raises JenkinsError when a
    value is missing or wrong, or when others may read the file.
    """
    saved = _read_file(file)
    values = {
        "url": url or environment.get("JENKINS_URL") or saved.get("url"),
        "user": user or environment.get("JENKINS_USER") or saved.get("user"),
        "token": environment.get("JENKINS_TOKEN") or saved.get("token"),
    }
    missing = [name for name, value in values.items() if not value]
    if missing:
        raise JenkinsError(
            f"the Jenkins server's {' and '.join(missing)} {'is' if len(missing) == 1 else 'are'} not known",
            hint=f"set {', '.join(f'JENKINS_{name.upper()}' for name in missing)}, or write {DEFAULT_FILE}",
        )
    KNOWN.add(values["token"])
    return JenkinsSettings(
        url=_checked_url(values["url"] or ""),
        user=values["user"] or "",
        token=values["token"] or "",
        ca_file=ca_file or environment.get("JENKINS_CA_FILE") or saved.get("ca_file"),
    )


def _read_file(path: Path | None) -> Mapping[str, str]:
    chosen = expanded(str(path or DEFAULT_FILE))
    parser = configparser.RawConfigParser()
    try:
        mode = chosen.stat().st_mode
        parser.read_string(chosen.read_text(encoding="utf-8"), source=str(chosen))
    except OSError as error:
        if path is None and isinstance(error, FileNotFoundError | NotADirectoryError):
            return {}
        raise JenkinsError(f"{chosen}: cannot be read: {error.strerror}") from error
    except (configparser.Error, ValueError) as error:
        # The parser's message would quote the line, which may be the one with the token.
        raise JenkinsError(f"{chosen}: is not an INI file with a section [{_SECTION}]") from error
    if mode & _READABLE_BY_OTHERS:
        raise JenkinsError(
            f"{chosen}: other users may read it (mode {stat.S_IMODE(mode):04o}), and it holds a token",
            hint=f"chmod 600 {chosen}",
        )
    return dict(parser[_SECTION]) if parser.has_section(_SECTION) else {}


def _checked_url(url: str) -> str:
    try:
        parts = urlsplit(url)
        known = parts.scheme in {"http", "https"} and bool(parts.hostname) and parts.port != 0
    except ValueError:
        known = False
    if not known:
        raise JenkinsError("the URL of the Jenkins server must begin with https:// or http://, and name a host")
    if parts.query or parts.fragment:
        raise JenkinsError("the URL of the Jenkins server has a ? or a #: name the server alone")
    if parts.username or parts.password:
        raise JenkinsError(
            "the URL of the Jenkins server holds a user or a password",
            hint="set JENKINS_USER and JENKINS_TOKEN instead",
        )
    return url.rstrip("/") + "/"
