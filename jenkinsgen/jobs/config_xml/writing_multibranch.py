"""A multibranch definition into a job."""

from __future__ import annotations

from typing import TYPE_CHECKING
from xml.etree.ElementTree import Element, SubElement

from jenkinsgen.errors import JenkinsError
from jenkinsgen.jobs.config_xml import classes
from jenkinsgen.jobs.config_xml.git_values import write_submodules
from jenkinsgen.jobs.config_xml.xml_values import child, remove, set_boolean, set_optional, set_text, text

if TYPE_CHECKING:
    from jenkinsgen.jobs.model import Multibranch

_MILLISECONDS = 60_000
_MINUTES_PER_HOUR, _HOURS_PER_DAY = 60, 24


def write_multibranch(root: Element, definition: Multibranch) -> None:
    """Traits of others stay, and so does the id of a source that is there already."""
    source = root.find(f"sources/data/{classes.BRANCH_SOURCE}/source")
    if source is None or source.get("class") != classes.GIT_SOURCE:
        raise JenkinsError(
            "the multibranch job on the server has no git source to update",
            hint="by hand, put a branch source of Git in the place of what it has (Configure, Branch Sources), and "
            "apply again",
        )
    if not text(source, "id"):
        set_text(source, "id", definition.source_id)
    set_text(source, "remote", definition.remote.url)
    set_optional(source, "credentialsId", definition.remote.credentials_id)
    _write_traits(child(source, "traits"), definition)
    _write_orphans(root, definition)
    _write_scan(child(root, "triggers"), definition.scan_minutes)
    set_text(child(root, "factory", classes.BRANCH_FACTORY), "scriptPath", definition.script_path)


def _write_traits(traits: Element, definition: Multibranch) -> None:
    for name in classes.OWNED_TRAITS:
        remove(traits, name)
    if definition.branches:
        SubElement(traits, classes.BRANCHES_TRAIT)
    if definition.tags:
        SubElement(traits, classes.TAGS_TRAIT)
    if (definition.include, definition.exclude) != ("*", ""):
        pattern = SubElement(traits, classes.FILTER_TRAIT)
        set_text(pattern, "includes", definition.include)
        set_text(pattern, "excludes", definition.exclude)
    if definition.submodules is not None:
        option = child(SubElement(traits, classes.SUBMODULES_TRAIT), "extension", classes.SUBMODULES)
        write_submodules(option, definition.submodules)


def _write_orphans(root: Element, definition: Multibranch) -> None:
    orphans = child(root, "orphanedItemStrategy", classes.ORPHANS)
    set_boolean(orphans, "pruneDeadBranches", value=definition.prune_branches)
    set_text(orphans, "daysToKeep", str(definition.orphan_days))
    set_text(orphans, "numToKeep", str(definition.orphan_builds))


def _write_scan(triggers: Element, minutes: int | None) -> None:
    remove(triggers, classes.SCAN)
    if minutes is not None:
        trigger = SubElement(triggers, classes.SCAN)
        set_text(trigger, "spec", _cron(minutes))
        set_text(trigger, "interval", str(minutes * _MILLISECONDS))


def _cron(minutes: int) -> str:
    """How often Jenkins looks whether the interval is over: about as often as the interval."""
    if minutes < _MINUTES_PER_HOUR:
        return f"H/{minutes} * * * *"
    if minutes < _MINUTES_PER_HOUR * _HOURS_PER_DAY:
        return "H * * * *"
    return "H H * * *"
