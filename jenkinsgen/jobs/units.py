"""A Job cut into units: the pieces that are compared, remembered and proven one by one.

A unit is what a person changes in one go: one parameter, the discarder, the definition. Its fields are what a
plan shows. A unit that is not there is absent, as the default is.
"""

from __future__ import annotations

import hashlib
import json
from typing import TYPE_CHECKING, TypeAlias

from jenkinsgen.jobs.model import (
    BooleanParameter,
    ChoiceParameter,
    Concurrency,
    ForeignDefinition,
    ForeignParameter,
    InlineScript,
    Multibranch,
    ScriptFromGit,
    StringParameter,
)

if TYPE_CHECKING:
    from collections.abc import Mapping

    from jenkinsgen.jobs.model import Definition, Discarder, Job, Parameter, Remote, Submodules

Value: TypeAlias = str | int | bool | tuple[str, ...]
Unit: TypeAlias = "Mapping[str, Value]"

ORDER = "parameter-order"
DESCRIPTION = "description"
# 24 bits: enough to see a change, short enough for a description with ten of them.
_DIGEST_LENGTH = 6


def units(job: Job) -> dict[str, dict[str, Value]]:
    """Unit -> field -> value. A unit with one field calls it `value`."""
    found: dict[str, dict[str, Value]] = {}
    if job.description:
        found[DESCRIPTION] = {"value": job.description}
    for parameter in job.parameters:
        found[f"parameters/{parameter.name}"] = _parameter(parameter)
    if len(job.parameters) > 1:
        found[ORDER] = {"value": tuple(parameter.name for parameter in job.parameters)}
    if job.triggers.cron is not None:
        found["triggers/cron"] = {"value": job.triggers.cron}
    if job.triggers.poll is not None:
        found["triggers/poll"] = {"value": job.triggers.poll}
    if job.discarder is not None:
        found["discarder"] = _discarder(job.discarder)
    if job.concurrency is not Concurrency.ALLOWED:
        found["concurrency"] = {"value": job.concurrency.value}
    if job.durability is not None:
        found["durability"] = {"value": job.durability}
    found["definition"] = _definition(job.definition)
    return found


def digest(unit: Unit | None) -> str | None:
    """A short fingerprint of a unit, None for one that is absent."""
    if unit is None:
        return None
    canonical = json.dumps(unit, sort_keys=True, separators=(",", ":"))
    return hashlib.sha256(canonical.encode()).hexdigest()[:_DIGEST_LENGTH]


def shown(value: Value | None) -> str:
    """A value for a person to read, on one line."""
    match value:
        case None:
            return "(absent)"
        case bool():
            return str(value).lower()
        case tuple():
            return "[" + ", ".join(value) + "]"
        case str():
            return json.dumps(value, ensure_ascii=False)
        case int():
            return str(value)


def _parameter(parameter: Parameter) -> dict[str, Value]:
    match parameter:
        case StringParameter():
            return {
                "type": "string",
                "default": parameter.default,
                "description": parameter.description,
                "trim": parameter.trim,
            }
        case BooleanParameter():
            return {
                "type": "boolean",
                "default": parameter.default,
                "description": parameter.description,
            }
        case ChoiceParameter():
            return {
                "type": "choice",
                "choices": parameter.choices,
                "description": parameter.description,
            }
        case ForeignParameter():
            return {"type": parameter.class_name}


def _discarder(discarder: Discarder) -> dict[str, Value]:
    return {
        "builds": discarder.builds,
        "days": discarder.days,
        "artifact builds": discarder.artifact_builds,
        "artifact days": discarder.artifact_days,
    }


def _definition(definition: Definition) -> dict[str, Value]:
    match definition:
        case InlineScript():
            return {"kind": "inline", "script": definition.script, "sandbox": definition.sandbox}
        case ScriptFromGit():
            return _script_from_git(definition)
        case Multibranch():
            return _multibranch(definition)
        case ForeignDefinition():
            return {"kind": definition.class_name or "nothing"}


def _script_from_git(definition: ScriptFromGit) -> dict[str, Value]:
    fields: dict[str, Value] = {
        "kind": "from git",
        "branches": definition.branches,
        "script path": definition.script_path,
        "lightweight": definition.lightweight,
    }
    for index, remote in enumerate(definition.remotes):
        fields |= _remote(remote, "" if index == 0 else f"remote {index + 1} ")
    return fields | _submodules(definition.submodules)


def _multibranch(definition: Multibranch) -> dict[str, Value]:
    fields: dict[str, Value] = {
        "kind": "multibranch",
        "script path": definition.script_path,
        "include": definition.include,
        "exclude": definition.exclude,
        "branches": definition.branches,
        "tags": definition.tags,
        "prune branches": definition.prune_branches,
        "orphan days": definition.orphan_days,
        "orphan builds": definition.orphan_builds,
    }
    if definition.scan_minutes is not None:
        fields["scan minutes"] = definition.scan_minutes
    return fields | _remote(definition.remote, "") | _submodules(definition.submodules)


def _remote(remote: Remote, prefix: str) -> dict[str, Value]:
    values = {
        "url": remote.url,
        "credentials": remote.credentials_id,
        "remote name": remote.name,
        "refspec": remote.refspec,
    }
    return {f"{prefix}{key}": value for key, value in values.items() if value is not None}


def _submodules(submodules: Submodules | None) -> dict[str, Value]:
    if submodules is None:
        return {}
    return {
        "submodules recursive": submodules.recursive,
        "submodules tracking": submodules.tracking,
        "submodules reference": submodules.reference,
        "submodules parent credentials": submodules.parent_credentials,
        "submodules shallow": submodules.shallow,
    }
