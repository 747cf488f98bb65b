"""Which specs are found, and how their Jenkinsfiles are written."""

from __future__ import annotations

import os
from pathlib import Path

import pytest
from examples import MINIMAL

from jenkinsgen.errors import SpecError
from jenkinsgen.jenkinsfile.render.write import Outcome, find_specs, path_in_repository, render, write_jenkinsfiles
from jenkinsgen.spec.reading.load import load_spec


@pytest.fixture
def repository(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A checkout with one spec, as the current folder."""
    (tmp_path / ".git").mkdir()
    (tmp_path / "pipelines").mkdir()
    (tmp_path / "pipelines/shop.yaml").write_text(MINIMAL, encoding="utf-8")
    monkeypatch.chdir(tmp_path)
    return tmp_path


SPEC = Path("pipelines/shop.yaml")
TARGET = Path("pipelines/shop.Jenkinsfile")


def test_a_jenkinsfile_is_created_left_alone_and_changed(repository: Path):
    assert write_jenkinsfiles(SPEC) == {TARGET: Outcome.CREATED}
    before = TARGET.stat()
    assert write_jenkinsfiles(SPEC) == {TARGET: Outcome.UNCHANGED}
    assert TARGET.stat().st_mtime_ns == before.st_mtime_ns
    assert before.st_mode & 0o777 == 0o644
    SPEC.write_text(MINIMAL + "cleanup: {drain: 2m}\n", encoding="utf-8")
    assert write_jenkinsfiles(SPEC) == {TARGET: Outcome.CHANGED}
    assert sorted(path.name for path in (repository / "pipelines").iterdir()) == ["shop.Jenkinsfile", "shop.yaml"]


@pytest.mark.parametrize("there", [b"\xff\xfe", b"x\r\n", b""])
@pytest.mark.usefixtures("repository")
def test_whatever_stands_there_is_replaced(there: bytes):
    TARGET.write_bytes(there)
    assert write_jenkinsfiles(SPEC) == {TARGET: Outcome.CHANGED}
    TARGET.write_bytes(TARGET.read_bytes().replace(b"\n", b"\r\n"))
    assert write_jenkinsfiles(SPEC) == {TARGET: Outcome.CHANGED}


@pytest.mark.usefixtures("repository")
def test_a_folder_in_the_way_is_told():
    TARGET.mkdir()
    with pytest.raises(SpecError, match=r"shop\.Jenkinsfile: cannot be written: Is a directory"):
        write_jenkinsfiles(SPEC)


def test_a_spec_renders_the_same_however_it_is_named(repository: Path, monkeypatch: pytest.MonkeyPatch):
    (repository / "pipelines/own.j2").write_text('{% extends "Jenkinsfile.j2" %}', encoding="utf-8")
    SPEC.write_text(MINIMAL + "template: own.j2\n", encoding="utf-8")
    text = render(load_spec(SPEC))
    assert text.startswith("// Made by jenkinsgen ")
    assert "jenkinsgen deploy-colour pipelines/shop.yaml" in text
    assert render(load_spec(SPEC.absolute())) == text
    monkeypatch.chdir("pipelines")
    assert render(load_spec("shop.yaml")) == text
    monkeypatch.chdir("/")
    assert render(load_spec(repository / SPEC)) == text


def test_a_teams_template_may_be_called_like_the_standard_one(repository: Path):
    for folder in (repository, repository / "pipelines"):
        (folder / "Jenkinsfile.j2").write_text(
            '{% extends "Jenkinsfile.j2" %}{% block agent %}    agent none\n{% endblock %}', encoding="utf-8"
        )
        spec = folder / "own.yaml"
        spec.write_text(MINIMAL + "template: Jenkinsfile.j2\n", encoding="utf-8")
        assert "    agent none\n" in render(load_spec(spec))


@pytest.mark.parametrize("name", ["my shop.yaml", "it's.yaml", "-rf.yaml", "shöp.yaml", "a;b.yaml", "$(id).yaml"])
def test_a_name_that_a_shell_would_read_otherwise_is_refused(repository: Path, name: str):
    path = repository / name
    path.write_text(MINIMAL, encoding="utf-8")
    with pytest.raises(SpecError, match="may only have letters, digits") as caught:
        write_jenkinsfiles(path)
    assert "rename the file" in str(caught.value.hint)


def test_a_spec_outside_of_any_repository_is_told_so(tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    path = tmp_path / "shop.yaml"
    path.touch()
    monkeypatch.chdir(tmp_path)
    assert path_in_repository(path) == "shop.yaml"
    (tmp_path / "elsewhere").mkdir()
    monkeypatch.chdir("elsewhere")
    with pytest.raises(SpecError, match="neither in a git repository nor below the current folder"):
        path_in_repository(path)


def test_a_folder_means_its_specs_but_not_what_only_serves_them_as_a_base(repository: Path):
    folder = repository / "pipelines"
    (folder / "base.yaml").write_text("service: {memory: 700m}\n", encoding="utf-8")
    (folder / "other.yml").write_text("extends: base.yaml\n", encoding="utf-8")
    (folder / "test.yaml").write_text("extends: shop.yaml\n", encoding="utf-8")
    (folder / "broken.yaml").write_text("{", encoding="utf-8")
    (folder / "notes.txt").touch()
    found = [path.name for path in find_specs([folder])]
    assert found == ["broken.yaml", "other.yml", "shop.yaml", "test.yaml"]
    assert find_specs([folder / "base.yaml"]) == [folder / "base.yaml"]


def test_nothing_to_render_is_told(tmp_path: Path):
    with pytest.raises(SpecError, match="no spec was found"):
        find_specs([tmp_path])
    with pytest.raises(SpecError, match="there is no such file"):
        find_specs([tmp_path / "nowhere.yaml"])


def test_a_folder_that_may_not_be_read_is_told(tmp_path: Path):
    closed = tmp_path / "closed"
    closed.mkdir(mode=0)
    me = os.geteuid()
    if me == 0:
        # Root may read everything.
        os.seteuid(65534)
    try:
        with pytest.raises(SpecError, match="cannot be read: Permission denied"):
            find_specs([closed])
    finally:
        os.seteuid(me)
