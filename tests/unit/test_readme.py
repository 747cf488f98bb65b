"""README's first screen is true."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from jenkinsgen.jenkinsfile.render.write import render
from jenkinsgen.spec.reading.load import load_spec

if TYPE_CHECKING:
    from pathlib import Path

    import pytest


def test_the_spec_of_the_first_screen_renders(root: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    found = re.search(r"```yaml\n(.*?)```", (root / "README.md").read_text(encoding="utf-8"), re.DOTALL)
    assert found
    (tmp_path / "shop.yaml").write_text(found[1], encoding="utf-8")
    monkeypatch.chdir(tmp_path)

    assert "exec jenkinsgen switch-nginx shop.yaml" in render(load_spec(tmp_path / "shop.yaml"))


def test_every_page_that_is_linked_exists(root: Path):
    links = re.findall(r"\]\(([^)#]+)\)", (root / "README.md").read_text(encoding="utf-8"))
    assert [link for link in links if not (root / link).exists()] == []
