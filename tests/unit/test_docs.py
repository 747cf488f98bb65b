"""The pages in docs/ say what the code does."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any

import pytest
import yaml
from jinja2 import Environment, nodes
from pydantic_core import PydanticUndefined

import jenkinsgen.errors
from jenkinsgen.cli import BUG, HUNG_UP, INTERRUPTED, TERMINATED
from jenkinsgen.errors import JenkinsgenError
from jenkinsgen.jenkinsfile.render.jenkinsfile import _context
from jenkinsgen.jenkinsfile.render.write import render, standard_template
from jenkinsgen.spec import credentials
from jenkinsgen.spec.pipeline import Pipeline
from jenkinsgen.spec.reading.load import load_spec
from jenkinsgen.spec.section import sections_in
from jenkinsgen.spec.values import parse_duration, show_duration

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from pydantic import BaseModel
    from pydantic.fields import FieldInfo


def blocks(page: Path, language: str) -> list[str]:
    return re.findall(rf"^```{language}\n(.*?)^```$", page.read_text(encoding="utf-8"), re.DOTALL | re.MULTILINE)


def rows(page: Path) -> list[list[str]]:
    lines = [line for line in page.read_text(encoding="utf-8").splitlines() if line.startswith("| ")]
    return [[cell.strip() for cell in line.strip("|").split("|")] for line in lines]


def keys_of(model: type[BaseModel], prefix: str = "") -> Iterator[tuple[str, FieldInfo]]:
    """Every key that has a value of its own, as the page writes it: servers[].ssh."""
    for name, field in model.model_fields.items():
        path = f"{prefix}{field.alias or name}"
        inner = list(sections_in(field.annotation))
        many = "[]" if "tuple" in str(field.annotation) else ""
        for section in inner:
            yield from keys_of(section, f"{path}{many}.")
        if not inner:
            yield path, field


def documented(root: Path) -> dict[str, list[str]]:
    return {cells[0].strip("`"): cells for cells in rows(root / "docs/spec.md") if cells[0].startswith("`")}


def test_every_key_is_on_the_page_and_no_other(root: Path):
    assert set(documented(root)) == {key for key, _ in keys_of(Pipeline)} | {"extends"}


def test_no_key_is_there_twice(root: Path):
    keys = [cells[0] for cells in rows(root / "docs/spec.md") if cells[0].startswith("`")]
    assert len(keys) == len(set(keys))


@pytest.mark.parametrize(("key", "field"), [pair for pair in keys_of(Pipeline) if "parameters" not in pair[0]])
def test_its_default_is_the_one_of_the_model(key: str, field: FieldInfo, root: Path):
    said = documented(root)[key][2]
    default = field.get_default()
    if default is PydanticUndefined:
        # A kind of tool that is not the default needs its `from`; the page tells of the key as a whole.
        assert said == "required" or key == "tool.from"
    elif default is None:
        assert said in ("—", "the host of `ssh`")
    elif default in ("", (), {}):
        assert said in ("empty", "none")
    elif isinstance(default, bool):
        assert said == str(default).lower()
    elif isinstance(default, float):
        assert show_duration(parse_duration(said)) == show_duration(default)
    else:
        assert said == str(default)


def test_every_example_is_yaml_that_ends_with_its_key(root: Path):
    for key, cells in documented(root).items():
        example = yaml.safe_load(cells[4].strip("`"))
        (name,) = example
        assert name in key.replace("[]", "").split(".")


def test_the_page_begins_with_the_spec_that_is_rendered_in_the_tests(root: Path):
    example = blocks(root / "docs/spec.md", "yaml")[0]
    assert example == (root / "tests/golden/render/everything.yaml").read_text(encoding="utf-8")


def test_that_spec_has_every_key_that_goes_together(root: Path):
    document = load_spec(root / "tests/golden/render/everything.yaml").document
    used = {".".join("[]" if isinstance(part, int) else part for part in path) for path in document.keys}
    missing = {key for key in documented(root) if key.replace("[]", ".[]") not in used}
    assert missing == {
        "extends",
        "template",
        "nginx.prepared.green",
        "nginx.prepared.blue",
        "nginx.unproven",
        "tool.version",
        "tool.image",
        "tool.docker_group",
        "rolling.batch",
    }


def test_the_example_of_a_template_is_the_one_that_is_rendered_in_the_tests(root: Path):
    example = blocks(root / "docs/template.md", "jinja")[0]
    assert example == (root / "tests/golden/render/team.Jenkinsfile.j2").read_text(encoding="utf-8")
    assert "ansiColor" in render(load_spec(root / "tests/golden/render/template.yaml"))


def test_blocks_and_values_of_a_template_are_on_its_page(root: Path):
    page = root / "docs/template.md"
    names = [cells[0].strip("`") for cells in rows(page) if cells[0].startswith("`")]
    tree = Environment().parse(standard_template())  # noqa: S701 - it is only parsed
    pipeline = load_spec(root / "pipelines/momo-prod-be.yaml").pipeline
    expected = [block.name for block in tree.find_all(nodes.Block)] + list(_context(pipeline, "x", ()))
    assert sorted(names) == sorted(expected)


def test_exit_codes_are_those_of_the_errors(root: Path):
    table = {
        int(cells[0]): set(re.findall(r"`(\w+)`", cells[1]))
        for cells in rows(root / "docs/exit-codes.md")
        if cells[0].isdigit()
    }
    expected: dict[int, set[str]] = {0: set(), BUG: set(), HUNG_UP: set(), INTERRUPTED: set(), TERMINATED: set()}
    for name, kind in vars(jenkinsgen.errors).items():
        if isinstance(kind, type) and issubclass(kind, JenkinsgenError) and kind is not JenkinsgenError:
            expected.setdefault(kind.exit_code, set()).add(name)
    assert table == expected


def test_environment_variables_are_those_of_the_jenkinsfile(root: Path):
    page = (root / "docs/credentials.md").read_text(encoding="utf-8")
    said = set(re.findall(r"\bJENKINSGEN_[A-Z_]+", page))
    constants = {
        getattr(credentials, name) for name in dir(credentials) if name.startswith(("SSH_", "REGISTRY_", "PULL_"))
    }
    assert said == constants | {credentials.SECRET_PREFIX + "NAME", credentials.SECRET_PREFIX + "DB_PASSWORD"}


def test_the_first_example_of_the_api_works(root: Path, monkeypatch: pytest.MonkeyPatch, capsys: Any):
    monkeypatch.chdir(root)
    exec(compile(blocks(root / "docs/api.md", "python")[0], "docs/api.md", "exec"), {})  # noqa: S102 - our own page
    assert "momo-app: green is port 8080, blue is port 8081" in capsys.readouterr().out


def test_the_second_example_of_the_api_names_what_exists(root: Path):
    code = compile(blocks(root / "docs/api.md", "python")[1].partition("\n\n")[0], "docs/api.md", "exec")
    exec(code, {})  # noqa: S102 - our own page
