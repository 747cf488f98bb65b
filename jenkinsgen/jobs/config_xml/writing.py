"""Job -> `config.xml`: a new one, or the one that is on the server with our units in it and all else kept.

A POST to config.xml nulls every field that it does not name: without `<disabled>` a job that an operator
disabled runs again, without `<actions>` Declarative forgets what it wrote. So an update starts from what the
server has.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from jenkinsgen.errors import JenkinsError
from jenkinsgen.jobs.config_xml import classes
from jenkinsgen.jobs.config_xml.document import parse, serialise
from jenkinsgen.jobs.config_xml.writing_definition import write_definition
from jenkinsgen.jobs.config_xml.writing_multibranch import write_multibranch
from jenkinsgen.jobs.config_xml.writing_properties import write_properties
from jenkinsgen.jobs.config_xml.xml_values import boolean, lines, set_boolean, set_text
from jenkinsgen.jobs.marker import put_aside, split_marker, with_marker
from jenkinsgen.jobs.model import Multibranch

if TYPE_CHECKING:
    from datetime import date

    from jenkinsgen.jobs.marker import Marker
    from jenkinsgen.jobs.model import Job

# The fields in Jenkins' own order, so that a person who compares texts sees few differences.
_NEW_PIPELINE = f"""<{classes.PIPELINE}>
  <actions/><description/><keepDependencies>false</keepDependencies><properties/><definition/><triggers/>
  <disabled>false</disabled>
</{classes.PIPELINE}>"""
_NEW_MULTIBRANCH = f"""<{classes.MULTIBRANCH}>
  <actions/><description/><properties/>
  <orphanedItemStrategy class="{classes.ORPHANS}"/><triggers/><disabled>false</disabled>
  <sources class="jenkins.branch.MultiBranchProject$BranchSourceList">
    <data><{classes.BRANCH_SOURCE}>
      <source class="{classes.GIT_SOURCE}"/>
      <strategy class="jenkins.branch.DefaultBranchPropertyStrategy"><properties class="empty-list"/></strategy>
    </{classes.BRANCH_SOURCE}></data>
    <owner class="{classes.MULTIBRANCH}" reference="../.."/>
  </sources>
  <factory class="{classes.BRANCH_FACTORY}"><owner class="{classes.MULTIBRANCH}" reference="../.."/></factory>
</{classes.MULTIBRANCH}>"""


@dataclass(frozen=True, kw_only=True)
class Base:
    """The `config.xml` to start from, and its units that are not to be touched."""

    config: str
    kept: frozenset[str] = frozenset()


def config_xml(job: Job, marker: Marker, base: Base | None = None) -> str:
    """The text to POST. Raises JenkinsError when the base is not XML or a text cannot be written as XML.

    A job that prune had put aside is enabled again, unless it was disabled before.
    """
    base = base or Base(config=_NEW_MULTIBRANCH if isinstance(job.definition, Multibranch) else _NEW_PIPELINE)
    root = parse(base.config)
    # The plugin's version of the time when Jenkins wrote it; without it, a text with one was written by Jenkins.
    root.attrib.pop("plugin", None)
    before = split_marker(lines(root, "description"))[1]
    if before is not None and before.quarantined is not None:
        set_boolean(root, "disabled", value=before.was_disabled)
    set_text(root, "description", with_marker(job.description, marker))
    if isinstance(job.definition, Multibranch):
        write_multibranch(root, job.definition)
    else:
        write_properties(root, job, base.kept)
        write_definition(root, job.definition)
    return serialise(root)


def quarantine_xml(name: str, config: str, *, on: date) -> str:
    """The job's text, disabled, with a marker that says since when.

    Raises JenkinsError if the job has no marker: it is not ours to put aside.
    """
    root = parse(config)
    description, marker = split_marker(lines(root, "description"))
    if marker is None:
        raise JenkinsError("the job lost its marker while prune looked at it; it was left alone")
    aside = put_aside(marker, name, on=on, was_disabled=boolean(root, "disabled"))
    root.attrib.pop("plugin", None)
    set_text(root, "description", with_marker(description, aside))
    set_boolean(root, "disabled", value=True)
    return serialise(root)
