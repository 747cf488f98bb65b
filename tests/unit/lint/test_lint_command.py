from __future__ import annotations

import json
from typing import TYPE_CHECKING

import pytest
from click.testing import CliRunner, Result

from jenkinsgen.cli import cli
from jenkinsgen.errors import SpecError

if TYPE_CHECKING:
    from pathlib import Path

GOOD = "pipeline {\n    agent any\n    stages { stage('A') { steps { sh 'x' } } }\n}\n"
RISKY = GOOD.replace("'x'", '"x ${env.Y}"')
BAD = GOOD.replace("agent any", "agents any")


def run(*arguments: str, stdin: str | None = None) -> Result:
    return CliRunner().invoke(cli, ["lint", *arguments], input=stdin, catch_exceptions=False, standalone_mode=False)


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.chdir(tmp_path)
    return tmp_path


def test_a_good_file_is_silent(folder: Path):
    (folder / "Jenkinsfile").write_text(GOOD)
    done = run("Jenkinsfile")
    assert (done.return_value, done.output) == (0, "")


def test_an_error_is_exit_code_1(folder: Path):
    (folder / "Jenkinsfile").write_text(BAD)
    done = run("Jenkinsfile")
    assert done.return_value == 1
    assert 'Jenkinsfile:2:5: error declarative-syntax: Undefined section "agents"' in done.output


def test_a_warning_counts_only_if_strict(folder: Path):
    (folder / "Jenkinsfile").write_text(RISKY)
    assert run("Jenkinsfile").return_value == 0
    assert run("Jenkinsfile", "--strict").return_value == 1
    assert run("Jenkinsfile", "--strict", "--ignore", "interpolated-shell").return_value == 0


def test_without_files_it_looks_here_and_below_pipelines(folder: Path):
    (folder / "Jenkinsfile").write_text(BAD)
    (folder / "pipelines").mkdir()
    (folder / "pipelines/shop.Jenkinsfile").write_text(BAD)
    (folder / "Jenkinsfile.j2").write_text("{{ a template }}")
    found = {each["path"] for each in json.loads(run("--format", "json").output)}
    assert found == {"Jenkinsfile", "pipelines/shop.Jenkinsfile"}


def test_nothing_to_lint_is_a_usage_error(folder: Path):
    assert folder.is_dir()
    done = CliRunner().invoke(cli, ["lint"])
    assert done.exit_code == 2
    assert "no Jenkinsfile found" in done.output


def test_standard_input():
    assert run("-", stdin=BAD).return_value == 1


def test_a_controller_narrows_what_is_valid(folder: Path):
    (folder / "Jenkinsfile").write_text(GOOD.replace("agent any", "agent any\n    options { timestamps() }"))
    (folder / "controller.json").write_text(json.dumps({"options": ["timeout"]}))
    assert run("Jenkinsfile").return_value == 0
    done = run("Jenkinsfile", "--controller", "controller.json")
    assert 'Invalid option type "timestamps". Valid option types: [timeout]' in done.output
    assert "hint: timestamps comes with the plugin timestamper" in done.output


def test_a_broken_controller_file_says_what_is_expected(folder: Path):
    (folder / "controller.json").write_text("[")
    (folder / "Jenkinsfile").write_text(GOOD)
    with pytest.raises(SpecError) as caught:
        run("Jenkinsfile", "--controller", "controller.json")
    assert "docs/lint.md" in str(caught.value)


def test_a_file_that_is_not_declarative_is_told_as_such():
    done = run("-", stdin="node { sh 'x' }")
    assert done.return_value == 1
    assert "not-declarative" in done.output


def test_rules_are_listed_with_their_reasons():
    output = run("--rules").output
    assert "when-after-input\n    A plain when is evaluated after input" in output
