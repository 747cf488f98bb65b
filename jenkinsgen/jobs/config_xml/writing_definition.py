"""A pipeline's definition, inline or from git, into a job."""

from __future__ import annotations

from typing import TYPE_CHECKING
from xml.etree.ElementTree import Element

from jenkinsgen.jobs.config_xml import classes
from jenkinsgen.jobs.config_xml.git_values import write_submodules
from jenkinsgen.jobs.config_xml.xml_values import child, remove, set_boolean, set_optional, set_text
from jenkinsgen.jobs.model import ForeignDefinition, InlineScript, Multibranch, ScriptFromGit

if TYPE_CHECKING:
    from jenkinsgen.jobs.model import Definition, Remote


def write_definition(root: Element, definition: Definition) -> None:
    match definition:
        case InlineScript():
            element = child(root, "definition", classes.SCRIPT_DEFINITION)
            element.attrib.pop("plugin", None)
            set_text(element, "script", definition.script)
            set_boolean(element, "sandbox", value=definition.sandbox)
        case ScriptFromGit():
            element = child(root, "definition", classes.SCM_DEFINITION)
            element.attrib.pop("plugin", None)
            _write_git(child(element, "scm", classes.GIT), definition)
            set_text(element, "scriptPath", definition.script_path)
            set_boolean(element, "lightweight", value=definition.lightweight)
        case Multibranch() | ForeignDefinition():
            raise TypeError(f"a pipeline job cannot have a {type(definition).__name__}")


def _write_git(scm: Element, definition: ScriptFromGit) -> None:
    """Extensions other than the submodules stay: a person added them by hand."""
    scm.attrib.pop("plugin", None)
    # Without the version, Jenkins takes `*/main` for `**/main`.
    set_text(scm, "configVersion", "2")
    _replace(scm, "userRemoteConfigs", [_remote(remote) for remote in definition.remotes])
    _replace(scm, "branches", [_branch(name) for name in definition.branches])
    set_boolean(scm, "doGenerateSubmoduleConfigurations", value=False)
    child(scm, "submoduleCfg", "empty-list")
    extensions = child(scm, "extensions")
    if definition.submodules is None:
        remove(extensions, classes.SUBMODULES)
    else:
        write_submodules(child(extensions, classes.SUBMODULES), definition.submodules)


def _replace(parent: Element, tag: str, elements: list[Element]) -> None:
    holder = child(parent, tag)
    holder.clear()
    holder.extend(elements)


def _remote(remote: Remote) -> Element:
    element = Element(classes.REMOTE)
    set_optional(element, "name", remote.name)
    set_optional(element, "refspec", remote.refspec)
    set_text(element, "url", remote.url)
    set_optional(element, "credentialsId", remote.credentials_id)
    return element


def _branch(name: str) -> Element:
    element = Element(classes.BRANCH)
    set_text(element, "name", name)
    return element
