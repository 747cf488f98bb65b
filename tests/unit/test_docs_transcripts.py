"""The transcripts in the pages are what the commands print: each is run again, in order, in one folder per page."""

from __future__ import annotations

import os
import re
import shlex
import subprocess
import sys
from typing import TYPE_CHECKING

import pytest
from checkout import ROOT, SPEC, Checkout

from jenkinsgen._version import __version__

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

pytestmark = pytest.mark.slow

_BLOCK = re.compile(r"^```console\n(.*?)^```$", re.DOTALL | re.MULTILINE)
_COMMAND = re.compile(r"^\$ (.*)$", re.MULTILINE)
_JENKINSGEN = f'jenkinsgen() {{ {shlex.quote(sys.executable)} -m jenkinsgen "$@"; }}\n'


@pytest.fixture
def checkout(tmp_path: Path) -> Checkout:
    """A repository named shop with a Gradle project."""
    (tmp_path / "shop").mkdir()
    made = Checkout(tmp_path / "shop")
    made.git("remote", "add", "origin", "https://git.example.com/shop.git")
    made.write("build.gradle", "version = '1.4.0'\n// spring-boot-starter-actuator\n")
    made.write("settings.gradle", "rootProject.name = 'shop'\n")
    made.write("gradlew", "")
    made.write("Dockerfile", "FROM eclipse-temurin:21\nEXPOSE 8080\nCOPY app.jar /app.jar\n")
    return made


def replayed(block: re.Match[str], folder: Path) -> str:
    """The block with what its commands print now."""
    lines = []
    for command in _COMMAND.findall(block[1]):
        ended = subprocess.run(
            ["bash", "-c", _JENKINSGEN + command],
            cwd=folder,
            env={**os.environ, "PYTHONPATH": str(ROOT), "LC_ALL": "C.UTF-8"},
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
            check=False,
        )
        # A new version of jenkinsgen makes no page wrong.
        lines.append(f"$ {command}\n" + ended.stdout.replace(f"jenkinsgen {__version__} ", "jenkinsgen 0.1.0 "))
    return "```console\n" + "".join(lines) + "```"


@pytest.mark.parametrize("name", ["render.md", "schema.md", "explain.md", "init.md"])
def test_a_transcript_is_what_is_printed(name: str, checkout: Checkout, golden: Callable[[Path, str], None]):
    if name != "init.md":
        checkout.write("pipelines/shop.yaml", SPEC)
    page = ROOT / "docs" / name
    text = page.read_text(encoding="utf-8")
    assert _COMMAND.search(text)

    golden(page, _BLOCK.sub(lambda block: replayed(block, checkout.folder), text))
