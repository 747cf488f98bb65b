"""What the build of a declarative Jenkinsfile writes into its job: options, parameters, triggers, the tracker.

Reads the few forms that the recordings and jenkinsgen's own Jenkinsfiles have, with regular expressions.
"""

# ruff: noqa: S314 - only our own texts are parsed here

from __future__ import annotations

import re
from dataclasses import dataclass
from xml.etree import ElementTree as ET

from .classes import JOB_PROPERTY, TRIGGERS_PROPERTY
from .xstream import parsed, understood, written

DISCARDER = "jenkins.model.BuildDiscarderProperty"
CONCURRENCY = f"{JOB_PROPERTY}DisableConcurrentBuildsJobProperty"
PARAMETERS = "hudson.model.ParametersDefinitionProperty"
ACTIONS = "org.jenkinsci.plugins.pipeline.modeldefinition.actions."
STRING = r"'((?:[^'\\]|\\.)*)'"
DECLARATIVE_OPTIONS = ("skipDefaultCheckout", "disableRestartFromStage", "preserveStashes")


@dataclass(frozen=True)
class Declared:
    """What a Jenkinsfile declares, as the elements that Jenkins writes for it."""

    properties: dict[str, ET.Element]
    parameters: dict[str, ET.Element]
    triggers: dict[str, ET.Element]
    options: list[str]


def compiles(jenkinsfile: str) -> bool:
    """Whether the string of every `echo` ends on its line: the one error that the recordings have."""
    return re.search(r"^\s*echo '[^']*$", jenkinsfile, re.MULTILINE) is None


def after_build(config: str, jenkinsfile: str, absent: frozenset[str] = frozenset()) -> str:
    """The configuration of a job after a build."""
    root = parsed(understood(config, absent))
    if re.search(r"^\s*pipeline\s*\{", jenkinsfile, re.MULTILINE) and compiles(jenkinsfile):
        _apply(root, declared(jenkinsfile))
    return understood("<?xml version='1.1'?>" + written(root), absent)


def _apply(root: ET.Element, wanted: Declared) -> None:
    before = _tracked(root)
    properties = root.find("properties")
    for name in before["jobProperties"]:
        _remove(properties, name)
    triggers = properties.find(f"{TRIGGERS_PROPERTY}/triggers")
    for name in before["triggers"]:
        _remove(triggers, name)
    if triggers is not None and not len(triggers):
        _remove(properties, TRIGGERS_PROPERTY)
    for name in (TRIGGERS_PROPERTY, PARAMETERS, DISCARDER, CONCURRENCY):
        _declare(properties, name, wanted, before)
    _track(root, wanted)


def _declare(properties: ET.Element, name: str, wanted: Declared, before: dict[str, list[str]]) -> None:
    there = properties.find(name)
    if name == PARAMETERS:
        old = [] if there is None else list(there.find("parameterDefinitions"))
        gone = {*before["parameters"], *wanted.parameters}
        kept = [each for each in old if each.findtext("name") not in gone]
        if wanted.parameters or kept:
            if wanted.parameters and there is not None:
                properties.remove(there)
                there = None
            if there is None:
                there = ET.SubElement(properties, PARAMETERS)
                ET.SubElement(there, "parameterDefinitions")
            definitions = there.find("parameterDefinitions")
            definitions[:] = [*wanted.parameters.values(), *kept]
        elif there is not None:
            properties.remove(there)
    elif name == TRIGGERS_PROPERTY:
        if wanted.triggers and there is None:
            there = ET.SubElement(properties, name)
            ET.SubElement(there, "triggers").extend(wanted.triggers.values())
        elif wanted.triggers:
            triggers = there.find("triggers")
            triggers.extend(each for each in wanted.triggers.values() if triggers.find(each.tag) is None)
    elif there is None and name in wanted.properties:
        properties.append(wanted.properties[name])


def _remove(parent: ET.Element | None, name: str) -> None:
    for element in [] if parent is None else parent.findall(name):
        parent.remove(element)


def _tracked(root: ET.Element) -> dict[str, list[str]]:
    tracker = root.find(f"actions/{ACTIONS}DeclarativeJobPropertyTrackerAction")
    names = ("jobProperties", "triggers", "parameters")
    return {
        name: [] if tracker is None else [each.text for each in tracker.iterfind(f"{name}/string")] for name in names
    }


