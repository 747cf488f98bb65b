"""Every mistake in tests/golden/errors/NAME.yaml is told as NAME.txt says. Names with `_` are parts of others."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from jenkinsgen.errors import SpecError
from jenkinsgen.jenkinsfile.render.write import render
from jenkinsgen.spec.reading.load import load_spec

if TYPE_CHECKING:
    from collections.abc import Callable

FOLDER = Path(__file__).parent.parent / "golden" / "errors"
NAMES = sorted(path.stem for path in FOLDER.glob("[!_]*.yaml"))


@pytest.mark.parametrize("name", NAMES)
def test_a_mistake_is_told_where_it_stands(
    name: str, golden: Callable[[Path, str], None], monkeypatch: pytest.MonkeyPatch
):
    monkeypatch.chdir(FOLDER)
    with pytest.raises(SpecError) as caught:
        render(load_spec(f"{name}.yaml"))
    golden(FOLDER / f"{name}.txt", f"{caught.value}\n")


def test_no_text_is_left_over():
    assert {path.stem for path in FOLDER.glob("*.txt")} == set(NAMES)


def test_the_spec_that_the_others_extend_has_no_mistake():
    assert load_spec(FOLDER / "_good.yaml").name == "_good"
