"""Builds by their number, which is what tests know them by."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from jenkinsgen.deploy.observed import Container

COMMIT = "0123456789abcdef0123456789abcdef01234567"


def version(number: int) -> str:
    return f"{COMMIT[:12]}-{number}"


def url(number: int) -> str:
    return f"https://jenkins.test/job/shop/{number}/"


def number_of(found: str) -> int:
    """The build of a version; 0 for none."""
    return int(found.rpartition("-")[2] or 0)


def build_of(container: Container) -> int:
    return number_of(container.version or "")
