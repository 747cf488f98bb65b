from __future__ import annotations

import json
from typing import TYPE_CHECKING

import pytest
from click.testing import CliRunner, Result

from jenkinsgen.cli import cli
from jenkinsgen.errors import CheckFailed

if TYPE_CHECKING:
    from pathlib import Path


def run(*arguments: str, **options: object) -> Result:
    return CliRunner().invoke(cli, ["trace", *arguments], **options)  # type: ignore[arg-type]


def test_json_has_every_event_with_its_line(root: Path):
    done = run(str(root / "tests/data/trace/deploy.Jenkinsfile"), "--json", "--param", "DEPLOY=true")
    events = json.loads(done.output)
    (credentials,) = [each for each in events if each["kind"] == "credentials"]
    assert credentials["details"] == {"id": "registry", "variables": ["PASS", "USER"]}
    assert credentials["line"] == 22
    assert events[-1]["text"] == "SUCCESS"


def test_an_unknown_stage_is_a_usage_error_that_names_the_stages(root: Path):
    done = run(str(root / "tests/data/trace/deploy.Jenkinsfile"), "--fail", "Biuld")
    assert done.exit_code == 2
    assert 'it has "Build", "Approve", "Deploy"' in done.output


def test_a_parameter_needs_a_value(root: Path):
    done = run(str(root / "tests/data/trace/deploy.Jenkinsfile"), "--param", "X")
    assert done.exit_code == 2
    assert "'X' is not NAME=VALUE" in done.output


def test_a_file_that_jenkins_refuses_cannot_be_traced(tmp_path: Path):
    (tmp_path / "Jenkinsfile").write_text("pipeline { }")
    with pytest.raises(CheckFailed, match="Missing required section"):
        run(str(tmp_path / "Jenkinsfile"), catch_exceptions=False, standalone_mode=False)
