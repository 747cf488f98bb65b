"""The texts of the keys: docs/spec.md, `explain` and the models' docstrings say the same."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

import pytest
from checkout import Checkout

from jenkinsgen.spec.reading.keys import Key, keys

if TYPE_CHECKING:
    from pathlib import Path

BY_PATH = {key.path: key for key in keys()}


@pytest.fixture
def checkout(tmp_path: Path) -> Checkout:
    return Checkout(tmp_path)


def documented(root: Path) -> dict[str, list[str]]:
    lines = (root / "docs/spec.md").read_text(encoding="utf-8").splitlines()
    rows = [[cell.strip() for cell in line.strip("|").split("|")] for line in lines if line.startswith("| `")]
    return {cells[0].strip("`"): cells for cells in rows}


def test_the_page_has_the_kind_and_the_meaning_of_the_docstrings(root: Path):
    rows = documented(root)
    said = {key: (cells[1], cells[3]) for key, cells in rows.items()}
    assert said == {key: (BY_PATH[key].kind, BY_PATH[key].meaning) for key in rows}


def test_every_key_has_a_meaning():
    assert [key.path for key in keys() if not key.meaning] == []


@pytest.mark.parametrize(
    ("path", "kind", "default", "required"),
    [
        ("service.health.timeout", "duration", "100s", False),
        ("service.health.path", "URL path", None, True),
        ("servers[].address", "host, alone", None, False),
        ("tool.from", "`installed`, `pip` or `container`", "installed", False),
        ("job.keep.builds", "number", 30, False),
        ("service", "section", None, True),
        ("servers", "list of section", None, True),
        ("service.volumes", "list of text", None, False),
    ],
)
def test_kind_and_default_are_those_of_the_file(path: str, kind: str, default: object, required: bool):
    assert BY_PATH[path] == Key(path, kind, required, default, BY_PATH[path].meaning)


def test_a_key_is_explained(checkout: Checkout):
    assert checkout.jenkinsgen("explain", "cleanup.drain").stdout == (
        "cleanup.drain: duration, 1m by default\n"
        "    How long connections from NGINX to the old colour may take to finish.\n"
    )


def test_a_section_is_explained_with_all_that_is_in_it(checkout: Checkout):
    out = checkout.jenkinsgen("explain", "service.health").stdout
    assert re.findall(r"^(\S+):", out, re.MULTILINE) == [
        "service.health",
        *(f"service.health.{name}" for name in ("path", "timeout", "interval", "successes", "from")),
    ]


@pytest.mark.parametrize("words", ["servers[0].ssh", "servers[].ssh", "servers.ssh"])
def test_entries_of_lists_have_no_names(checkout: Checkout, words: str):
    assert checkout.jenkinsgen("explain", words).stdout.startswith("servers[].ssh: host, required\n")


def test_without_a_key_the_sections_are_listed(checkout: Checkout):
    out = checkout.jenkinsgen("explain").stdout
    assert re.findall(r"^(\S+):", out, re.MULTILINE)[:3] == ["extends", "job", "source"]


@pytest.mark.parametrize(
    ("typed", "advice"),
    [
        ("successes", "did you mean service.health.successes?"),
        ("service.healt.path", "did you mean service.health.path?"),
        ("serv", "did you mean service or servers?"),
        ("zzz", "`jenkinsgen explain` lists the sections"),
    ],
)
def test_an_unknown_key_gets_advice(checkout: Checkout, typed: str, advice: str):
    ended = checkout.jenkinsgen("explain", typed)
    assert ended.returncode == 2
    assert f"there is no key {typed}; {advice}" in ended.stderr
