"""What development and CI install: each package with its hashes, and within the bounds of pyproject.toml."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

import pytest
from packaging.requirements import Requirement
from packaging.utils import canonicalize_name

if TYPE_CHECKING:
    from pathlib import Path

# `name==version ; marker \`, then its hashes, each in a line of its own.
_LOCKED = re.compile(
    r"^(?P<name>[\w.-]+)==(?P<version>[^ ]+)(?: ; .*)? \\\n(?P<hashes>(?:    --hash=sha256:.*\n?)+)", re.MULTILINE
)
_REQUIREMENT = re.compile(r'^    "([\w-]+[^"]*)",', re.MULTILINE)


@pytest.fixture
def lock(root: Path) -> str:
    return (root / "tools" / "requirements.txt").read_text(encoding="utf-8")


def test_every_package_of_the_lock_has_hashes(lock: str):
    named = re.findall(r"^([\w.-]+)==", lock, re.MULTILINE)
    assert [found["name"] for found in _LOCKED.finditer(lock)] == named
    assert len(named) > len(_REQUIREMENT.findall(lock))


def test_the_lock_has_what_pyproject_asks_for_within_its_bounds(lock: str, root: Path):
    pyproject = (root / "pyproject.toml").read_text(encoding="utf-8")
    parts = [
        re.search(rf"^{part} = \[\n(.*?)^\]", pyproject, re.MULTILINE | re.DOTALL)
        for part in ("dependencies", "test", "dev")
    ]
    wanted = [Requirement(text) for part in parts if part for text in _REQUIREMENT.findall(part[1])]
    versions: dict[str, list[str]] = {}
    for found in _LOCKED.finditer(lock):
        versions.setdefault(canonicalize_name(found["name"]), []).append(found["version"])
    assert len(wanted) > len(("docker", "paramiko", "requests"))
    for requirement in wanted:
        locked = versions[canonicalize_name(requirement.name)]
        assert all(requirement.specifier.contains(version) for version in locked), (requirement, locked)


def test_libraries_of_which_private_parts_are_overridden_have_an_upper_bound(root: Path):
    pyproject = (root / "pyproject.toml").read_text(encoding="utf-8")
    bounded = set(re.findall(r'^    "([\w-]+)>=[^"]*<', pyproject, re.MULTILINE))
    assert {"docker", "python-jenkins", "urllib3"} <= bounded
