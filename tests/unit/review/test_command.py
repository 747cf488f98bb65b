"""The command: formats, exit codes, which revisions it compares."""

from __future__ import annotations

import json
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from jenkinsgen.edge.git import Repository
from jenkinsgen.errors import StateError

if TYPE_CHECKING:
    from conftest import Checkout

pytestmark = pytest.mark.slow

SPEC = "pipelines/shop.yaml"


def weaken(checkout: Checkout) -> None:
    checkout.edit(SPEC, "{path: /health}", "{path: /health, successes: 1}")
    checkout.render()
    checkout.commit()


def test_json_says_the_same(checkout: Checkout):
    weaken(checkout)
    (pipeline,) = json.loads(checkout.review("main", "--format", "json").stdout)["pipelines"]
    assert pipeline["name"] == "pipelines/shop"
    assert pipeline["state"] == "changed"
    assert [alert["sentence"] for alert in pipeline["alerts"]] == ["health gate weakened: 3 → 1 successes in a row"]
    assert pipeline["spec"][0]["before"] == "3"


def test_a_warning_fails_only_if_asked(checkout: Checkout):
    weaken(checkout)
    assert checkout.review("main").return_value == 0
    assert checkout.review("main", "--fail-on-warning").return_value == 1


def test_no_warning_is_no_failure(checkout: Checkout):
    checkout.write("README.md", "A shop.")
    checkout.commit()
    assert checkout.review("main", "--fail-on-warning").return_value == 0


def test_what_others_did_on_main_is_not_reviewed(checkout: Checkout):
    weaken(checkout)
    checkout.git("checkout", "-q", "main")
    checkout.edit(SPEC, "make dist", "make all")
    checkout.render()
    checkout.commit()
    checkout.git("checkout", "-q", "pull-request")
    assert "make all" not in checkout.review("main").stdout


def test_without_a_base_main_is_taken(checkout: Checkout):
    weaken(checkout)
    assert checkout.review().stdout == checkout.review("main").stdout


def test_the_default_branch_of_the_remote_goes_first(checkout: Checkout):
    weaken(checkout)
    head = checkout.git("rev-parse", "HEAD")
    checkout.git("update-ref", "refs/remotes/origin/trunk", head)
    checkout.git("symbolic-ref", "refs/remotes/origin/HEAD", "refs/remotes/origin/trunk")
    assert "No pipeline is touched" in checkout.review().stdout


def test_what_is_not_committed_is_said(checkout: Checkout):
    checkout.edit(SPEC, "make dist", "make all")
    result = checkout.review("main")
    assert "not committed" in result.stderr
    assert "No pipeline is touched" in result.stdout


@pytest.mark.parametrize("base", ["nonsense", "--output=stolen", "-", ""])
def test_a_base_that_is_none(checkout: Checkout, base: str):
    with pytest.raises(StateError, match="there is no revision"):
        Repository.around(checkout.folder).base(base)


def test_outside_of_git(tmp_path: Path):
    with pytest.raises(StateError, match="not in a git repository"):
        Repository.around(tmp_path)


def test_it_works_below_the_root(checkout: Checkout, monkeypatch: pytest.MonkeyPatch):
    weaken(checkout)
    monkeypatch.chdir(checkout.folder / "pipelines")
    assert "health gate weakened" in checkout.review("main").stdout


def test_names_of_files_are_no_problem(checkout: Checkout):
    checkout.write(
        "docs/a\nb \u00e9 | `x`/Jenkinsfile", "pipeline { agent any; stages { stage('a') { steps { sh 'x' } } } }"
    )
    checkout.commit()
    assert "a⏎b é" in checkout.review("main").stdout


def test_a_tree_reads_what_was_committed(checkout: Checkout):
    commit = checkout.git("rev-parse", "HEAD")
    (checkout.folder / "link.yaml").symlink_to("/etc/passwd")
    checkout.write(SPEC, "changed")
    checkout.write("empty", "")
    tree = Repository.around(checkout.folder).tree(commit)
    assert tree.read(Path(SPEC)).startswith(b"job: {name: Shop}")
    assert tree.read(Path("pipelines/../pipelines/shop.yaml"), 3) == b"job"
    after = Repository.around(checkout.folder).tree(checkout.commit())
    assert after.read(Path("empty")) == b""
    assert not after.is_file(Path("link.yaml"))
    with pytest.raises(FileNotFoundError):
        after.read(Path("../outside"))
