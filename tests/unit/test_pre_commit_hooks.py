"""The hooks work as pre-commit runs them: entry, then args, then the files that match."""

from __future__ import annotations

import re
import shlex
from typing import TYPE_CHECKING, Any

import pytest
import yaml
from checkout import ROOT, SPEC, Checkout

if TYPE_CHECKING:
    from pathlib import Path

HOOKS: dict[str, dict[str, Any]] = {
    hook["id"]: hook for hook in yaml.safe_load((ROOT / ".pre-commit-hooks.yaml").read_text(encoding="utf-8"))
}


def run(checkout: Checkout, name: str, *args: str) -> int | None:
    """The exit code; None when no tracked file concerns the hook."""
    hook = HOOKS[name]
    files = [path for path in checkout.git("ls-files").stdout.splitlines() if re.search(hook["files"], path)]
    if not files:
        return None
    program, *words = shlex.split(hook["entry"])
    assert program == "jenkinsgen"
    return checkout.jenkinsgen(*words, *args, *(files if hook.get("pass_filenames", True) else ())).returncode


@pytest.fixture
def checkout(tmp_path: Path) -> Checkout:
    """A committed spec that was never rendered."""
    made = Checkout(tmp_path)
    made.write("pipelines/shop.yaml", SPEC)
    made.commit("a spec")
    return made


def test_the_hooks_have_what_pre_commit_asks_for():
    assert set(HOOKS) == {"jenkinsgen-render-check", "jenkinsgen-render", "jenkinsgen-lint"}
    for hook in HOOKS.values():
        assert hook["language"] == "python"
        assert hook["name"]


def test_the_check_stops_a_commit_until_all_is_rendered(checkout: Checkout):
    assert run(checkout, "jenkinsgen-render-check") == 1
    assert run(checkout, "jenkinsgen-render") == 0
    assert run(checkout, "jenkinsgen-render-check") == 0


def test_another_folder_is_given_as_an_argument(checkout: Checkout):
    checkout.git("mv", "pipelines", "deploy")
    assert run(checkout, "jenkinsgen-render-check") is None
    checkout.write("extra.j2", "")
    checkout.git("add", "extra.j2")
    assert run(checkout, "jenkinsgen-render", "deploy") == 0
    assert (checkout.folder / "deploy/shop.Jenkinsfile").is_file()


@pytest.mark.parametrize(
    ("path", "concerned"),
    [
        ("Jenkinsfile", True),
        ("ci/Jenkinsfile.release", True),
        ("pipelines/shop.Jenkinsfile", True),
        ("pipelines/shop.yaml", False),
        ("Jenkinsfile.d/notes.txt", False),
        ("docs/Jenkinsfiles.md", False),
    ],
)
def test_the_linter_gets_jenkinsfiles_alone(path: str, concerned: bool):
    assert bool(re.search(HOOKS["jenkinsgen-lint"]["files"], path)) is concerned
