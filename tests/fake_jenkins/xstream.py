"""What Jenkins 2.504.3 writes when it saves a job: what it understood, with defaults, in its own order.

The classes below are those that the recordings and jenkinsgen use. An element of any other class is dropped,
as Jenkins drops those of a plugin that is not installed.
"""

# ruff: noqa: S314 - only our own texts are parsed here

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass
from typing import TypeAlias
from uuid import uuid4
from xml.etree import ElementTree as ET

from .identity import with_stand_ins, without_stand_ins

Convert: TypeAlias = Callable[["ET.Element | None"], "ET.Element | None"]

VERSIONS = {
    "workflow-job": "1540.v295eccc9778f",
    "workflow-cps": "4169.vb_7e492a_1c7b_e",
    "git": "5.7.0",
    "cloudbees-folder": "6.1036.vb_94fd035b_287",
    "workflow-multibranch": "806.vb_b_688f609ee9",
    "branch-api": "2.1233.vfb_6b_2b_3ed499",
    "scm-api": "704.v3ce5c542825a_",
    "credentials": "1417.vd854994a_f6b_e",
    "pipeline-model-definition": "2.2258.v4e96d2b_da_f9b_",
}

MULTIBRANCH = "org.jenkinsci.plugins.workflow.multibranch.WorkflowMultiBranchProject"
FOLDER = "com.cloudbees.hudson.plugins.folder.Folder"
JOB_PROPERTY = "org.jenkinsci.plugins.workflow.job.properties."
TRIGGERS_PROPERTY = f"{JOB_PROPERTY}PipelineTriggersJobProperty"
GIT_PLUGIN = "hudson.plugins.git."
COMPUTED = "com.cloudbees.hudson.plugins.folder.computed."


@dataclass(frozen=True)
class Field:
    """One field of a class: how it is written, and what stands there if it was not posted (None: nothing)."""

    name: str
    kind: str = "text"
    default: str | None = None


def text(*names: str) -> list[Field]:
    return [Field(name) for name in names]


def flag(name: str, default: str | None = "false") -> Field:
    return Field(name, "boolean", default)


def thing(name: str, default: str | None = None) -> Field:
    return Field(name, "object", default)


PARAMETER = text("name", "description")
LOG_ROTATOR = [
    Field("daysToKeep", "number", "0"),
    Field("numToKeep", "number", "0"),
    Field("artifactDaysToKeep", "number"),
    Field("artifactNumToKeep", "number"),
    flag("removeLastBuild"),
]
SUBMODULES = [
    flag("disableSubmodules", None),
    flag("recursiveSubmodules", None),
    flag("trackingSubmodules", None),
    *text("reference"),
    flag("parentCredentials", None),
    flag("shallow", None),
]

