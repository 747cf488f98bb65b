"""The user, the home and the folder of this process, also where a container got a number instead of a user.

`tool: container` and `docker run --user 1234` run as a uid that no passwd has.
"""

from __future__ import annotations

import os
import pwd
from pathlib import Path

from jenkinsgen.errors import StateError

# Docker gives such a uid this HOME.
_NO_HOME = Path("/")


def user_name() -> str | None:
    """The name of the user, as a login shell or the system knows it; None where it has only a number."""
    named = next((name for variable in ("LOGNAME", "USER") if (name := os.environ.get(variable))), None)
    if named is not None:
        return named
    entry = _entry(os.getuid())
    return entry.pw_name if entry else None


def user() -> str:
    """The name of the user for people to read: `uid-1234` where it has only a number."""
    return user_name() or f"uid-{os.getuid()}"


def home() -> Path:
    """HOME where that is an absolute path, else what the system says; `/` where there is none."""
    named = Path(os.environ.get("HOME", ""))
    if named.is_absolute():
        return named
    entry = _entry(os.getuid())
    return Path(entry.pw_dir) if entry and entry.pw_dir.startswith("/") else _NO_HOME


def expanded(path: str) -> Path:
    """`~` and `~USER` at its beginning are home folders. Raises StateError when there is no such user here."""
    first, *rest = path.split("/")
    if not first.startswith("~"):
        return Path(path)
    if first == "~":
        return home().joinpath(*rest)
    try:
        return Path(pwd.getpwnam(first[1:]).pw_dir).joinpath(*rest)
    except (KeyError, ValueError):
        raise StateError(
            f"{path}: this machine knows no user {first[1:]!r}, so no home folder of that name",
            hint="write the whole path, beginning with /",
        ) from None


def here() -> Path:
    """The folder that this runs in. Raises StateError when it was removed meanwhile."""
    try:
        return Path.cwd()
    except FileNotFoundError:
        raise StateError(
            "the folder that this runs in has been removed", hint="cd to the root of the repository"
        ) from None


def _entry(uid: int) -> pwd.struct_passwd | None:
    try:
        return pwd.getpwuid(uid)
    except KeyError:
        return None
