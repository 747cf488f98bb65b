"""How submodules are fetched, and who gets the login for them."""

from __future__ import annotations

from typing import TYPE_CHECKING

from jenkinsgen.spec.git_url import web_origin

if TYPE_CHECKING:
    from jenkinsgen.spec.source import Source

_SYNC = "git submodule sync --recursive"
_UPDATE = "submodule update --init --recursive"
# The program that git asks for a login. A login bound by Jenkins would answer for any host that .gitmodules names.
_ANSWER = '!f() { echo "username=$("$LOGIN" Username)"; echo "password=$("$LOGIN" Password)"; }; f'


def submodule_command(source: Source) -> str | None:
    """A text for the shell; None when none are fetched. A login goes to the host of the repository alone.

    The host's characters were checked when the spec was read.
    """
    if source.submodules is None:
        return None
    if source.submodules.credential is None:
        return f"{_SYNC} && git {_UPDATE}"
    origin = web_origin(source.repository)
    return f"{_SYNC} && LOGIN=$GIT_ASKPASS GIT_ASKPASS=true git -c credential.{origin}.helper='{_ANSWER}' {_UPDATE}"
