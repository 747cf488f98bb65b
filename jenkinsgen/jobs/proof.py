"""After an apply: did every field arrive?

Jenkins answers 200 and drops what it does not know: the class of a missing plugin, a value that does not
parse. Only what Jenkins has understood, written by itself, proves anything; see `Found.understood`.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from jenkinsgen.jobs.comparison import compare
from jenkinsgen.jobs.config_xml import classes
from jenkinsgen.jobs.marker import split_marker
from jenkinsgen.jobs.model import ForeignDefinition
from jenkinsgen.jobs.units import shown

if TYPE_CHECKING:
    from jenkinsgen.jobs.comparison import Change
    from jenkinsgen.jobs.config_xml.reading import Found
    from jenkinsgen.jobs.plan import Desired


@dataclass(frozen=True, kw_only=True)
class Missing:
    """A field that Jenkins did not take over; `remedy` says what to do."""

    path: str
    expected: str
    found: str
    remedy: str


def prove(desired: Desired, found: Found) -> tuple[Missing, ...]:
    """Every owned field that the server does not have as it was posted; empty is the proof."""
    changes = compare(desired.job, found).changes
    if isinstance(found.job.definition, ForeignDefinition):
        # One reason, not one for each field of a definition that is not there.
        changes = tuple(change for change in changes if change.unit != "definition" or change.field == "kind")
    missing = [_missing(change, found) for change in changes]
    marker = split_marker(found.job.description)[1]
    if marker != desired.marker:
        missing.append(
            Missing(
                path="marker",
                expected=desired.marker.digest,
                found="none" if marker is None else marker.digest,
                remedy="somebody else wrote to this job at the same time: apply again",
            )
        )
    return tuple(missing)


def _missing(change: Change, found: Found) -> Missing:
    return Missing(
        path=change.path,
        expected=shown(change.new),
        found=shown(change.old),
        remedy=_remedy(change, found),
    )


def _remedy(change: Change, found: Found) -> str:
    definition = found.job.definition
    if change.unit == "definition" and isinstance(definition, ForeignDefinition):
        plugin = _plugin_for_definition(found.root, definition.class_name)
        return _dropped(plugin)
    if change.old is None and change.unit in _PLUGINS:
        return _dropped(_PLUGINS[change.unit])
    if change.old is None and change.unit in _CRON_SPECS:
        return f"Jenkins cannot read {change.new!r} as a cron spec: mend {_CRON_SPECS[change.unit]} in the spec"
    return "Jenkins took another value, or somebody changed the job at the same time: run jobs plan"


def _dropped(plugin: str) -> str:
    return f"Jenkins dropped it: is the plugin {plugin} there, enabled and new enough? Then apply again"


def _plugin_for_definition(root: str, class_name: str | None) -> str:
    if root == classes.MULTIBRANCH:
        return "git" if class_name is None else "branch-api"
    return "git" if class_name == classes.SCM_DEFINITION else "workflow-cps"


_PLUGINS = {"concurrency": "workflow-job", "durability": "workflow-job"}
_CRON_SPECS = {"triggers/cron": "job.triggers.cron", "triggers/poll": "job.triggers.poll"}
