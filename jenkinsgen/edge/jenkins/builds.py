"""Builds on a Jenkins server: start, queue, log, stages, stop."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

import jenkins
import requests

from jenkinsgen.edge.jenkins.server import JenkinsServer, job_path
from jenkinsgen.errors import JenkinsError
from jenkinsgen.jobs.answers import server as answers

if TYPE_CHECKING:
    from collections.abc import Mapping

    from jenkinsgen.jobs.answers.build import LogPart, Stage

_QUEUE_ITEM = re.compile(r"/queue/item/([0-9]{1,18})/?$")


class JenkinsBuilds(JenkinsServer):
    """Every method raises JenkinsError when Jenkins says no or cannot be reached."""

    def start(self, name: str, parameters: Mapping[str, str]) -> int:
        """Ask for a build; the number of its item in the queue.

        Parameters go in the body: what is in an address ends up in the logs of every proxy.
        """
        with self.told(f"{name}: cannot be built"):
            declared = self._parameters(name)
            unknown = sorted(parameters.keys() - set(declared))
            if unknown:
                # Jenkins would ignore them without a word.
                raise JenkinsError(
                    f"{name}: has no parameter {', '.join(unknown)}",
                    hint=f"it has {', '.join(declared) or 'none'}",
                )
            action = "buildWithParameters" if declared else "build"
            answer = self.post(f"{job_path(name)}{action}", data=dict(parameters) or None)
        item = _QUEUE_ITEM.search(answer.headers.get("Location", ""))
        if item is None:
            raise JenkinsError(f"{name}: Jenkins took the request, but did not say where the build waits")
        return int(item[1])

    def _parameters(self, name: str) -> list[str]:
        return answers.parameter_names(
            self.get_json(f"{job_path(name)}api/json?tree=property[parameterDefinitions[name]]")
        )

    def address(self, name: str, number: int) -> str:
        """The URL at which a browser finds the build."""
        return f"{self.url}{job_path(name)}{number}/"

    def queued(self, item: int) -> tuple[int | None, str | None]:
        """The number of the build that the item became, or None and why it waits.

        Raises JenkinsError when a person took it out of the queue.
        """
        with self.told(f"item {item} of the queue: cannot be read"):
            waiting = answers.queue_item(self.get_json(f"queue/item/{item}/api/json"))
        if waiting.cancelled:
            raise JenkinsError("the build was cancelled while it waited in the queue")
        return waiting.number, waiting.why

    def log(self, name: str, number: int, position: int) -> LogPart:
        """The log of a build from a position on."""
        url = f"{self.client.server}{job_path(name)}{number}/logText/progressiveText?start={position}"
        with self.told(f"{name} #{number}: its log cannot be read"):
            answer = self.client.jenkins_request(requests.Request("GET", url))
            return answers.log_part(answer.text, answer.headers, position)

    def result(self, name: str, number: int) -> str | None:
        """The result of a build; None while it runs."""
        with self.told(f"{name} #{number}: cannot be read"):
            return answers.build_result(self.get_json(f"{job_path(name)}{number}/api/json?tree=result,building"))

    def stages(self, name: str, number: int) -> list[Stage] | None:
        """The stages so far; None where the plugin pipeline-rest-api is not installed."""
        with self.told(f"{name} #{number}: its stages cannot be read"):
            try:
                return answers.stages(self.get_json(f"{job_path(name)}{number}/wfapi/describe"))
            except jenkins.NotFoundException:
                return None

    def stop(self, name: str, number: int) -> None:
        with self.told(f"{name} #{number}: cannot be stopped"):
            self.post(f"{job_path(name)}{number}/stop")

    def cancel(self, item: int) -> None:
        """Take an item out of the queue."""
        with self.told(f"item {item} of the queue: cannot be cancelled"):
            # Jenkins did it even where it answers 404 (JENKINS-21311); the library knows.
            self.client.cancel_queue(item)