def _track(root: ET.Element, wanted: Declared) -> None:
    actions = root.find("actions")
    if actions is None:
        actions = ET.SubElement(root, "actions")
    _remove(actions, f"{ACTIONS}DeclarativeJobAction")
    _remove(actions, f"{ACTIONS}DeclarativeJobPropertyTrackerAction")
    ET.SubElement(actions, f"{ACTIONS}DeclarativeJobAction")
    tracker = ET.SubElement(actions, f"{ACTIONS}DeclarativeJobPropertyTrackerAction")
    for name, values in (
        ("jobProperties", wanted.properties),
        ("triggers", wanted.triggers),
        ("parameters", wanted.parameters),
        ("options", wanted.options),
    ):
        element = ET.SubElement(tracker, name)
        for value in sorted(values, key=_bucket):
            ET.SubElement(element, "string").text = value


def _bucket(text: str) -> int:
    """Where a small java.util.HashSet keeps a string."""
    code = 0
    for character in text:
        code = (31 * code + ord(character)) & 0xFFFFFFFF
    return (code ^ (code >> 16)) & 15


def declared(jenkinsfile: str) -> Declared:
    top = jenkinsfile.partition("stages {")[0]
    properties = {}
    rotator = re.search(r"logRotator\(([^)]*)\)", top)
    if rotator:
        properties[DISCARDER] = _discarder(dict(re.findall(rf"(\w+): {STRING}", rotator[1])))
    concurrent = re.search(r"disableConcurrentBuilds\(([^)]*)\)", top)
    if concurrent:
        abort = "true" if "true" in concurrent[1] else "false"
        properties[CONCURRENCY] = ET.fromstring(
            f"<{CONCURRENCY}><abortPrevious>{abort}</abortPrevious></{CONCURRENCY}>"
        )
    calls = re.findall(r"^\s*(string|booleanParam|choice)\((.*)\)$", top, re.MULTILINE)
    parameters = [_parameter(kind, arguments) for kind, arguments in calls]
    triggers = [
        _element(f"hudson.triggers.{'TimerTrigger' if kind == 'cron' else 'SCMTrigger'}", {"spec": unquoted(spec)})
        for kind, spec in re.findall(rf"^\s*(cron|pollSCM)\({STRING}\)", top, re.MULTILINE)
    ]
    return Declared(
        properties=properties,
        parameters={each.findtext("name"): each for each in parameters},
        triggers={each.tag: each for each in triggers},
        options=[name for name in DECLARATIVE_OPTIONS if re.search(rf"^\s*{name}\(", top, re.MULTILINE)],
    )


def _discarder(arguments: dict[str, str]) -> ET.Element:
    strategy = _element(
        "strategy",
        {
            name: arguments.get(f"{name}Str") or "-1"
            for name in ("daysToKeep", "numToKeep", "artifactDaysToKeep", "artifactNumToKeep")
        },
    )
    strategy.set("class", "hudson.tasks.LogRotator")
    element = ET.Element(DISCARDER)
    element.append(strategy)
    return element


def _parameter(kind: str, arguments: str) -> ET.Element:
    texts = {name: unquoted(value) for name, value in re.findall(rf"(\w+): {STRING}", arguments)}
    values = {"name": texts["name"]}
    if "description" in texts:
        values["description"] = texts["description"]
    if kind == "choice":
        element = _element("hudson.model.ChoiceParameterDefinition", values)
        choices = ET.SubElement(element, "choices")
        for choice in re.findall(STRING, re.search(r"choices: \[(.*?)\]", arguments)[1]):
            ET.SubElement(choices, "string").text = unquoted(choice)
        return element
    if kind == "booleanParam":
        values["defaultValue"] = "true" if "defaultValue: true" in arguments else "false"
        return _element("hudson.model.BooleanParameterDefinition", values)
    values["defaultValue"] = texts.get("defaultValue", "")
    values["trim"] = "true" if "trim: true" in arguments else "false"
    return _element("hudson.model.StringParameterDefinition", values)


def _element(tag: str, values: dict[str, str]) -> ET.Element:
    element = ET.Element(tag)
    for name, value in values.items():
        ET.SubElement(element, name).text = value
    return element


def unquoted(text: str) -> str:
    """The value of a single-quoted Groovy string."""
    named = {"n": "\n", "r": "\r", "t": "\t"}
    units = re.sub(
        r"\\(?:u([0-9a-fA-F]{4})|(.))",
        lambda m: chr(int(m[1], 16)) if m[1] else named.get(m[2], m[2]),
        text,
    )
    return units.encode("utf-16", "surrogatepass").decode("utf-16")
