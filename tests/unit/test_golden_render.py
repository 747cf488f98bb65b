"""The Jenkinsfiles of each tests/golden/render/NAME.yaml are NAME.Jenkinsfile and, with `job.rollback`,
NAME.rollback.Jenkinsfile; its NGINX file is NAME.conf.
"""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from jenkinsgen._version import __version__
from jenkinsgen.jenkinsfile.render.write import find_specs, jenkinsfile_path, render_all, rollback_path
from jenkinsgen.nginx.site import render_site, upstreams_of
from jenkinsgen.spec.reading.load import load_spec

if TYPE_CHECKING:
    from collections.abc import Callable

FOLDER = Path(__file__).parent.parent / "golden" / "render"
NAMES = sorted(path.stem for path in FOLDER.glob("[!_]*.yaml"))
WITH_ROLLBACK = [name for name in NAMES if load_spec(FOLDER / f"{name}.yaml").pipeline.job.rollback]
IN_FLAG_MODE = [name for name in NAMES if load_spec(FOLDER / f"{name}.yaml").pipeline.nginx.mode == "flag"]


@pytest.mark.parametrize("name", NAMES)
def test_a_spec_is_rendered_as_on_disk(name: str, golden: Callable[[Path, str], None]):
    for path, text in render_all(load_spec(FOLDER / f"{name}.yaml")).items():
        # A new version of jenkinsgen changes one line of every Jenkinsfile and nothing else.
        golden(path, text.replace(f"jenkinsgen {__version__} ", "jenkinsgen VERSION ", 1))


@pytest.mark.parametrize("name", IN_FLAG_MODE)
def test_its_site_file_is_rendered_as_on_disk(name: str, golden: Callable[[Path, str], None]):
    pipeline = load_spec(FOLDER / f"{name}.yaml").pipeline
    golden(FOLDER / f"{name}.conf", render_site(pipeline, upstreams_of(pipeline)).text)


def test_no_file_is_left_over():
    specs = [FOLDER / f"{name}.yaml" for name in NAMES]
    rollbacks = {rollback_path(path) for path in specs if path.stem in WITH_ROLLBACK}
    assert set(FOLDER.glob("*.Jenkinsfile")) == {jenkinsfile_path(path) for path in specs} | rollbacks
    assert {path.stem for path in FOLDER.glob("*.conf")} == set(IN_FLAG_MODE)


def test_the_committed_jenkinsfiles_are_fresh(root: Path, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.chdir(root)
    specs = find_specs([Path("pipelines")])
    assert Path("pipelines/momo-prod-be.yaml") in specs
    for path in specs:
        for target, text in render_all(load_spec(path)).items():
            assert target.read_text(encoding="utf-8") == text, f"{path}: run jenkinsgen render"
