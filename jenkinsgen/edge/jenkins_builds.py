"""Builds on a Jenkins server: start, queue, log, stages, stop."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

import jenkins
import requests

from jenkinsgen.edge.jenkins_server import JenkinsServer, job_path
from jenkinsgen.errors import JenkinsError
from jenkinsgen.jobs.building import LogPart, Stage

if TYPE_CHECKING:
    from collections.abc import Mapping

_QUEUE_ITEM = re.compile(r"/queue/item/(\d+)")


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
        answer = self.get_json(f"{job_path(name)}api/json?tree=property[parameterDefinitions[name]]")
        return [
            definition["name"]
            for entry in answer.get("property", [])
            for definition in entry.get("parameterDefinitions", [])
        ]

    def address(self, name: str, number: int) -> str:
        """Where a browser finds the build."""
        return f"{self.url}{job_path(name)}{number}/"

    def queued(self, item: int) -> tuple[int | None, str | None]:
        """The number of the build that the item became, or None and why it waits.

        Raises JenkinsError when somebody took it out of the queue.
        """
        with self.told(f"item {item} of the queue: cannot be read"):
            answer = self.client.get_queue_item(item)
        if answer.get("cancelled"):
            raise JenkinsError("the build was cancelled while it waited in the queue")
        executable = answer.get("executable")
        return (executable["number"], None) if executable else (None, answer.get("why"))

    def log(self, name: str, number: int, position: int) -> LogPart:
        """The log of a build from a position on."""
        url = f"{self.client.server}{job_path(name)}{number}/logText/progressiveText?start={position}"
        with self.told(f"{name} #{number}: its log cannot be read"):
            answer = self.client.jenkins_request(requests.Request("GET", url))
        return LogPart(
            text=answer.text.replace("\r\n", "\n"),
            position=int(answer.headers.get("X-Text-Size", position)),
            more=answer.headers.get("X-More-Data") == "true",
        )

    def result(self, name: str, number: int) -> str | None:
        """The result of a build; None while it runs."""
        with self.told(f"{name} #{number}: cannot be read"):
            answer = self.get_json(f"{job_path(name)}{number}/api/json?tree=result,building")
            return None if answer["building"] else str(answer["result"])

    def stages(self, name: str, number: int) -> list[Stage] | None:
        """The stages so far; None where the plugin pipeline-rest-api is not installed."""
        with self.told(f"{name} #{number}: its stages cannot be read"):
            try:
                answer = self.get_json(f"{job_path(name)}{number}/wfapi/describe")
            except jenkins.NotFoundException:
                return None
        return [
            Stage(name=stage["name"], status=stage["status"], seconds=stage["durationMillis"] / 1000)
            for stage in answer["stages"]
        ]

    def stop(self, name: str, number: int) -> None:
        with self.told(f"{name} #{number}: cannot be stopped"):
            self.post(f"{job_path(name)}{number}/stop")

    def cancel(self, item: int) -> None:
        """Take an item out of the queue."""
        with self.told(f"item {item} of the queue: cannot be cancelled"):
            # Jenkins did it even where it answers 404 (JENKINS-21311); the library knows.
            self.client.cancel_queue(item)
