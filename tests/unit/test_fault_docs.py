"""Each row of the fault matrix has its line in docs/reliability.md, and each mutation its place in the code."""

from __future__ import annotations

import re
import runpy
from pathlib import Path

ROOT = Path(__file__).parents[2]
# A row that proves the matrix itself.
NO_FAULT = {"no signal at all"}


def test_each_row_has_a_line():
    page = (ROOT / "docs/reliability.md").read_text(encoding="utf-8").lower()
    faults = [
        name
        for file in sorted((ROOT / "tests/faults").glob("test_*.py"))
        for name in re.findall(r'\bfault\(\s*f?"([^"{]+)', file.read_text(encoding="utf-8"))
    ]

    assert len(faults) > 30
    assert [name for name in faults if name.strip().lower() not in page and name not in NO_FAULT] == []


def test_each_mutation_finds_its_text():
    """The mutations themselves run for a quarter of an hour; that one came to nothing would be noticed late."""
    mutations = runpy.run_path(str(ROOT / "tests/faults/mutations.py"))["MUTATIONS"]
    counts = {
        each.name: (ROOT / "jenkinsgen" / each.file).read_text(encoding="utf-8").count(each.text) for each in mutations
    }
    assert counts == dict.fromkeys(counts, 1)
