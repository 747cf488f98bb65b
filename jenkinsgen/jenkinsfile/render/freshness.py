"""Is a Jenkinsfile what its spec renders today, and if not, why? Pure: compares two texts."""

from __future__ import annotations

import re
from dataclasses import dataclass
from enum import Enum
from itertools import zip_longest

from jenkinsgen.jenkinsfile.render.jenkinsfile import digest

_HEADER = re.compile(
    r"// Made by jenkinsgen (?P<version>\S+) from (?P<spec_path>\S+)\. Do not edit .*\n"
    r"//     jenkinsgen render .*\n"
    r"// inputs (?P<inputs>[0-9a-f]{16}) body (?P<body>[0-9a-f]{16})\n"
)
_CONFLICT = re.compile(r"^(?:<{7}|>{7}) ", re.MULTILINE)


class Verdict(str, Enum):
    """The way in which a Jenkinsfile is wrong."""

    STALE = "stale"
    EDITED = "edited"
    OTHER_VERSION = "other-version"
    MISSING = "missing"
    LEFT_OVER = "left-over"
    BROKEN = "broken"
    """Its spec cannot be rendered."""


@dataclass(frozen=True, slots=True)
class Header:
    """The first lines of a rendered Jenkinsfile."""

    version: str
    spec_path: str
    inputs: str
    body: str


@dataclass(frozen=True, slots=True)
class Staleness:
    """Why a Jenkinsfile is not what its spec renders."""

    verdict: Verdict
    reason: str
    line: int = 1
    """The first line that differs, from 1."""
    newer: str | None = None
    """The version of jenkinsgen that has to be installed, because it wrote the file after this one."""


def parse_header(text: str) -> Header | None:
    """The header of a rendered Jenkinsfile; None for any other text."""
    match = _HEADER.match(text)
    return Header(**match.groupdict()) if match else None


def body_of(text: str) -> str:
    """A rendered Jenkinsfile without its header."""
    match = _HEADER.match(text)
    return text[match.end() :] if match else text


def compare(actual: str, fresh: str) -> Staleness | None:
    """Why `actual`, what is on disk, is not `fresh`, what this version renders; None when it is."""
    if actual == fresh:
        return None
    line = _first_difference(actual, fresh)
    old, new = parse_header(actual), parse_header(fresh)
    if old is None or new is None or digest(body_of(actual)) != old.body:
        return Staleness(Verdict.EDITED, _how_edited(actual, old), line)
    if old.version != new.version:
        newer = old.version if _as_numbers(old.version) > _as_numbers(new.version) else None
        return Staleness(
            Verdict.OTHER_VERSION, f"jenkinsgen {old.version} wrote it, and this is {new.version}", line, newer
        )
    if old.spec_path != new.spec_path:
        return Staleness(Verdict.STALE, f"it was rendered from {old.spec_path}", line)
    if old.inputs != new.inputs:
        return Staleness(Verdict.STALE, "the spec or a template changed after it was rendered", line)
    if old.body == new.body:
        return Staleness(Verdict.EDITED, "its first lines were changed by hand", line)
    return Staleness(Verdict.OTHER_VERSION, f"another build of jenkinsgen {new.version} wrote it", line)


def _how_edited(actual: str, header: Header | None) -> str:
    if _CONFLICT.search(actual):
        return "it holds the marks of a merge that was not finished"
    if "\r\n" in actual:
        return "its lines end with CRLF; `*.Jenkinsfile text eol=lf` in .gitattributes keeps git from doing that"
    if header is None:
        return "it does not begin with the lines that jenkinsgen writes"
    return "it was changed by hand after it was rendered, and rendering takes that back"


def _first_difference(actual: str, fresh: str) -> int:
    """The line of `actual`; one in the body, where the bodies differ, because the header only tells that they do."""
    if body_of(actual) != body_of(fresh):
        skipped = actual[: len(actual) - len(body_of(actual))].count("\n")
        return skipped + _first_line(body_of(actual), body_of(fresh))
    return _first_line(actual, fresh)


def _first_line(actual: str, fresh: str) -> int:
    pairs = zip_longest(actual.splitlines(keepends=True), fresh.splitlines(keepends=True))
    number = next((number for number, (one, other) in enumerate(pairs, 1) if one != other), 1)
    return max(1, min(number, actual.count("\n")))


def _as_numbers(version: str) -> tuple[int, ...]:
    return tuple(int(part) for part in re.findall(r"[0-9]+", version))
