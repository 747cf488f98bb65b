"""The suite itself: what a run of one folder does not see."""

from __future__ import annotations

import ast
from collections import Counter
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from pathlib import Path


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
