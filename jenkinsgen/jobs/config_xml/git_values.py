"""Remotes and submodules, which git pipelines and multibranch sources have in common."""

from __future__ import annotations

from typing import TYPE_CHECKING

from jenkinsgen.jobs.config_xml.xml_values import boolean, optional_text, set_boolean, set_text, text
from jenkinsgen.jobs.model import Remote, Submodules

if TYPE_CHECKING:
    from xml.etree.ElementTree import Element


def read_remote(element: Element, *, url: str) -> Remote:
    """A remote whose address is in the child `url`."""
    return Remote(
        url=text(element, url),
        credentials_id=optional_text(element, "credentialsId"),
        name=optional_text(element, "name"),
        refspec=optional_text(element, "refspec"),
    )


def read_submodules(option: Element | None) -> Submodules | None:
    """A SubmoduleOption; None where submodules are not fetched."""
    if option is None or boolean(option, "disableSubmodules"):
        return None
    return Submodules(
        recursive=boolean(option, "recursiveSubmodules"),
        tracking=boolean(option, "trackingSubmodules"),
        reference=text(option, "reference"),
        parent_credentials=boolean(option, "parentCredentials"),
        shallow=boolean(option, "shallow"),
    )


def write_submodules(option: Element, submodules: Submodules) -> None:
    """Fill a SubmoduleOption."""
    set_boolean(option, "disableSubmodules", value=False)
    set_boolean(option, "recursiveSubmodules", value=submodules.recursive)
    set_boolean(option, "trackingSubmodules", value=submodules.tracking)
    set_text(option, "reference", submodules.reference)
    set_boolean(option, "parentCredentials", value=submodules.parent_credentials)
    set_boolean(option, "shallow", value=submodules.shallow)
