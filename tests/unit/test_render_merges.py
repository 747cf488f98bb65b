"""Two branches that are each fresh: what git merges without a word is found by the check, the rest conflicts."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from checkout import SPEC, Checkout

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

pytestmark = pytest.mark.slow

SHOP, SHOP_YAML, TEAM = "pipelines/shop.Jenkinsfile", "pipelines/shop.yaml", "pipelines/team.j2"
BASED = "extends: base.yaml\njob: {name: NAME}\n"


@pytest.fixture
def checkout(tmp_path: Path) -> Checkout:
    """A spec with a base and a template, rendered and committed."""
    made = Checkout(tmp_path)
    made.write("pipelines/base.yaml", SPEC.replace("job: {name: shop}\n", "template: team.j2\n"))
    made.write(TEAM, '{% extends "Jenkinsfile.j2" %}\n{% block post %}\n        // nobody is told\n{% endblock %}\n')
    made.write(SHOP_YAML, BASED.replace("NAME", "shop"))
    render_and_commit(made, "begin")
    return made


def render_and_commit(checkout: Checkout, message: str) -> None:
    assert checkout.jenkinsgen("render").returncode == 0
    checkout.commit(message)
    assert checkout.jenkinsgen("render", "--check").returncode == 0


def merge(checkout: Checkout, *changes: Callable[[Checkout], None]) -> bool:
    """Makes a branch for each change, renders and checks there, and merges them. False when git found a conflict."""
    for number, change in enumerate(changes):
        checkout.git("checkout", "--quiet", "-b", f"branch-{number}", "main")
        change(checkout)
        render_and_commit(checkout, f"change {number}")
    checkout.git("checkout", "--quiet", "main")
    checkout.git("merge", "--quiet", "--no-edit", "branch-0")
    return checkout.git("merge", "--quiet", "--no-edit", "branch-1", check=False).returncode == 0


def spec_at_the_top(checkout: Checkout) -> None:
    checkout.change(SHOP_YAML, "{name: shop}", "{name: shop, agent: linux}")


def spec_that_shows_nowhere(checkout: Checkout) -> None:
    checkout.change("pipelines/base.yaml", "path: /health", "path: /healthy")


def template_at_the_end(checkout: Checkout) -> None:
    checkout.change(TEAM, "nobody is told", "everybody is told")


def another_spec(checkout: Checkout) -> None:
    own = "service: {name: other, ports: {green: 8082, blue: 8083}}\nnginx: {server_name: other.example.com}\n"
    checkout.write("pipelines/other.yaml", BASED.replace("NAME", "other") + own)


@pytest.mark.parametrize("one", [spec_at_the_top, spec_that_shows_nowhere])
def test_two_changes_of_one_jenkinsfile_conflict_however_far_apart(checkout: Checkout, one: Callable[[Checkout], None]):
    assert not merge(checkout, one, template_at_the_end)

    conflicted = checkout.git("diff", "--name-only", "--diff-filter=U").stdout.split()
    assert conflicted == [SHOP]
    ended = checkout.jenkinsgen("render", "--check")
    assert ended.returncode == 1
    assert "a merge that was not finished" in ended.stdout
    # Rendering again is all there is to do, because only the specs and templates are sources.
    assert checkout.jenkinsgen("render").returncode == 0
    assert checkout.jenkinsgen("render", "--check").returncode == 0
    assert "<<<" not in checkout.read(SHOP)


@pytest.mark.parametrize("other", [spec_that_shows_nowhere, template_at_the_end])
def test_a_new_spec_and_a_change_below_it_merge_and_are_found(checkout: Checkout, other: Callable[[Checkout], None]):
    assert merge(checkout, other, another_spec)

    ended = checkout.jenkinsgen("render", "--check")
    assert ended.returncode == 1
    assert ended.stdout.startswith("stale")
    assert "pipelines/other.Jenkinsfile" in ended.stdout
    assert SHOP not in ended.stdout


def test_a_merge_by_hand_that_keeps_one_side_is_found(checkout: Checkout):
    assert not merge(checkout, spec_at_the_top, template_at_the_end)
    checkout.git("checkout", "--theirs", SHOP)

    ended = checkout.jenkinsgen("render", "--check")

    assert ended.returncode == 1
    assert ended.stdout.startswith("stale")
