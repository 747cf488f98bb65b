"""The JSON Schema: published, fresh, and never stricter than jenkinsgen itself."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
import yaml
from checkout import SPEC, Checkout
from jsonschema import Draft7Validator

from jenkinsgen.spec.reading.document import DocumentError
from jenkinsgen.spec.reading.reader import parse_document, read_document
from jenkinsgen.spec.reading.schema import schema_text, spec_schema

ROOT = Path(__file__).parent.parent.parent
GOOD = [*sorted((ROOT / "pipelines").glob("*.yaml")), *sorted((ROOT / "tests/golden/render").glob("*.yaml"))]
VALIDATOR = Draft7Validator(spec_schema())


def problems(text: str) -> list[str]:
    data = parse_document(text, "spec.yaml").data
    return sorted(".".join(map(str, error.absolute_path)) for error in VALIDATOR.iter_errors(data))


def with_change(changes: str) -> str:
    both = parse_document(SPEC, "").data
    for section, values in parse_document(changes, "").data.items():
        both[section] = {**both.get(section, {}), **values} if isinstance(values, dict) else values
    return yaml.safe_dump(both)


def test_it_is_a_schema():
    Draft7Validator.check_schema(spec_schema())


def test_the_published_one_is_fresh(tmp_path: Path):
    # As data: versions of pydantic differ in the order of keywords.
    published = json.loads((ROOT / "docs/spec.schema.json").read_text(encoding="utf-8"))
    assert published == json.loads(schema_text()), "run: jenkinsgen schema > docs/spec.schema.json"
    assert published == json.loads(Checkout(tmp_path).jenkinsgen("schema").stdout)


@pytest.mark.parametrize("path", sorted((ROOT / "pipelines").glob("*.yaml")), ids=lambda path: path.name)
def test_the_first_line_of_a_pipeline_names_it(path: Path):
    first = path.read_text(encoding="utf-8").partition("\n")[0]
    named = first.removeprefix("# yaml-language-server: $schema=")
    assert (path.parent / named).resolve() == ROOT / "docs/spec.schema.json"


@pytest.mark.parametrize("path", GOOD, ids=lambda path: path.name)
def test_it_accepts_every_good_spec(path: Path):
    # These have an empty list of problems of their own; bases and files that extend them are among them.
    assert [error.message for error in VALIDATOR.iter_errors(read_document(path, path.name).data)] == []


@pytest.mark.parametrize(
    "changes",
    [
        "service: {memory: null, cpus: 1}",
        "service: {memory: 700M, cpus: 0.5}",
        "servers: ['[2001:db8::1]', {ssh: 'a@b:22', address: c}]",
        "tool: {}",
        "tool: {version: 1.2.0rc1, from: pip}",
        "job: {parameters: [{name: A}, {name: B, type: boolean, default: true}]}",
        "job: {parameters: [{name: C, type: choice, choices: [x]}]}",
        "build: null",
        "source: {submodules: {}}",
    ],
)
def test_it_accepts_what_jenkinsgen_accepts(changes: str):
    assert problems(with_change(changes)) == []


@pytest.mark.parametrize(
    ("changes", "place"),
    [
        ("service: {helth: {path: /}}", "service"),
        ("service: {memory: 700}", "service.memory"),
        ("service: {memory: 700mb}", "service.memory"),
        ("service: {health: {path: /, timeout: 100}}", "service.health.timeout"),
        ("service: {health: {}}", "service.health"),
        ("service: {environment: {1A: x}}", "service.environment"),
        ("service: {name: Shop}", "service.name"),
        ("image: {credential: 'my secret'}", "image.credential"),
        ("servers: []", "servers"),
        ("servers: ['a b']", "servers.0"),
        ("nginx: {mode: reloads}", "nginx.mode"),
        ("tool: {from: pip}", "tool"),
        ("job: {parameters: [{name: A, type: choice}]}", "job.parameters.0"),
    ],
)
def test_it_marks_a_mistake_where_it_is(changes: str, place: str):
    assert problems(with_change(changes)) == [place]


def test_a_spec_must_be_complete_unless_it_extends_another():
    assert problems("job: {name: shop}") == ["", "", "", "", ""]
    assert (
        problems("extends: base.yaml\njob: {name: shop}\nservice: {health: {timeout: 2m}}\ntool: {version: '1'}") == []
    )
    assert problems("service: {health: {timeout: 2m}}") == []


def test_it_finds_what_can_be_found_without_jenkinsgen():
    found = [path.stem for path in sorted((ROOT / "tests/golden/errors").glob("[!_]*.yaml")) if refused(path)]
    assert len(found) >= 30
    assert {"unknown_keys", "sizes", "durations", "nginx_sizes", "variable_names"} <= set(found)


def refused(path: Path) -> bool:
    try:
        return not VALIDATOR.is_valid(read_document(path, path.name).data)
    except DocumentError:
        return False


def leaves(node: Any, path: str = "") -> Any:
    for name, child in node.get("properties", {}).items():
        yield f"{path}{name}", child
        yield from leaves(child, f"{path}{name}.")


def test_every_key_is_described_and_has_its_default_as_it_is_written():
    described = dict(leaves(spec_schema()))
    assert [path for path, node in described.items() if not node.get("description")] == []
    assert described["service.health.timeout"]["default"] == "100s"
    assert described["cleanup.drain"]["default"] == "1m"
    assert described["source.branch"]["default"] == "main"
    assert "title" not in json.dumps(described)
