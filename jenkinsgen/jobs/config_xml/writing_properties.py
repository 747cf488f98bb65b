"""Parameters, triggers, discarder, concurrency and durability, into a job's `<properties>`."""

from __future__ import annotations

from typing import TYPE_CHECKING
from xml.etree.ElementTree import Element, SubElement

from jenkinsgen.jobs.config_xml import classes
from jenkinsgen.jobs.config_xml.xml_values import child, remove, set_boolean, set_text, text
from jenkinsgen.jobs.model import BooleanParameter, ChoiceParameter, Concurrency, ForeignParameter, StringParameter

if TYPE_CHECKING:
    from jenkinsgen.jobs.model import Discarder, Job, Parameter


def write_properties(root: Element, job: Job, kept: frozenset[str]) -> None:
    """Make our properties say what the job says; units in `kept` and properties of others stay as they are."""
    properties = child(root, "properties")
    if "discarder" not in kept:
        _write_discarder(properties, job.discarder)
    if "concurrency" not in kept:
        remove(properties, classes.CONCURRENCY)
        if job.concurrency is not Concurrency.ALLOWED:
            abort = job.concurrency is Concurrency.ABORT_PREVIOUS
            set_boolean(SubElement(properties, classes.CONCURRENCY), "abortPrevious", value=abort)
    if "durability" not in kept:
        remove(properties, classes.DURABILITY)
        if job.durability is not None:
            set_text(SubElement(properties, classes.DURABILITY), "hint", job.durability)
    _write_parameters(properties, job.parameters, kept)
    _write_triggers(properties, job, kept)


def _write_discarder(properties: Element, discarder: Discarder | None) -> None:
    if discarder is None:
        remove(properties, classes.DISCARDER)
        return
    strategy = child(child(properties, classes.DISCARDER), "strategy", classes.LOG_ROTATOR)
    set_text(strategy, "daysToKeep", str(discarder.days))
    set_text(strategy, "numToKeep", str(discarder.builds))
    set_text(strategy, "artifactDaysToKeep", str(discarder.artifact_days))
    set_text(strategy, "artifactNumToKeep", str(discarder.artifact_builds))


def _write_parameters(properties: Element, parameters: tuple[Parameter, ...], kept: frozenset[str]) -> None:
    there = properties.find(f"{classes.PARAMETERS}/parameterDefinitions")
    foreign = [] if there is None else [each for each in there if f"parameters/{text(each, 'name')}" in kept]
    remove(properties, classes.PARAMETERS)
    if parameters or foreign:
        definitions = SubElement(SubElement(properties, classes.PARAMETERS), "parameterDefinitions")
        definitions.extend([*map(_parameter, parameters), *foreign])


def _parameter(parameter: Parameter) -> Element:
    match parameter:
        case StringParameter():
            element = _named(classes.STRING_PARAMETER, parameter)
            set_text(element, "defaultValue", parameter.default)
            set_boolean(element, "trim", value=parameter.trim)
        case BooleanParameter():
            element = _named(classes.BOOLEAN_PARAMETER, parameter)
            set_boolean(element, "defaultValue", value=parameter.default)
        case ChoiceParameter():
            element = _named(classes.CHOICE_PARAMETER, parameter)
            # The form in which a Jenkinsfile's own parameters are written; Jenkins keeps it.
            choices = SubElement(element, "choices")
            for choice in parameter.choices:
                SubElement(choices, "string").text = choice
        case ForeignParameter():
            raise TypeError(f"no spec asks for a {parameter.class_name}")
    return element


def _named(class_name: str, parameter: StringParameter | BooleanParameter | ChoiceParameter) -> Element:
    element = Element(class_name)
    set_text(element, "name", parameter.name)
    set_text(element, "description", parameter.description)
    return element


def _write_triggers(properties: Element, job: Job, kept: frozenset[str]) -> None:
    triggers = child(child(properties, classes.TRIGGERS), "triggers")
    if "triggers/cron" not in kept:
        remove(triggers, classes.TIMER)
        if job.triggers.cron is not None:
            set_text(SubElement(triggers, classes.TIMER), "spec", job.triggers.cron)
    if "triggers/poll" not in kept:
        hooks = text(triggers, f"{classes.POLL}/ignorePostCommitHooks") == "true"
        remove(triggers, classes.POLL)
        if job.triggers.poll is not None:
            trigger = SubElement(triggers, classes.POLL)
            set_text(trigger, "spec", job.triggers.poll)
            set_boolean(trigger, "ignorePostCommitHooks", value=hooks)
    if not len(triggers):
        remove(properties, classes.TRIGGERS)
