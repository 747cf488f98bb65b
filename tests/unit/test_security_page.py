"""What SECURITY.md says is shown by a test is shown by one that exists."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from pathlib import Path

_TEST = re.compile(r"`((?:unit|server|integration|faults)/[\w/]+\.py)(?:::(test_\w+))?`")


def test_each_test_that_the_page_names_exists(root: Path):
    named = _TEST.findall((root / "SECURITY.md").read_text(encoding="utf-8"))
    assert named
    missing = [
        f"{file}::{test}"
        for file, test in named
        if not (path := root / "tests" / file).is_file() or f"def {test or 'test_'}" not in path.read_text("utf-8")
    ]
    assert not missing
