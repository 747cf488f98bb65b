"""Whole traces on disk. After a change that is meant: `pytest --rewrite-golden`, then read the difference."""

from __future__ import annotations

import re
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from jenkinsgen.jenkinsfile.lint.catalogue import catalogue
from jenkinsgen.jenkinsfile.lint.verdict import verdict
from jenkinsgen.jenkinsfile.trace.events import as_text
from jenkinsgen.jenkinsfile.trace.scenario import Scenario
from jenkinsgen.jenkinsfile.trace.tracer import trace

if TYPE_CHECKING:
    from collections.abc import Callable

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


SHIPPED = sorted((Path(__file__).parents[3] / "pipelines").glob("*.Jenkinsfile"))


def traced(path: Path, scenario: Scenario) -> str:
    judged = verdict(path.read_text("utf-8"), catalogue())
    assert judged.script is not None
    assert judged.pipeline is not None
    return as_text(trace(judged.script, judged.pipeline, catalogue(), scenario))


@pytest.mark.parametrize("path", SHIPPED, ids=[path.stem for path in SHIPPED])
def test_every_scenario_of_a_shipped_pipeline(path: Path, root: Path, golden: Callable[[Path, str], None]):
    stages = re.findall(r"stage\('(.+)'\)", path.read_text("utf-8"))
    scenarios = {
        "success": Scenario(),
        **{f"{stage} fails": Scenario(fail=frozenset({stage})) for stage in stages},
        **{f"{stage} is stopped": Scenario(abort=frozenset({stage})) for stage in stages},
    }
    text = "\n".join(f"=== {name}\n{traced(path, scenario)}" for name, scenario in scenarios.items())
    golden(root / f"tests/golden/traces/shipped-{path.stem}.txt", text)


@pytest.mark.parametrize(("file", "name", "scenario"), SCENARIOS, ids=[f"{each[0]}-{each[1]}" for each in SCENARIOS])
def test_trace(file: str, name: str, scenario: Scenario, root: Path, golden: Callable[[Path, str], None]):
    text = traced(root / f"tests/data/trace/{file}.Jenkinsfile", scenario)
    golden(root / f"tests/golden/traces/{file}-{name}.txt", text)
