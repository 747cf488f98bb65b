"""What Jenkins 2.504.3 writes when it saves a job: what it understood, with defaults, in its own order.

The classes below are those that the recordings and jenkinsgen use. An element of any other class is dropped,
as Jenkins drops those of a plugin that is not installed.
"""

# ruff: noqa: S314 - only our own texts are parsed here

from __future__ import annotations

import re
from collections.abc import Callable
from typing import TypeAlias
from uuid import uuid4
from xml.etree import ElementTree as ET

from .classes import CLASSES, FOLDER, GIT_PLUGIN, ROOTS, TRIGGERS_PROPERTY, VERSIONS, Field
from .identity import with_stand_ins, without_stand_ins

Convert: TypeAlias = Callable[["ET.Element | None"], "ET.Element | None"]

PLAIN_CLASSES = {
    "jenkins.branch.MultiBranchProjectViewHolder": "branch-api",
    "jenkins.branch.MetadataActionFolderIcon": "branch-api",
}
ONLY_KNOWN_CHILDREN = {
    "properties",
    "triggers",
    "parameterDefinitions",
    "extensions",
    "traits",
    "actions",
    "data",
}
HINTS = {"PERFORMANCE_OPTIMIZED", "SURVIVABLE_NONATOMIC", "MAX_SURVIVABILITY"}
CRON_FIELD = re.compile(r"[-*/,0-9HhA-Za-z()]+")
CRON_ALIASES = {"@yearly", "@annually", "@monthly", "@weekly", "@daily", "@midnight", "@hourly"}


def parsed(config: str) -> ET.Element:
    """The tree of a stored configuration, whichever form it has."""
    return ET.fromstring(with_stand_ins(config.replace("version='1.0'", "version='1.1'", 1)))


def understood(config: str, absent: frozenset[str] = frozenset()) -> str:
    """What Jenkins writes when it saves the item that this configuration describes.

    `absent` are plugins that are not installed: their elements are dropped.
    """
    root = parsed(config)
    _drop(root, absent)
    plugin, fields = ROOTS[root.tag]
    saved = ET.Element(root.tag, {"plugin": f"{plugin}@{VERSIONS[plugin]}"})
    _move_old_triggers(root)
    _fill(saved, root, fields, plugin)
    if root.tag == FOLDER:
        _folder_view(saved)
    ET.indent(saved)
    return "<?xml version='1.1' encoding='UTF-8'?>\n" + written(saved)


def _drop(element: ET.Element, absent: frozenset[str]) -> None:
    for child in list(element):
        plugin = CLASSES.get(child.get("class", child.tag), (None, []))[0]
        if plugin in absent:
            element.remove(child)
        else:
            _drop(child, absent)


def _fill(target: ET.Element, source: ET.Element, fields: list[Field], plugin: str | None) -> None:
    for field in fields:
        element = source.find(field.name)
        if element is None and field.default is not None:
            default = field.default if field.kind == "object" else f"<{field.name}>{field.default}</{field.name}>"
            element = ET.fromstring(default)
        converted = _converted(field, element, source, plugin)
        if converted is not None:
            target.append(converted)


def _converted(field: Field, element: ET.Element | None, source: ET.Element, plugin: str | None) -> ET.Element | None:
    if field.kind == "source id":
        return element if element is not None else _text(field.name, str(uuid4()))
    if element is None:
        return None
    value = element.text or ""
    match field.kind:
        case "object":
            return _object(element, plugin)
        case "boolean":
            value = "true" if value.strip().lower() == "true" else "false"
        case "secret":
            value = value if value.startswith("{AQAAAB") else "{AQAAABAAAAAgENCRYPTED-BY-THE-CONTROLLER=}"
        case "durability":
            return _text(field.name, value) if value in HINTS else None
        case _:
            if element.tag == "name" and source.tag == f"{GIT_PLUGIN}BranchSpec":
                value = value if source.get("new-form") else re.sub(r"^\*/", "**/", value)
    return _text(field.name, value)


def _object(element: ET.Element, plugin: str | None) -> ET.Element | None:
    name = element.get("class", element.tag)
    known = CLASSES.get(name)
    if known is None:
        return _plain(element, plugin)
    own_plugin, fields = known
    copy = ET.Element(element.tag, {key: value for key, value in element.attrib.items() if key != "plugin"})
    if own_plugin is not None and own_plugin != plugin:
        copy.set("plugin", f"{own_plugin}@{VERSIONS[own_plugin]}")
    if name == f"{GIT_PLUGIN}GitSCM" and element.findtext("configVersion") in {"1", "2"}:
        for branch in element.iter(f"{GIT_PLUGIN}BranchSpec"):
            branch.set("new-form", "true")
    _fill(copy, element, fields, own_plugin or plugin)
    copy.attrib.pop("new-form", None)
    return copy


