"""The JSON Schema of a spec, with which editors complete keys, explain them and mark mistakes.

It accepts every file that jenkinsgen accepts; what only jenkinsgen can know, it does not refuse: two keys that
do not go together, and what is missing in a file that extends another.
"""

from __future__ import annotations

import json
from functools import cache
from typing import Any

from jenkinsgen.spec.pipeline import Pipeline
from jenkinsgen.spec.reading.inherit import EXTENDS
from jenkinsgen.spec.reading.keys import Key, keys

Schema = dict[str, Any]

# The draft that every editor knows.
_DRAFT = "http://json-schema.org/draft-07/schema#"


def spec_schema() -> Schema:
    """The schema as data, the same for the same version of jenkinsgen."""
    whole = Pipeline.model_json_schema()
    tree = _inlined(whole, whole.get("$defs", {}))
    _describe(tree, "", {key.path: key for key in keys()})
    server = tree["properties"]["servers"]["items"]
    tree["properties"]["servers"]["items"] = {"anyOf": [server["properties"]["ssh"], server]}
    extends = {"type": "string", "minLength": 1, "description": keys()[0].meaning}
    properties = {EXTENDS: extends, **tree.pop("properties")}
    complete = _requirements({**tree, "properties": properties})
    tree.pop("required")
    return {
        "$schema": _DRAFT,
        "title": "A spec of jenkinsgen",
        **tree,
        "properties": properties,
        # A file that extends another, and one that others extend, need not be complete.
        "if": {
            "required": ["job"],
            "properties": {"job": {"required": ["name"]}},
            "not": {"required": [EXTENDS]},
        },
        "then": complete,
    }


@cache
def schema_text() -> str:
    """The schema as it is published: docs/spec.schema.json."""
    return json.dumps(spec_schema(), indent=2, ensure_ascii=False) + "\n"


def _inlined(node: Any, definitions: Schema) -> Any:
    """Without `$ref`, beside which this draft ignores descriptions; no section contains itself."""
    if isinstance(node, list):
        return [_inlined(item, definitions) for item in node]
    if not isinstance(node, dict):
        return node
    if "allOf" in node:
        # Pydantic before 2.9 wraps a reference that has a default beside it.
        (wrapped,) = node["allOf"]
        node = {**{key: node[key] for key in node if key != "allOf"}, **wrapped}
    reference = node.get("$ref")
    if reference is not None:
        node = {**definitions[reference.rpartition("/")[2]], **{key: node[key] for key in node if key != "$ref"}}
    return {key: _inlined(value, definitions) for key, value in node.items() if key not in ("$defs", "discriminator")}


def _describe(node: Schema, path: str, known: dict[str, Key]) -> None:
    """Replaces what pydantic says of each key by what the models' docstrings say. Changes the node."""
    node.pop("title", None)
    if "const" in node:
        # Which pydantic before 2.10 says twice.
        node.pop("enum", None)
    if path in known:
        key = known[path]
        node.pop("default", None)
        if key.meaning:
            node["description"] = key.meaning
        if key.default is not None and "const" not in node:
            node["default"] = key.default
    if "patternProperties" in node:
        node["additionalProperties"] = False
    for kind in _alternatives(node):
        _describe_inside(kind, path, known)
    _describe_inside(node, path, known)


def _describe_inside(node: Schema, path: str, known: dict[str, Key]) -> None:
    node.pop("title", None)
    for name, child in node.get("properties", {}).items():
        _describe(child, f"{path}.{name}".lstrip("."), known)
    if isinstance(node.get("items"), dict):
        _describe(node["items"], f"{path}[]", known)


def _alternatives(node: Schema) -> list[Schema]:
    found: list[Schema] = [*node.get("anyOf", ()), *node.get("oneOf", ())]
    return found


def _requirements(node: Schema) -> Schema:
    """Take out of the node what only a complete file must have: then the node fits a part of a file, too.

    Lists stay as they are: the entries of a list are never merged with those of a base.
    """
    if "oneOf" in node:
        kinds = node.pop("oneOf")
        node.update(_any_of_them(kinds))
        return {"oneOf": kinds}
    found: Schema = {}
    if "required" in node:
        found["required"] = node.pop("required")
    inside = {name: _requirements(child) for name, child in node.get("properties", {}).items()}
    for alternative in node.get("anyOf", ()):
        found.update(_requirements(alternative))
    inside = {name: child for name, child in inside.items() if child}
    if inside:
        found["properties"] = inside
    return found


def _any_of_them(kinds: list[Schema]) -> Schema:
    """One section with the keys of all kinds, for completion and for a part of a file."""
    properties: Schema = {}
    for kind in kinds:
        for name, child in kind["properties"].items():
            properties.setdefault(name, {**child, "enum": []} if "const" in child else child)
            if "const" in child:
                properties[name].pop("const", None)
                properties[name]["enum"].append(child["const"])
    return {"type": "object", "properties": properties, "additionalProperties": False}
