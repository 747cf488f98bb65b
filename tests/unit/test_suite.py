"""The suite itself: what a run of one folder does not see."""

from __future__ import annotations

import ast
import re
import subprocess
import sys
from collections import Counter
from typing import TYPE_CHECKING

import pytest

if TYPE_CHECKING:
    from pathlib import Path

# Their tests are in no list: `make test` runs all of them.
ALWAYS = ("server", "packaging")
ON_REAL_PARTS = ("integration", "faults")


def names_of_tests(path: Path) -> set[str]:
    return {
        node.name
        for node in ast.parse(path.read_text(encoding="utf-8")).body
        if isinstance(node, ast.FunctionDef) and node.name.startswith("test_")
    }


def everyday(root: Path) -> list[str]:
    """The lines of the list."""
    lines = (root / "tests" / "everyday.txt").read_text(encoding="utf-8").splitlines()
    return [line for line in lines if line and not line.startswith("#")]


def when(root: Path) -> tuple[set[str], set[str]]:
    """The files of which `make test` runs something, and those of which it leaves something to `make test-all`."""
    always = {path.stem for folder in ALWAYS for path in (root / "tests" / folder).glob("test_*.py")}
    lines, daily, left = everyday(root), set(), set()
    for path in (path for folder in ON_REAL_PARTS for path in (root / "tests" / folder).glob("test_*.py")):
        name = f"{path.parent.name}/{path.name}"
        listed = {line.partition("::")[2] for line in lines if line.partition("::")[0] == name}
        if listed:
            daily.add(path.stem)
        if "" not in listed and not names_of_tests(path) <= listed:
            left.add(path.stem)
    return always | daily, left


def test_the_table_of_what_is_proven_where_names_every_file_of_tests(root: Path):
    text = (root / "CONTRIBUTING.md").read_text(encoding="utf-8")
    _, _, table = text.partition("| capability |")
    rows = [line.split("|")[1:-1] for line in table.partition("\n\n")[0].splitlines()[2:]]
    fast, daily, left = ({name for row in rows for name in re.findall(r"`(test_\w+)`", row[at])} for at in (1, 2, 3))
    assert (daily, left) == when(root)
    assert fast <= {path.stem for path in (root / "tests" / "unit").rglob("test_*.py")}


@pytest.mark.slow
def test_every_line_of_the_list_for_every_day_is_a_test(root: Path):
    command = [sys.executable, "-m", "pytest", "tests/faults", "tests/integration", "--collect-only", "--quiet"]
    ended = subprocess.run(command, cwd=root, capture_output=True, text=True, check=True)
    names = [line.removeprefix("tests/") for line in ended.stdout.splitlines()]
    lines = everyday(root)
    assert len(lines) == len(set(lines))
    for line in lines:
        assert any(name == line or name.startswith((f"{line}::", f"{line}[")) for name in names), line


def test_no_two_files_of_tests_have_one_name(root: Path):
    """Tests are no package, so pytest refuses to collect the second one, in a run of all folders alone."""
    names = Counter(path.name for path in (root / "tests").rglob("test_*.py"))
    assert [name for name, count in names.items() if count > 1] == []


def test_no_module_hides_a_name_of_its_package(root: Path):
    """Importing `a.b` sets the attribute `b` of `a`, whatever `a` had under that name."""
    for init in sorted((root / "jenkinsgen").rglob("__init__.py")):
        inside = {path.parent.name for path in init.parent.glob("*/__init__.py")}
        inside |= {path.stem for path in init.parent.glob("*.py")}
        names: set[str] = set()
        for node in ast.parse(init.read_text(encoding="utf-8")).body:
            if isinstance(node, (ast.FunctionDef, ast.ClassDef)):
                names.add(node.name)
            elif isinstance(node, ast.ImportFrom) and node.module != "__future__":
                names.update(alias.asname or alias.name for alias in node.names)
        assert not names & inside, init