def _plain(element: ET.Element, plugin: str | None) -> ET.Element | None:
    """A collection, or a class that has no fields we know."""
    name = element.get("class")
    if name is not None and name.startswith("com.example.missing"):
        return None
    copy = ET.Element(element.tag, {key: value for key, value in element.attrib.items() if key != "plugin"})
    copy.text = None if len(element) else element.text
    if name in PLAIN_CLASSES:
        copy.set("plugin", f"{PLAIN_CLASSES[name]}@{VERSIONS[PLAIN_CLASSES[name]]}")
    for child in element:
        if element.tag in ONLY_KNOWN_CHILDREN and child.tag not in CLASSES and child.tag != "string":
            continue
        if child.tag in {"hudson.triggers.TimerTrigger", "hudson.triggers.SCMTrigger"} and not _cron(child):
            continue
        converted = _object(child, plugin)
        if converted is not None:
            copy.append(converted)
    return copy


def _cron(trigger: ET.Element) -> bool:
    """Whether Jenkins can read the cron spec: otherwise it drops the trigger without a word."""
    lines = [line.strip() for line in (trigger.findtext("spec") or "").splitlines()]
    return all(
        not line or line.startswith(("#", "TZ=")) or line in CRON_ALIASES or _five_fields(line) for line in lines
    )


def _five_fields(line: str) -> bool:
    fields = line.split()
    return len(fields) == 5 and all(CRON_FIELD.fullmatch(field) for field in fields)


def _text(name: str, value: str) -> ET.Element:
    element = ET.Element(name)
    element.text = value
    element.set("is-text", "true")
    return element


def _move_old_triggers(root: ET.Element) -> None:
    """Triggers of the old form move to the property that replaced them."""
    old = root.find("triggers")
    if root.tag != "flow-definition" or old is None or not len(old):
        return
    root.remove(old)
    properties = root.find("properties")
    if properties is None:
        properties = ET.SubElement(root, "properties")
    ET.SubElement(properties, TRIGGERS_PROPERTY).append(old)


def has_old_triggers(config: str) -> bool:
    """Whether Jenkins saves the job as soon as it is posted."""
    triggers = parsed(config).find("triggers")
    return parsed(config).tag == "flow-definition" and triggers is not None and len(triggers) > 0


def _folder_view(folder: ET.Element) -> None:
    views = folder.find("folderViews")
    if views is None:
        views = ET.Element(
            "folderViews", {"class": "com.cloudbees.hudson.plugins.folder.views.DefaultFolderViewHolder"}
        )
        folder.insert([*folder].index(folder.find("properties")) + 1, views)
    views.clear()
    views.set("class", "com.cloudbees.hudson.plugins.folder.views.DefaultFolderViewHolder")
    description = (folder.findtext("description") or "").replace("&", "&amp;").replace("<", "&lt;")
    views.append(
        ET.fromstring(
            f'<views><hudson.model.AllView><owner class="{FOLDER}" reference="../../../.."/><name>All</name>'
            f'<description is-text="true">{description}</description><filterExecutors>false</filterExecutors>'
            '<filterQueue>false</filterQueue><properties class="hudson.model.View$PropertyList"/>'
            "</hudson.model.AllView></views>"
        )
    )
    views.append(ET.fromstring('<tabBar class="hudson.views.DefaultViewsTabBar"/>'))


def written(element: ET.Element) -> str:
    """An element as XStream writes it."""
    attributes = {key: value for key, value in element.attrib.items() if key != "is-text"}
    tag = element.tag + "".join(f' {key}="{_escaped(value)}"' for key, value in attributes.items())
    inside = _escaped(element.text or "") + "".join(written(child) for child in element)
    empty = not inside and "is-text" not in element.attrib and element.tag != "string"
    return (f"<{tag}/>" if empty else f"<{tag}>{inside}</{element.tag}>") + (element.tail or "")


def _escaped(text: str) -> str:
    for character, entity in (("&", "amp"), ("<", "lt"), (">", "gt"), ('"', "quot"), ("'", "apos")):
        text = text.replace(character, f"&{entity};")
    return re.sub("[\x01-\x08\x0b-\x1f\x7f-\x9f]", lambda m: f"&#x{ord(m[0]):x};", without_stand_ins(text))
