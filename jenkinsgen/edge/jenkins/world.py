"""Questions of preflight to a Jenkins server: credentials, plugins, nodes, and its linter."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, TypeVar

import jenkins

from jenkinsgen.edge.jenkins.client import Refused
from jenkinsgen.edge.jenkins.server import JenkinsServer, job_path
from jenkinsgen.errors import JenkinsError
from jenkinsgen.jobs.answers import world as answers_of_world
from jenkinsgen.jobs.answers.lint import lint_errors
from jenkinsgen.jobs.answers.server import read_json
from jenkinsgen.jobs.preflight import Store

if TYPE_CHECKING:
    from collections.abc import Callable

    from jenkinsgen.jobs.answers.lint import LintError
    from jenkinsgen.jobs.preflight import Node

T = TypeVar("T")
_FORBIDDEN = 403


class JenkinsWorld(JenkinsServer):
    """Answers of the server; None is what we may not see. Raises JenkinsError when it cannot be asked at all."""

    def lint(self, jenkinsfile: str) -> tuple[LintError, ...]:
        """The findings of the server's declarative linter; empty if all is well.

        It knows the sections, options and parameters of the plugins there; it does not know steps, credentials
        and labels. Needs the plugin pipeline-model-definition.
        """
        with self.told("the server's linter cannot be asked"):
            answer = self.post("pipeline-model-converter/validateJenkinsfile", data={"jenkinsfile": jenkinsfile})
            return lint_errors(read_json(answer.text))

    def plugins(self) -> dict[str, str] | None:
        """Active plugins and their versions."""
        path = "pluginManager/api/json?tree=plugins[shortName,version,active,enabled]"
        return self._visible("the plugins cannot be listed", path, answers_of_world.plugins)

    def nodes(self) -> list[Node] | None:
        path = "computer/api/json?tree=computer[displayName,offline,assignedLabels[name]]"
        return self._visible("the nodes cannot be listed", path, answers_of_world.nodes)

    def stores(self, name: str) -> list[Store]:
        """The credentials that a job may use: of its folder, of the folders around it, of the server.

        A folder that is not there yet has none.
        """
        parts = name.split("/")[:-1]
        folders = ["/".join(parts[:depth]) for depth in range(len(parts), 0, -1)]
        return [*(self._store(folder, "folder") for folder in folders), self._store("", "system")]

    def _store(self, place: str, kind: str) -> Store:
        path = f"{job_path(place)}credentials/store/{kind}"
        what = f"the credentials of {place or 'the server'} cannot be listed"
        try:
            tree = f"{path}/domain/{answers_of_world.GLOBAL_DOMAIN}/api/json?tree=credentials[id,typeName]"
            credentials = self._visible(what, tree, answers_of_world.credentials, missing=dict[str, str]())
            domains = f"{path}/api/json?tree=domains[urlName]"
            complete = self._visible(what, domains, answers_of_world.has_only_global_domain, missing=True)
        except JenkinsError as error:
            return Store(place=place, credentials=None, why=error.message)
        return Store(place=place, credentials=credentials, complete=complete or False)

    def _visible(self, what: str, path: str, read: Callable[[Any], T], missing: T | None = None) -> T | None:
        """Read the answer to a GET; None if we may not see it, `missing` if there is no such thing."""
        with self.told(what):
            try:
                return read(self.get_json(path))
            except jenkins.NotFoundException:
                return missing
            except Refused as refused:
                if refused.status == _FORBIDDEN:
                    return None
                raise
