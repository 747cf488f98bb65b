"""`config.xml` -> Job, on both sides of Jenkins 2.568.

Before it, GET config.xml answers the bytes that were posted until Jenkins saves the job for a reason of its
own; since then, always what Jenkins has understood. So every element may be missing, and a missing one has to
mean what Jenkins takes it for: the defaults below are those of 2.504.3, each measured by posting without it.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from jenkinsgen.errors import JenkinsError
from jenkinsgen.jobs.config_xml import classes
from jenkinsgen.jobs.config_xml.document import parse
from jenkinsgen.jobs.config_xml.git_values import read_remote, read_submodules
from jenkinsgen.jobs.config_xml.reading_multibranch import read_multibranch
from jenkinsgen.jobs.config_xml.xml_values import boolean, lines, number, optional_text, text
from jenkinsgen.jobs.model import (
    UNLIMITED,
    BooleanParameter,
    ChoiceParameter,
    Concurrency,
    Discarder,
    ForeignDefinition,
    ForeignParameter,
    InlineScript,
    Job,
    ScriptFromGit,
    StringParameter,
    Triggers,
)

if TYPE_CHECKING:
    from xml.etree.ElementTree import Element

    from jenkinsgen.jobs.model import Definition, Parameter


@dataclass(frozen=True, kw_only=True)
class Found:
    """A job as it is on the server.

    `declared` are the units (see fields.py) that the Jenkinsfile of the last build wrote into the job, `foreign`
    what is set there and not ours, `understood` whether Jenkins wrote this text itself: only then is an element
    that is in it also in force.
    """

    job: Job
    root: str
    declared: frozenset[str]
    foreign: tuple[str, ...]
    disabled: bool
    understood: bool

    @property
    def is_one_of_ours(self) -> bool:
        """Whether it is of a kind that a spec can ask for."""
        return self.root in {classes.PIPELINE, classes.MULTIBRANCH}


def read_job(name: str, config: str) -> Found:
    """The job that a `config.xml` describes. Raises JenkinsError, which names the job, if it is not XML."""
    try:
        root = parse(config)
    except JenkinsError as error:
        raise JenkinsError(f"{name}: {error.message}") from error
    return Found(
        job=read_multibranch(name, root) if root.tag == classes.MULTIBRANCH else _pipeline(name, root),
        root=root.tag,
        declared=_declared(root),
        foreign=_foreign(root),
        disabled=boolean(root, "disabled"),
        understood="plugin" in root.attrib,
    )


def _pipeline(name: str, root: Element) -> Job:
    properties = root.find("properties")
    return Job(
        name=name,
        description=lines(root, "description"),
        definition=_definition(root.find("definition")) if root.tag == classes.PIPELINE else _unknown(root),
        parameters=_parameters(properties),
        triggers=_triggers(properties),
        discarder=_discarder(properties),
        concurrency=_concurrency(properties),
        durability=optional_text(properties, f"{classes.DURABILITY}/hint"),
    )


def _unknown(root: Element) -> ForeignDefinition:
    return ForeignDefinition(class_name=root.tag)


def _definition(element: Element | None) -> Definition:
    if element is None:
        return ForeignDefinition(class_name=None)
    kind = element.get("class")
    scm = element.find("scm")
    if kind == classes.SCRIPT_DEFINITION:
        return InlineScript(script=lines(element, "script"), sandbox=boolean(element, "sandbox"))
    if kind == classes.SCM_DEFINITION and scm is not None and scm.get("class") == classes.GIT:
        return ScriptFromGit(
            remotes=tuple(read_remote(each, url="url") for each in scm.iterfind(f"userRemoteConfigs/{classes.REMOTE}")),
            branches=tuple(_branch(each, scm) for each in scm.iterfind(f"branches/{classes.BRANCH}")),
            script_path=text(element, "scriptPath"),
            lightweight=boolean(element, "lightweight"),
            submodules=read_submodules(scm.find(f"extensions/{classes.SUBMODULES}")),
        )
    return ForeignDefinition(class_name=kind)


def _branch(element: Element, scm: Element) -> str:
    # Configurations of version 0 are of a time when `*/main` matched `a/b/main` too: Jenkins rewrites them.
    name = text(element, "name")
    return f"*{name}" if number(scm, "configVersion", 0) == 0 and name.startswith("*/") else name


def _parameters(properties: Element | None) -> tuple[Parameter, ...]:
    definitions = _below(properties, f"{classes.PARAMETERS}/parameterDefinitions")
    return tuple(_parameter(element) for element in definitions)


def _parameter(element: Element) -> Parameter:
    name, description = text(element, "name"), text(element, "description")
    if element.tag == classes.STRING_PARAMETER:
        default = text(element, "defaultValue")
        return StringParameter(name=name, description=description, default=default, trim=boolean(element, "trim"))
    if element.tag == classes.BOOLEAN_PARAMETER:
        return BooleanParameter(name=name, description=description, default=boolean(element, "defaultValue"))
    if element.tag == classes.CHOICE_PARAMETER:
        # Jenkins keeps a plain list and one of java.util.Arrays$ArrayList as they were posted.
        choices = tuple(choice.text or "" for choice in element.iterfind("choices//string"))
        return ChoiceParameter(name=name, description=description, choices=choices)
    return ForeignParameter(name=name, class_name=element.tag)


def _triggers(properties: Element | None) -> Triggers:
    path = f"{classes.TRIGGERS}/triggers"
    return Triggers(
        cron=optional_text(properties, f"{path}/{classes.TIMER}/spec"),
        poll=optional_text(properties, f"{path}/{classes.POLL}/spec"),
    )


def _discarder(properties: Element | None) -> Discarder | None:
    strategy = None if properties is None else properties.find(f"{classes.DISCARDER}/strategy")
    if strategy is None or strategy.get("class") != classes.LOG_ROTATOR:
        return None
    return Discarder(
        # A missing number of the first two is 0, of the last two unlimited: int and Integer in Java.
        builds=number(strategy, "numToKeep", 0),
        days=number(strategy, "daysToKeep", 0),
        artifact_builds=number(strategy, "artifactNumToKeep", UNLIMITED),
        artifact_days=number(strategy, "artifactDaysToKeep", UNLIMITED),
    )


def _concurrency(properties: Element | None) -> Concurrency:
    element = None if properties is None else properties.find(classes.CONCURRENCY)
    if element is None:
        return Concurrency.ALLOWED
    return Concurrency.ABORT_PREVIOUS if boolean(element, "abortPrevious") else Concurrency.QUEUED


_DECLARED_UNITS = {
    classes.DISCARDER: "discarder",
    classes.CONCURRENCY: "concurrency",
    classes.DURABILITY: "durability",
    classes.TIMER: "triggers/cron",
    classes.POLL: "triggers/poll",
}


def _declared(root: Element) -> frozenset[str]:
    tracker = root.find(f"actions/{classes.TRACKER}")
    classes_declared = _strings(tracker, "jobProperties") + _strings(tracker, "triggers")
    units = [_DECLARED_UNITS[name] for name in classes_declared if name in _DECLARED_UNITS]
    return frozenset(units + [f"parameters/{name}" for name in _strings(tracker, "parameters")])


def _strings(tracker: Element | None, path: str) -> list[str]:
    return [element.text or "" for element in _below(tracker, path)]


_FOREIGN_SETTINGS = {
    "displayName": "display name",
    "quietPeriod": "quiet period",
    "authToken": "token for remote builds",
    "logRotator": "old-style discarder",
}


def _foreign(root: Element) -> tuple[str, ...]:
    """The settings of the job that are not ours, in words."""
    words = [name for tag, name in _FOREIGN_SETTINGS.items() if root.find(tag) is not None]
    if boolean(root, "disabled"):
        words.append("disabled")
    owned = classes.OWNED_PROPERTIES
    words += [f"property {each.tag}" for each in _below(root, "properties") if each.tag not in owned]
    triggers = _below(root, f"properties/{classes.TRIGGERS}/triggers")
    words += [f"trigger {each.tag}" for each in triggers if each.tag not in {classes.TIMER, classes.POLL}]
    extensions = _below(root, "definition/scm/extensions")
    words += [f"git extension {each.tag}" for each in extensions if each.tag != classes.SUBMODULES]
    traits = [*root.iterfind("sources/data/*/source/traits/*")]
    words += [f"trait {each.tag}" for each in traits if each.tag not in classes.OWNED_TRAITS]
    return tuple(words)


def _below(element: Element | None, path: str) -> list[Element]:
    parent = None if element is None else element.find(path)
    return [] if parent is None else list(parent)
