"""Jobs and folders on a Jenkins server."""

from __future__ import annotations

from contextlib import suppress
from typing import TYPE_CHECKING, Any
from urllib.parse import quote

import jenkins
import requests

from jenkinsgen.edge.jenkins.client import Client
from jenkinsgen.edge.jenkins.trouble import told
from jenkinsgen.errors import JenkinsError
from jenkinsgen.jobs.answers import server as answers
from jenkinsgen.jobs.config_xml import classes
from jenkinsgen.jobs.config_xml.reading import read_job

if TYPE_CHECKING:
    from contextlib import AbstractContextManager

    from jenkinsgen.edge.jenkins.settings import JenkinsSettings
    from jenkinsgen.jobs.answers.server import Activity, Listed

_XML = {"Content-Type": "text/xml; charset=utf-8"}


class JenkinsServer:
    """Every method raises JenkinsError when Jenkins says no or cannot be reached. For one thread."""

    def __init__(self, settings: JenkinsSettings) -> None:
        self.client = Client(settings)
        self.user = settings.user
        self.url = settings.url
        self._shows_what_was_posted = False

    def config(self, name: str) -> str | None:
        """The job's config.xml, None if there is no job, or none that we may see."""
        with self.told(f"{name}: cannot be read"):
            try:
                return str(self.client.get_job_config(name))
            except jenkins.NotFoundException:
                return None

    def create(self, name: str, config: str) -> None:
        """Make a job in a folder that exists."""
        folder, _, short = name.rpartition("/")
        with self.told(f"{name}: cannot be created"):
            self.post(f"{job_path(folder)}createItem?name={quote(short, safe='')}", data=config.encode(), headers=_XML)

    def update(self, name: str, config: str) -> None:
        with self.told(f"{name}: cannot be updated"):
            self.client.reconfig_job(name, config)

    def config_in_force(self, name: str, description: str) -> str | None:
        """The config.xml of a job that was just written, as Jenkins understood it.

        Before 2.568, GET answers what was posted until Jenkins saves the job. To make it, it is given the
        description that it has; the answer to the first job tells whether that is needed.
        """
        if not self._shows_what_was_posted:
            config = self.config(name)
            if config is None or read_job(name, config).understood:
                return config
            self._shows_what_was_posted = True
        with self.told(f"{name}: Jenkins did not save it again, so nothing proves that all of it arrived"):
            self.post(f"{job_path(name)}submitDescription", data={"description": description})
        return self.config(name)

    def delete(self, name: str) -> None:
        """Delete a job with all its builds; one that is gone already is as well."""
        with self.told(f"{name}: cannot be deleted"), suppress(jenkins.NotFoundException):
            self.post(f"{job_path(name)}doDelete")

    def ensure_folder(self, name: str) -> bool:
        """Make a folder whose parent exists; whether it had to be made."""
        with self.told(f"folder {name}: cannot be read"):
            try:
                other = answers.folder_class(self.get_json(f"{job_path(name)}api/json?tree=name"))
            except jenkins.NotFoundException:
                self.create(name, f"<{classes.FOLDER}/>")
                return True
        if other is not None:
            what = other.rpartition(".")[2]
            raise JenkinsError(f"folder {name}: a job of that name is there: it is a {what}, not a folder")
        return False

    def children(self, folder: str) -> list[Listed]:
        """The items directly in a folder; `""` is the root."""
        with self.told(f"{folder or 'the top level'}: cannot be listed"):
            return answers.listed(self.get_json(f"{job_path(folder)}api/json?tree=jobs[{answers.LISTED}]"), folder)

    def names(self, folder: str) -> frozenset[str]:
        """The full names of what is directly in a folder; none if there is no such folder."""
        with self.told(f"{folder or 'the top level'}: cannot be listed"):
            try:
                return answers.names(self.get_json(f"{job_path(folder)}api/json?tree=jobs[name]"), folder)
            except jenkins.NotFoundException:
                return frozenset()

    def activity(self, name: str) -> Activity:
        """The builds under way of a job, or of the branches of a multibranch job."""
        with self.told(f"{name}: cannot be read"):
            return answers.activity(self.get_json(f"{job_path(name)}api/json?tree={answers.ACTIVITY}"))

    def is_busy(self, name: str) -> bool:
        """Whether a build of the job runs or waits."""
        return self.activity(name).busy

    def told(self, what: str) -> AbstractContextManager[None]:
        return told(what, self.url, self.user)

    def get_json(self, path: str) -> Any:
        return answers.read_json(self.client.jenkins_open(requests.Request("GET", self.client.server + path)))

    def post(self, path: str, **what: Any) -> requests.Response:
        answer: requests.Response = self.client.jenkins_request(
            requests.Request("POST", self.client.server + path, **what)
        )
        return answer


def job_path(name: str) -> str:
    """`team/shop x` -> `job/team/job/shop%20x/`; the root is `""`."""
    return "".join(f"job/{quote(part, safe='')}/" for part in name.split("/") if part)
