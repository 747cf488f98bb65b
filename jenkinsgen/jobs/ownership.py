"""Is a job on the server still as jenkinsgen wrote it?"""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from jenkinsgen.jobs.marker import split_marker
from jenkinsgen.jobs.units import ORDER, digest, units

if TYPE_CHECKING:
    from jenkinsgen.jobs.config_xml.reading import Found


def as_written(found: Found) -> bool:
    """Whether each unit is what its digest in the marker says, no more and no less.

    Without those that the Jenkinsfile of the last build declares: a build writes them anew. False without a marker.
    """
    description, marker = split_marker(found.job.description)
    if marker is None:
        return False
    there = {name: digest(unit) for name, unit in units(replace(found.job, description=description)).items()}
    built = found.declared | ({ORDER} if any(name.startswith("parameters/") for name in found.declared) else set())
    return all(there.get(name) == marker.base.get(name) for name in (there.keys() | marker.base.keys()) - built)
