"""The recorded answers of a real Jenkins, and the figures that the corpus test leaves for the summary."""

from __future__ import annotations

import gzip
import json
from typing import TYPE_CHECKING, Any

import pytest

from jenkinsgen.jenkinsfile.lint.catalogue import Catalogue, Controller, catalogue

if TYPE_CHECKING:
    from pathlib import Path

FIGURES: list[str] = []


@pytest.fixture
def corpus(root: Path) -> list[dict[str, Any]]:
    """323 Jenkinsfiles with what the linter of Jenkins 2.504.3 said.

    `ok`; `errors` as [line, first line of the message]; `why` of a file that was accepted and failed when run.
    """
    packed = (root / "tests/data/lint/corpus.jsonl.gz").read_bytes()
    return [json.loads(line) for line in gzip.decompress(packed).decode().splitlines()]


@pytest.fixture
def measured(root: Path) -> Catalogue:
    """What the controller of the corpus offers."""
    return catalogue(Controller.read(root / "tests/data/lint/controller.json"))


@pytest.fixture
def figures() -> list[str]:
    return FIGURES


def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter) -> None:
    if FIGURES:
        terminalreporter.section("lint, against a real Jenkins")
        for line in FIGURES:
            terminalreporter.line(line)
