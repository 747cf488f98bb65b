"""`extends`: a spec laid over another one, positions and all."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from examples import MINIMAL

from jenkinsgen.errors import SpecError
from jenkinsgen.spec.reading.load import load_spec

if TYPE_CHECKING:
    from pathlib import Path


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    (tmp_path / "base.yaml").write_text(MINIMAL, encoding="utf-8")
    return tmp_path


def write(folder: Path, name: str, text: str) -> Path:
    path = folder / name
    path.write_text(text, encoding="utf-8")
    return path


def test_mappings_are_merged_lists_and_values_replaced(folder: Path):
    path = write(
        folder,
        "shop.yaml",
        "extends: base.yaml\nservice: {ports: {blue: 9081}, environment: {A: b}}\nservers: [deploy@192.0.2.21]\n",
    )
    pipeline = load_spec(path).pipeline
    assert (pipeline.service.ports.green, pipeline.service.ports.blue) == (8080, 9081)
    assert pipeline.service.environment == {"A": "b"}
    assert [str(server) for server in pipeline.servers] == ["192.0.2.21"]


def test_a_base_may_extend_another_and_is_found_from_its_own_folder(folder: Path):
    (folder / "teams").mkdir()
    write(folder, "teams/team.yaml", "extends: ../base.yaml\nservice: {memory: 700m, cpus: 1}\n")
    path = write(folder, "shop.yaml", "extends: teams/team.yaml\nservice: {cpus: 2}\n")
    service = load_spec(path).pipeline.service
    assert (service.memory, service.cpus) == (700 * 1024**2, 2.0)


def test_two_specs_may_share_a_base_through_two_ways(folder: Path):
    write(folder, "a.yaml", "extends: base.yaml\n")
    assert load_spec(write(folder, "b.yaml", "extends: a.yaml\n")).pipeline == load_spec(folder / "a.yaml").pipeline


def test_what_replaced_a_mapping_has_no_positions_of_the_old_one(folder: Path):
    write(folder, "middle.yaml", "extends: base.yaml\nservice: {health: nothing}\n")
    path = write(folder, "shop.yaml", "extends: middle.yaml\nservice: {health: {path: /x}}\n")
    assert load_spec(path).pipeline.service.health.path == "/x"
    document = load_spec(path).document
    assert document.position(("service", "health", "path")).file == str(path)
    assert document.position(("service", "ports", "green")).file == str(folder / "base.yaml")


def test_a_loop_of_three_is_told_where_it_closes(folder: Path):
    for name, base in (("a", "b"), ("b", "c"), ("c", "a")):
        write(folder, f"{name}.yaml", f"extends: {base}.yaml\n")
    with pytest.raises(SpecError, match=r"c\.yaml:1:10: extends: a\.yaml leads back to this file"):
        load_spec(folder / "a.yaml")
