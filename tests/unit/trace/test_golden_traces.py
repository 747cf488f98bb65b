"""Whole traces on disk. After a change that is meant: `pytest --rewrite-golden`, then read the difference."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from jenkinsgen.lint.catalogue import catalogue
from jenkinsgen.lint.verdict import verdict
from jenkinsgen.trace.events import as_text
from jenkinsgen.trace.scenario import Scenario
from jenkinsgen.trace.tracer import trace

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

DEPLOY = {"DEPLOY": "true", "TARGET": "production", "TAG": "1.2"}
SCENARIOS = [
    ("deploy", "defaults", Scenario()),
    ("deploy", "success", Scenario(DEPLOY)),
    ("deploy", "build-fails", Scenario(DEPLOY, fail=frozenset({"Build"}))),
    ("deploy", "deploy-fails", Scenario(DEPLOY, fail=frozenset({"Deploy"}))),
    ("deploy", "rejected", Scenario(DEPLOY, abort=frozenset({"Approve"}))),
    ("deploy", "build-stopped", Scenario(DEPLOY, abort=frozenset({"Build"}))),
    ("branches", "branch-unknown", Scenario()),
    ("branches", "on-main", Scenario(environment={"BRANCH_NAME": "main"})),
    ("branches", "main-fails", Scenario(environment={"BRANCH_NAME": "main"}, fail=frozenset({"Main only"}))),
    ("branches", "elsewhere", Scenario(environment={"BRANCH_NAME": "topic"})),
    ("branches", "unit-fails", Scenario(fail=frozenset({"Unit"}))),
]


@pytest.mark.parametrize(("file", "name", "scenario"), SCENARIOS, ids=[f"{each[0]}-{each[1]}" for each in SCENARIOS])
def test_trace(file: str, name: str, scenario: Scenario, root: Path, golden: Callable[[Path, str], None]):
    judged = verdict((root / f"tests/data/trace/{file}.Jenkinsfile").read_text("utf-8"), catalogue())
    assert judged.script is not None
    assert judged.pipeline is not None
    events = trace(judged.script, judged.pipeline, catalogue(), scenario)
    golden(root / f"tests/golden/traces/{file}-{name}.txt", as_text(events))
