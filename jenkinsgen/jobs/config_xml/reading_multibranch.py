"""`config.xml` of a multibranch job -> Job."""

from __future__ import annotations

from typing import TYPE_CHECKING

from jenkinsgen.jobs.config_xml import classes
from jenkinsgen.jobs.config_xml.git_values import read_remote, read_submodules
from jenkinsgen.jobs.config_xml.xml_values import boolean, lines, number, text
from jenkinsgen.jobs.model import UNLIMITED, ForeignDefinition, Job, Multibranch

if TYPE_CHECKING:
    from xml.etree.ElementTree import Element

    from jenkinsgen.jobs.model import Definition

_MILLISECONDS = 60_000


def read_multibranch(name: str, root: Element) -> Job:
    return Job(name=name, description=lines(root, "description"), definition=_branches(root))


def _branches(root: Element) -> Definition:
    sources = [*root.iterfind("sources/data/*/source")]
    if len(sources) != 1 or sources[0].get("class") != classes.GIT_SOURCE:
        return ForeignDefinition(class_name=sources[0].get("class") if sources else None)
    source = sources[0]
    traits = source.find("traits")
    scan = number(root, f"triggers/{classes.SCAN}/interval", 0) // _MILLISECONDS
    pattern = None if traits is None else traits.find(classes.FILTER_TRAIT)
    return Multibranch(
        source_id=text(source, "id"),
        remote=read_remote(source, url="remote"),
        script_path=text(root, "factory/scriptPath") or "Jenkinsfile",
        include=text(pattern, "includes") or "*",
        exclude=text(pattern, "excludes"),
        # Without the element, Jenkins takes the source for one of the time before traits and adds this one.
        branches=traits is None or traits.find(classes.BRANCHES_TRAIT) is not None,
        tags=traits is not None and traits.find(classes.TAGS_TRAIT) is not None,
        submodules=read_submodules(source.find(f"traits/{classes.SUBMODULES_TRAIT}/extension")),
        scan_minutes=scan or None,
        prune_branches=boolean(root, "orphanedItemStrategy/pruneDeadBranches", missing=True),
        orphan_days=number(root, "orphanedItemStrategy/daysToKeep", UNLIMITED),
        orphan_builds=number(root, "orphanedItemStrategy/numToKeep", UNLIMITED),
    )
