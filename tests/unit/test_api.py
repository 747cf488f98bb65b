"""The public names: there, typed by their homes, documented, and cheap until they are used."""

from __future__ import annotations

import importlib
import re
import subprocess
import sys
from typing import TYPE_CHECKING

import pytest

import jenkinsgen

if TYPE_CHECKING:
    from pathlib import Path

HEAVY = {"click", "docker", "jenkins", "jinja2", "paramiko", "pydantic", "requests", "rich", "yaml"}


@pytest.mark.parametrize("name", jenkinsgen.__all__)
def test_every_public_name_is_there_and_documented(name: str, root: Path):
    assert getattr(jenkinsgen, name) is not None
    assert name in dir(jenkinsgen)
    assert re.search(rf"^(### |\| )`{name}\b", (root / "docs/api.md").read_text(encoding="utf-8"), re.MULTILINE)


def test_names_stay_what_they_are_when_folders_are_imported():
    before = {name: getattr(jenkinsgen, name) for name in jenkinsgen.__all__}
    importlib.import_module("jenkinsgen.cli.rendering")
    assert {name: getattr(jenkinsgen, name) for name in jenkinsgen.__all__} == before


def test_other_names_are_not_there():
    with pytest.raises(AttributeError, match="no attribute 'frobnicate'"):
        _ = jenkinsgen.frobnicate  # type: ignore[attr-defined]


@pytest.mark.parametrize("what", ["import jenkinsgen", "import jenkinsgen; jenkinsgen.JenkinsgenError"])
def test_importing_costs_nothing(what: str):
    assert loaded_by(what) == set()


def test_the_version_costs_only_click():
    program = "import jenkinsgen.cli as c, sys; sys.argv = ['jenkinsgen', '--version']; c._run()"
    assert loaded_by(program) == {"click"}


def loaded_by(program: str) -> set[str]:
    """Which of the heavy modules a new process has imported at the end of a program."""
    ask = f"{program}\nimport sys\nprint('LOADED', *sys.modules)"
    done = subprocess.run([sys.executable, "-c", ask], capture_output=True, text=True, check=True)
    return HEAVY.intersection(done.stdout.partition("LOADED")[2].split())
