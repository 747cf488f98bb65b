"""What preflight asks a Jenkins server: credentials, plugins, nodes, and its linter."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import jenkins

from jenkinsgen.edge.jenkins_client import Refused
from jenkinsgen.edge.jenkins_server import JenkinsServer, job_path
from jenkinsgen.errors import JenkinsError
from jenkinsgen.jobs.lint_verdict import lint_errors
from jenkinsgen.jobs.preflight import Node, Store

if TYPE_CHECKING:
    from jenkinsgen.jobs.lint_verdict import LintError

_FORBIDDEN = 403
_GLOBAL_DOMAIN = "_"


class JenkinsWorld(JenkinsServer):
    """None stands for what we may not see. Raises JenkinsError when the server cannot be asked at all."""

    def lint(self, jenkinsfile: str) -> tuple[LintError, ...]:
        """What the declarative linter of the server says; empty if all is well.

        It knows the sections, options and parameters of the plugins there; it does not know steps, credentials
        and labels. Needs the plugin pipeline-model-definition.
        """
        with self.told("the server's linter cannot be asked"):
            answer = self.post("pipeline-model-converter/validateJenkinsfile", data={"jenkinsfile": jenkinsfile})
            return lint_errors(answer.json())

    def plugins(self) -> dict[str, str] | None:
        """Active plugins and their versions."""
        path = "pluginManager/api/json?tree=plugins[shortName,version,active,enabled]"
        answer = self._visible("the plugins cannot be listed", path)
        if answer is None:
            return None
        return {
            plugin["shortName"]: plugin["version"]
            for plugin in answer["plugins"]
            if plugin["active"] and plugin["enabled"]
        }

    def nodes(self) -> list[Node] | None:
        path = "computer/api/json?tree=computer[displayName,offline,assignedLabels[name]]"
        answer = self._visible("the nodes cannot be listed", path)
        if answer is None:
            return None
        return [
            Node(
                labels=frozenset(label["name"] for label in computer["assignedLabels"]), online=not computer["offline"]
            )
            for computer in answer["computer"]
        ]

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
            tree = f"{path}/domain/{_GLOBAL_DOMAIN}/api/json?tree=credentials[id,typeName]"
            answer = self._visible(what, tree, missing={"credentials": []})
        except JenkinsError:
            return Store(place=place, credentials=None)
        if answer is None:
            return Store(place=place, credentials=None)
        credentials = {each["id"]: each["typeName"] for each in answer["credentials"]}
        return Store(place=place, credentials=credentials, complete=self._only_global_domain(path, what))

    def _only_global_domain(self, path: str, what: str) -> bool:
        """Whether the store has no domain but the global one: credentials for one host, say, have their own."""
        answer = self._visible(what, f"{path}/api/json?tree=domains[urlName]", missing={"domains": {}})
        domains = None if answer is None else answer.get("domains")
        return isinstance(domains, dict) and domains.keys() <= {_GLOBAL_DOMAIN}

    def _visible(self, what: str, path: str, missing: Any = None) -> Any:
        """The answer to a GET; None if we may not see it, `missing` if there is no such thing."""
        with self.told(what):
            try:
                return self.get_json(path)
            except jenkins.NotFoundException:
                return missing
            except Refused as refused:
                if refused.status == _FORBIDDEN:
                    return None
                raise
