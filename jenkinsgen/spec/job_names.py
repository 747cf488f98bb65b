"""When do two names mean the same job on a Jenkins server?

Measured on Jenkins 2.504.3 on Linux: at the root `RootShop` and `ROOTSHOP` are one job, inside a folder
`case/shop` and `case/Shop` are two. So `Team/shop` and `team/shop` are one, `team/Shop` is another.
"""

from __future__ import annotations


def job_key(name: str) -> str:
    """A text that all names of one job or folder share, and no other's. `name` is a full name."""
    first, slash, rest = name.partition("/")
    return f"{_without_case(first)}{slash}{rest}"


def _without_case(text: str) -> str:
    """The text without case, character for character as in Java's `compareToIgnoreCase`, so that `ß` is never `SS`."""
    upper = (character.upper() if len(character.upper()) == 1 else character for character in text)
    return "".join(character.lower()[0] for character in upper)
