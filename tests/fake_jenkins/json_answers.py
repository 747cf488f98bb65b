"""The JSON of Jenkins' REST API, with its `tree` parameter."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any, TypeAlias

from .items import CLASSES

if TYPE_CHECKING:
    from .items import Build, Item, QueueItem

Json: TypeAlias = Any
Tree: TypeAlias = "dict[str, Tree]"

CAUSES = {
    "_class": "hudson.model.CauseAction",
    "causes": [
        {
            "_class": "hudson.model.Cause$UserIdCause",
            "shortDescription": "Started by user admin",
            "userId": "admin",
            "userName": "admin",
        }
    ],
}


def parse_tree(text: str) -> Tree:
    """`jobs[name,color],url` -> {jobs: {name: {}, color: {}}, url: {}}."""
    top: Tree = {}
    stack = [top]
    last = top
    for token in re.findall(r"[^\[\],]+|\[|\]", text):
        if token == "[":
            stack.append(last)
        elif token == "]":
            stack.pop()
        else:
            last = stack[-1].setdefault(token, {})
    return top


def only(tree: Tree, value: Json) -> Json:
    """What the tree asks for; `_class` comes along."""
    if isinstance(value, list):
        return [only(tree, each) for each in value]
    if not isinstance(value, dict) or not tree:
        return value
    return {key: only(tree.get(key, {}), inner) for key, inner in value.items() if key == "_class" or key in tree}


def brief(item: Item, base: str) -> Json:
    answer = {"_class": CLASSES[item.kind], "name": item.name, "url": f"{base}{item.path}/"}
    return answer if item.is_folder else {**answer, "color": item.color}


def full(item: Item, base: str, *, deep: bool = True) -> Json:
    """An item with everything that a tree may ask for."""
    answer = {
        **brief(item, base),
        "description": item.description,
        "displayName": item.name,
        "displayNameOrNull": None,
        "fullDisplayName": item.full_name.replace("/", " » "),
        "fullName": item.full_name,
        "actions": [],
        "healthReport": [],
    }
    if item.is_folder:
        jobs = [full(child, base) if deep else brief(child, base) for child in sorted_children(item)]
        view = {"_class": "hudson.model.AllView", "name": "All", "url": f"{base}{item.path}/"}
        return {**answer, "jobs": jobs, "primaryView": view, "views": [view]}
    last = build(item, item.builds[-1], base) if item.builds else None
    definitions = [{"_class": "hudson.model.StringParameterDefinition", "name": name} for name, _ in item.parameters()]
    parameters = {"_class": "hudson.model.ParametersDefinitionProperty", "parameterDefinitions": definitions}
    return {
        **answer,
        "buildable": not item.disabled,
        "builds": [build(item, each, base) for each in reversed(item.builds)],
        "color": item.color,
        "concurrentBuild": "DisableConcurrentBuilds" not in item.config,
        "disabled": item.disabled,
        "firstBuild": build(item, item.builds[0], base) if item.builds else None,
        "inQueue": item.waiting > 0,
        "keepDependencies": False,
        "lastBuild": last,
        "lastCompletedBuild": last if last and not last["building"] else None,
        "lastFailedBuild": None,
        "lastStableBuild": None,
        "lastSuccessfulBuild": None,
        "lastUnstableBuild": None,
        "lastUnsuccessfulBuild": None,
        "nextBuildNumber": len(item.builds) + 1,
        "property": [parameters] if parameters["parameterDefinitions"] else [],
        "queueItem": None,
        "resumeBlocked": False,
    }


def sorted_children(item: Item) -> list[Item]:
    return sorted(item.children.values(), key=lambda child: child.name.lower())


def build(item: Item, which: Build, base: str) -> Json:
    values = [
        {"_class": "hudson.model.StringParameterValue", "name": k, "value": v} for k, v in which.parameters.items()
    ]
    parameters = [{"_class": "hudson.model.ParametersAction", "parameters": values}] if values else []
    return {
        "_class": "org.jenkinsci.plugins.workflow.job.WorkflowRun",
        "actions": [*parameters, CAUSES],
        "artifacts": [],
        "building": which.building,
        "description": None,
        "displayName": f"#{which.number}",
        "duration": 0 if which.building else int(which.duration * 1000),
        "estimatedDuration": -1,
        "executor": {} if which.building else None,
        "fullDisplayName": f"{item.full_name.replace('/', ' » ')} #{which.number}",
        "id": str(which.number),
        "inProgress": which.building,
        "keepLog": False,
        "number": which.number,
        "queueId": which.number,
        "result": which.result,
        "timestamp": int(which.started * 1000),
        "url": f"{base}{item.path}/{which.number}/",
        "changeSets": [],
        "culprits": [],
        "nextBuild": None,
        "previousBuild": None,
    }


def queue_item(entry: QueueItem, base: str) -> Json:
    answer = {
        "_class": "hudson.model.Queue$LeftItem" if entry.build or entry.cancelled else "hudson.model.Queue$WaitingItem",
        "actions": [CAUSES],
        "blocked": False,
        "buildable": False,
        "id": entry.number,
        "inQueueSince": int(entry.leaves * 1000),
        "params": "".join(f"\n{name}={value}" for name, value in entry.parameters.items()),
        "stuck": False,
        "task": brief(entry.item, base),
        "url": f"queue/item/{entry.number}/",
        "why": None if entry.build else "In the quiet period. Expires in 4.9 sec",
    }
    if entry.cancelled:
        return {**answer, "cancelled": True}
    if entry.build is None:
        return {**answer, "timestamp": int(entry.leaves * 1000)}
    executable = {
        "_class": "org.jenkinsci.plugins.workflow.job.WorkflowRun",
        "number": entry.build.number,
        "url": f"{base}{entry.item.path}/{entry.build.number}/",
    }
    return {**answer, "cancelled": entry.cancelled, "executable": executable}


def stages(item: Item, which: Build) -> Json:
    """wfapi/describe: stages one after the other over the build's duration."""
    status = {"SUCCESS": "SUCCESS", "FAILURE": "FAILED", "ABORTED": "ABORTED", "UNSTABLE": "UNSTABLE"}
    return {
        "_links": {"self": {"href": f"{item.path}/{which.number}/wfapi/describe"}},
        "id": str(which.number),
        "name": f"#{which.number}",
        "status": status.get(which.result or "", "IN_PROGRESS"),
        "startTimeMillis": int(which.started * 1000),
        "endTimeMillis": int((which.started + which.duration) * 1000),
        "durationMillis": int(which.duration * 1000),
        "queueDurationMillis": 3,
        "pauseDurationMillis": 0,
        "stages": [
            {
                "_links": {"self": {"href": f"{item.path}/{which.number}/execution/node/{index}/wfapi/describe"}},
                "id": str(index),
                "name": name,
                "execNode": "",
                "status": status.get(which.result or "", "IN_PROGRESS"),
                "startTimeMillis": int(which.started * 1000),
                "durationMillis": int(which.duration * 1000 / len(which.stages)),
                "pauseDurationMillis": 0,
            }
            for index, name in enumerate(which.stages, start=6)
        ],
    }