# Class -> plugin, fields.
CLASSES: dict[str, tuple[str | None, list[Field]]] = {
    "jenkins.model.BuildDiscarderProperty": (None, [thing("strategy")]),
    "hudson.tasks.LogRotator": (None, LOG_ROTATOR),
    f"{JOB_PROPERTY}DisableConcurrentBuildsJobProperty": ("workflow-job", [flag("abortPrevious")]),
    f"{JOB_PROPERTY}DurabilityHintJobProperty": ("workflow-job", [Field("hint", "durability")]),
    f"{JOB_PROPERTY}DisableResumeJobProperty": ("workflow-job", []),
    TRIGGERS_PROPERTY: ("workflow-job", [thing("triggers")]),
    "hudson.model.ParametersDefinitionProperty": (None, [thing("parameterDefinitions")]),
    "hudson.model.StringParameterDefinition": (None, [*PARAMETER, *text("defaultValue"), flag("trim")]),
    "hudson.model.TextParameterDefinition": (None, [*PARAMETER, *text("defaultValue"), flag("trim")]),
    "hudson.model.BooleanParameterDefinition": (None, [*PARAMETER, flag("defaultValue")]),
    "hudson.model.ChoiceParameterDefinition": (None, [*PARAMETER, thing("choices")]),
    "hudson.model.PasswordParameterDefinition": (None, [*PARAMETER, Field("defaultValue", "secret")]),
    "hudson.model.FileParameterDefinition": (None, PARAMETER),
    "hudson.model.RunParameterDefinition": (None, [*PARAMETER, *text("projectName", "filter")]),
    "com.cloudbees.plugins.credentials.CredentialsParameterDefinition": (
        "credentials",
        [*PARAMETER, *text("defaultValue", "credentialType"), flag("required")],
    ),
    "hudson.triggers.TimerTrigger": (None, text("spec")),
    "hudson.triggers.SCMTrigger": (None, [*text("spec"), flag("ignorePostCommitHooks")]),
    "jenkins.triggers.ReverseBuildTrigger": (
        None,
        [*text("spec", "upstreamProjects"), thing("threshold")],
    ),
    "org.jenkinsci.plugins.workflow.cps.CpsFlowDefinition": (
        "workflow-cps",
        [*text("script"), flag("sandbox")],
    ),
    "org.jenkinsci.plugins.workflow.cps.CpsScmFlowDefinition": (
        "workflow-cps",
        [thing("scm"), *text("scriptPath"), flag("lightweight")],
    ),
    f"{GIT_PLUGIN}GitSCM": (
        "git",
        [
            Field("configVersion", "number", "0"),
            thing("userRemoteConfigs"),
            thing("branches"),
            flag("doGenerateSubmoduleConfigurations"),
            thing("submoduleCfg"),
            thing("extensions", "<extensions/>"),
        ],
    ),
    f"{GIT_PLUGIN}UserRemoteConfig": ("git", text("name", "refspec", "url", "credentialsId")),
    f"{GIT_PLUGIN}BranchSpec": ("git", text("name")),
    f"{GIT_PLUGIN}extensions.impl.SubmoduleOption": ("git", SUBMODULES),
    f"{GIT_PLUGIN}extensions.impl.CloneOption": (
        "git",
        [flag("shallow"), flag("noTags"), *text("depth"), flag("honorRefspec")],
    ),
    f"{GIT_PLUGIN}extensions.impl.CleanBeforeCheckout": ("git", [flag("deleteUntrackedNestedRepositories")]),
    f"{GIT_PLUGIN}extensions.impl.RelativeTargetDirectory": ("git", text("relativeTargetDir")),
    "org.jenkinsci.plugins.pipeline.modeldefinition.actions.DeclarativeJobAction": (
        "pipeline-model-definition",
        [],
    ),
    "org.jenkinsci.plugins.pipeline.modeldefinition.actions.DeclarativeJobPropertyTrackerAction": (
        "pipeline-model-definition",
        [thing(name, f"<{name}/>") for name in ("jobProperties", "triggers", "parameters", "options")],
    ),
    f"{COMPUTED}DefaultOrphanedItemStrategy": (
        "cloudbees-folder",
        [
            flag("pruneDeadBranches"),
            Field("daysToKeep", "number", "-1"),
            Field("numToKeep", "number", "-1"),
            flag("abortBuilds"),
        ],
    ),
    f"{COMPUTED}PeriodicFolderTrigger": ("cloudbees-folder", [*text("spec"), Field("interval", "number")]),
    "jenkins.branch.MultiBranchProject$BranchSourceList": ("branch-api", [thing("data"), thing("owner")]),
    "jenkins.branch.BranchSource": ("branch-api", [thing("source"), thing("strategy")]),
    "jenkins.branch.DefaultBranchPropertyStrategy": ("branch-api", [thing("properties")]),
    "jenkins.plugins.git.GitSCMSource": (
        "git",
        [
            Field("id", "source id"),
            *text("remote", "credentialsId"),
            thing("traits", "<traits><jenkins.plugins.git.traits.BranchDiscoveryTrait/></traits>"),
        ],
    ),
    "jenkins.plugins.git.traits.BranchDiscoveryTrait": ("git", []),
    "jenkins.plugins.git.traits.TagDiscoveryTrait": ("git", []),
    "jenkins.plugins.git.traits.SubmoduleOptionTrait": ("git", [thing("extension")]),
    "jenkins.scm.impl.trait.WildcardSCMHeadFilterTrait": ("scm-api", text("includes", "excludes")),
    "org.jenkinsci.plugins.workflow.multibranch.WorkflowBranchProjectFactory": (
        "workflow-multibranch",
        [thing("owner", f'<owner class="{MULTIBRANCH}" reference="../.."/>'), *text("scriptPath")],
    ),
}

OWNER = f'<owner class="{MULTIBRANCH}" reference="../.."/>'
ROOTS: dict[str, tuple[str, list[Field]]] = {
    "flow-definition": (
        "workflow-job",
        [
            thing("actions"),
            *text("description", "displayName"),
            thing("logRotator"),
            flag("keepDependencies"),
            thing("properties", "<properties/>"),
            thing("definition"),
            thing("triggers"),
            Field("quietPeriod", "number"),
            *text("authToken"),
            flag("disabled"),
        ],
    ),
    FOLDER: (
        "cloudbees-folder",
        [
            thing("actions"),
            *text("description", "displayName"),
            thing("properties", "<properties/>"),
            thing("folderViews"),
            thing("healthMetrics", "<healthMetrics/>"),
            thing("icon", '<icon class="com.cloudbees.hudson.plugins.folder.icons.StockFolderIcon"/>'),
        ],
    ),
    MULTIBRANCH: (
        "workflow-multibranch",
        [
            thing("actions"),
            *text("description", "displayName"),
            thing("properties", "<properties/>"),
            thing(
                "folderViews",
                f'<folderViews class="jenkins.branch.MultiBranchProjectViewHolder">{OWNER}</folderViews>',
            ),
            thing("healthMetrics", "<healthMetrics/>"),
            thing("icon", f'<icon class="jenkins.branch.MetadataActionFolderIcon">{OWNER}</icon>'),
            thing(
                "orphanedItemStrategy",
                f'<orphanedItemStrategy class="{COMPUTED}DefaultOrphanedItemStrategy">'
                "<pruneDeadBranches>true</pruneDeadBranches></orphanedItemStrategy>",
            ),
            thing("triggers", "<triggers/>"),
            flag("disabled"),
            thing("sources"),
            thing(
                "factory",
                '<factory class="org.jenkinsci.plugins.workflow.multibranch.WorkflowBranchProjectFactory">'
                f"{OWNER}<scriptPath>Jenkinsfile</scriptPath></factory>",
            ),
        ],
    ),
}
# Classes that only ever stand in an attribute, with their plugins.
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
