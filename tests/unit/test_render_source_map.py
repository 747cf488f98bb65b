"""Which line of the YAML caused a line of the Jenkinsfile."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

import pytest

from jenkinsgen.jenkinsfile.render.source_map import source_map, source_map_of
from jenkinsgen.jenkinsfile.render.write import render, render_rollback, rollback_path
from jenkinsgen.spec.reading.load import load_spec

if TYPE_CHECKING:
    from pathlib import Path

    from jenkinsgen.spec.reading.load import Spec

BASE = """\
source:
  repository: https://git.example.com/shop.git
image: {repository: registry.example.com/shop}
service:
  name: shop
  ports: {green: 8080, blue: 8081}
  container_port: 80
  health: {path: /health}
servers: [deploy@192.0.2.11]
nginx: {host: deploy@192.0.2.10, server_name: shop.example.com}
"""
SPEC = """\
extends: base.yaml
job:
  name: shop
  parameters:
    - name: REASON
    - type: choice
      name: MARKET
      choices:
        - eu
        - us
build:
  command: |
    make
  environment:
    LEVEL: "9"
service:
  secrets:
    TOKEN: shop-token
ssh:
  credential: deploy-key
timeouts:
  switch: 5m
template: team.j2
"""
TEMPLATE = """\
{% extends "Jenkinsfile.j2" %}
{% block before_deploy %}
        stage('Scan') {
            steps {
                echo {{ spec.job.name | groovy }}
            }
        }
{% endblock %}
"""


def written(folder: Path, patch: pytest.MonkeyPatch) -> Spec:
    patch.chdir(folder)
    (folder / "base.yaml").write_text(BASE)
    (folder / "team.j2").write_text(TEMPLATE)
    (folder / "shop.yaml").write_text(SPEC)
    return load_spec("shop.yaml")


@pytest.fixture
def spec(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Spec:
    return written(tmp_path, monkeypatch)


@pytest.fixture(scope="module")
def mapped(tmp_path_factory: pytest.TempPathFactory) -> tuple[str, dict[int, str | None]]:
    """The Jenkinsfile of the spec, and the source of each line, made once: the map renders anew for every key."""
    with pytest.MonkeyPatch.context() as patch:
        found = written(tmp_path_factory.mktemp("mapped"), patch)
        text = render(found)
        source = source_map(text, found)
        return text, {line: source(line) for line in (*range(len(text.splitlines()) + 1), 10_000)}


def line_of(text: str, pattern: str) -> int:
    (number,) = (number for number, line in enumerate(text.splitlines(), 1) if re.search(pattern, line))
    return number


@pytest.mark.parametrize(
    ("line", "source"),
    [
        ("name: 'REASON'", "shop.yaml:5:7"),
        ("choice\\(", "shop.yaml:6:7"),
        ("parameters {", "shop.yaml:4:3"),
        ("checkout scmGit", "base.yaml:2:3"),
        (r"stage\('Build'\)", "shop.yaml:11:1"),
        ("sh 'make", "shop.yaml:12:3"),
        ("LEVEL = ", "shop.yaml:15:5"),
        ("environment {", "shop.yaml:15:5"),
        ("shop-token", "shop.yaml:18:5"),
        ("time: 300,", "shop.yaml:22:3"),
        (r"stage\('Scan'\)", "shop.yaml:23:1"),
        ("echo 'shop'", "shop.yaml:3:3"),
        ("pipeline {", None),
        ("skipDefaultCheckout", None),
        ("// inputs", None),
        (r"stage\('Deploy'\)", None),
    ],
)
def test_a_line_comes_from_the_key_that_changes_it(
    mapped: tuple[str, dict[int, str | None]], line: str, source: str | None
):
    text, sources = mapped
    assert sources[line_of(text, line)] == source


def test_a_block_is_whole(mapped: tuple[str, dict[int, str | None]]):
    text, sources = mapped
    begin = line_of(text, r"stage\('Scan'\)")
    assert [sources[line] for line in range(begin - 1, begin + 6)] == [
        *("shop.yaml:11:1", "shop.yaml:23:1", "shop.yaml:23:1"),
        *("shop.yaml:3:3", "shop.yaml:23:1", "shop.yaml:23:1", None),
    ]


def test_lines_outside_of_the_file_come_from_nowhere(mapped: tuple[str, dict[int, str | None]]):
    _, sources = mapped
    assert sources[0] is None
    assert sources[10_000] is None


def test_an_edited_file_keeps_the_origins_of_the_lines_that_are_left(spec: Spec):
    text = render(spec).replace("pipeline {\n", "// one\n// two\npipeline {\n").replace("'eu', 'us'", "'eu'")
    source = source_map(text, spec)
    assert source(line_of(text, "sh 'make")) == "shop.yaml:12:3"
    assert source(line_of(text, "choice\\(")) is None
    assert source(line_of(text, "// two")) is None


def test_a_file_is_mapped_through_the_spec_beside_it(spec: Spec, tmp_path: Path):
    text = render(spec)
    line = line_of(text, "sh 'make")
    assert source_map_of(spec.path.with_suffix(".Jenkinsfile"), text)(line) == "shop.yaml:12:3"
    assert source_map_of(tmp_path / "other.Jenkinsfile", text)(line) is None
    assert source_map_of(spec.path.with_suffix(".Jenkinsfile"), "pipeline {}\n")(1) is None
    (tmp_path / "team.j2").unlink()
    assert source_map_of(spec.path.with_suffix(".Jenkinsfile"), text)(line) is None


def test_the_file_of_a_rollback_is_mapped_to_the_same_spec(spec: Spec, tmp_path: Path):
    spec.path.write_text(SPEC.replace("  name: shop\n", "  name: shop\n  agent: linux\n  rollback: back\n", 1))
    text = render_rollback(load_spec(spec.path))
    path = rollback_path(spec.path)
    source = source_map_of(path, text)
    assert source(line_of(text, r"agent \{")) == "shop.yaml:4:3"
    assert source(line_of(text, "time: 2100")) == "shop.yaml:24:3"
    assert source(line_of(text, "TOKEN")) == "shop.yaml:20:5"
    assert source(line_of(text, "string\\(name: 'VERSION'")) is None
    spec.path.write_text(SPEC)
    assert source_map_of(path, text)(line_of(text, "TOKEN")) is None
    (tmp_path / "shop.rollback.yaml").write_text(SPEC)
    assert source_map_of(path, render(load_spec(tmp_path / "shop.rollback.yaml")))(7) is None
