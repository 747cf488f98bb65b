"""The suite itself: what a run of one folder does not see."""

from __future__ import annotations

from collections import Counter
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from pathlib import Path


def test_no_two_files_of_tests_have_one_name(root: Path):
    """Tests are no package, so pytest refuses to collect the second one, in a run of all folders alone."""
    names = Counter(path.name for path in (root / "tests").rglob("test_*.py"))
    assert [name for name, count in names.items() if count > 1] == []
