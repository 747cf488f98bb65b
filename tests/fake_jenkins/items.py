"""The things on a Jenkins server: folders, jobs, builds, queue items, credentials."""

from __future__ import annotations

import time
from dataclasses import dataclass, field
from urllib.parse import quote

from . import xstream
from .building import after_build
from .classes import FOLDER, MULTIBRANCH

CLASSES = {
    "flow-definition": "org.jenkinsci.plugins.workflow.job.WorkflowJob",
    FOLDER: FOLDER,
    MULTIBRANCH: MULTIBRANCH,
}


@dataclass
class Build:
    """A build whose log appears line by line over its duration."""

    number: int
    log: str
    stages: tuple[str, ...]
    final_result: str
    duration: float
    parameters: dict[str, str]
    started: float = field(default_factory=time.time)
    stopped: bool = False

    @property
    def building(self) -> bool:
        return not self.stopped and time.time() < self.started + self.duration

    @property
    def result(self) -> str | None:
        if self.stopped:
            return "ABORTED"
        return None if self.building else self.final_result

    @property
    def text(self) -> str:
        """What the console shows now."""
        if not self.building:
            ending = f"Finished: {self.result}\n"
            return self.log + ending if not self.stopped else self.log.partition("\n")[0] + f"\nAborted\n{ending}"
        lines = self.log.splitlines(keepends=True)
        share = (time.time() - self.started) / self.duration
        return "".join(lines[: 1 + int(share * (len(lines) - 1))])


class Children(dict[str, "Item"]):
    """What is in a folder. Names ignore case at the root and nowhere else (names.json has what was measured)."""

    def __init__(self, *, ignore_case: bool) -> None:
        super().__init__()
        self.ignore_case = ignore_case

    def named(self, name: str) -> Item | None:
        if self.ignore_case:
            return next((item for other, item in self.items() if other.lower() == name.lower()), None)
        return self.get(name)


@dataclass
class Item:
    """A folder or a job. `config` is the text of its config.xml."""

    name: str
    parent: Item | None
    config: str
    children: Children = field(init=False)
    builds: list[Build] = field(default_factory=list)
    credentials: dict[str, dict[str, str]] = field(default_factory=dict)
    waiting: int = 0
    """How many of its builds are in the queue."""
    looked_at: bool = False
    """Whether api/json was asked since the last POST: from then on the list of actions exists and is saved."""

    def __post_init__(self) -> None:
        self.children = Children(ignore_case=self.parent is None)

    @property
    def kind(self) -> str:
        return xstream.parsed(self.config).tag

    @property
    def full_name(self) -> str:
        above = "" if self.parent is None or self.parent.parent is None else f"{self.parent.full_name}/"
        return above + self.name

    @property
    def path(self) -> str:
        return "" if self.parent is None else f"{self.parent.path}/job/{quote(self.name)}"

    @property
    def is_folder(self) -> bool:
        return self.kind in {FOLDER, MULTIBRANCH}

    @property
    def disabled(self) -> bool:
        return xstream.parsed(self.config).findtext("disabled") == "true"

    @property
    def description(self) -> str | None:
        return xstream.parsed(self.config).findtext("description") or None

    @property
    def color(self) -> str:
        if self.disabled:
            return "disabled"
        if not self.builds:
            return "notbuilt"
        last = self.builds[-1]
        colors = {"SUCCESS": "blue", "FAILURE": "red", "ABORTED": "aborted", "UNSTABLE": "yellow"}
        return "notbuilt_anime" if last.building else colors[last.result or "SUCCESS"]

    def parameters(self) -> list[tuple[str, list[str]]]:
        """Names of the parameters, with the values that a choice allows."""
        root = xstream.parsed(self.config)
        path = "properties/hudson.model.ParametersDefinitionProperty/parameterDefinitions/*"
        return [
            (each.findtext("name") or "", [choice.text or "" for choice in each.iterfind("choices//string")])
            for each in root.iterfind(path)
        ]

    def save(self, absent: frozenset[str]) -> None:
        root = xstream.parsed(self.config)
        if self.looked_at and root.find("actions") is None:
            xstream.ET.SubElement(root, "actions")
        self.config = xstream.understood("<?xml version='1.1'?>" + xstream.written(root), absent)

    def build(self, build: Build, jenkinsfile: str | None, absent: frozenset[str]) -> None:
        self.builds.append(build)
        script = xstream.parsed(self.config).findtext("definition/script")
        text = script if script is not None else jenkinsfile
        self.config = after_build(self.config, text or "", absent)


@dataclass
class QueueItem:
    number: int
    item: Item
    parameters: dict[str, str]
    leaves: float
    build: Build | None = None
    cancelled: bool = False
