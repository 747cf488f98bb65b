"""JSON answers of a Jenkins server, as typed values: one reader for each kind of answer.

A reader returns what its types promise or raises UnexpectedAnswer, whatever the shape of the answer. A proxy's page, a
plugin's idea of a job, or half an answer are never a traceback, and never "nothing is there".
"""

from __future__ import annotations

import json
import re
from dataclasses import dataclass
from datetime import date, datetime, timezone
from typing import TYPE_CHECKING, Any

from jenkinsgen.jobs.answers.build import LogPart, Stage
from jenkinsgen.jobs.config_xml import classes

if TYPE_CHECKING:
    from collections.abc import Mapping

_PIPELINE_CLASS = "org.jenkinsci.plugins.workflow.job.WorkflowJob"
_FOLDER_CLASSES = frozenset({classes.FOLDER, "jenkins.branch.OrganizationFolder"})
_HEADER = re.compile(r"[A-Za-z][A-Za-z0-9.-]*")
_DIGITS = re.compile(r"[0-9]{1,18}")
LISTED = "name,description,color,buildable,inQueue,lastBuild[number,building,result,timestamp]"
ACTIVITY = "inQueue,lastBuild[building,timestamp],jobs[inQueue,lastBuild[building,timestamp]]"


class UnexpectedAnswer(ValueError):
    """The answer has another shape than that of a Jenkins."""


def read_json(text: str) -> Any:
    """Raises UnexpectedAnswer for anything but JSON."""
    try:
        return json.loads(text)
    except (ValueError, RecursionError) as error:
        raise UnexpectedAnswer("the answer is not JSON") from error


def mapping(value: Any, what: str = "the answer") -> dict[str, Any]:
    if not isinstance(value, dict):
        raise UnexpectedAnswer(f"{what} is not a JSON object")
    return value


def entries(value: dict[str, Any], key: str) -> list[dict[str, Any]]:
    """The objects of a list that must be there."""
    found = value.get(key)
    if not isinstance(found, list):
        raise UnexpectedAnswer(f"the answer has no list {key!r}")
    return [mapping(each, f"an entry of {key!r} in the answer") for each in found]


def text(value: dict[str, Any], key: str) -> str:
    found = value.get(key)
    if not isinstance(found, str):
        raise UnexpectedAnswer(f"the answer has no text {key!r}")
    return found


def optional_text(value: dict[str, Any], key: str) -> str | None:
    return None if value.get(key) is None else text(value, key)


def number(value: dict[str, Any], key: str) -> int:
    found = value.get(key)
    if not isinstance(found, int) or isinstance(found, bool):
        raise UnexpectedAnswer(f"the answer has no number {key!r}")
    return found


def flag(value: dict[str, Any], key: str) -> bool:
    """A truth value; Jenkins leaves some of them out where they are false."""
    found = value.get(key)
    if found is not None and not isinstance(found, bool):
        raise UnexpectedAnswer(f"{key!r} in the answer is neither true nor false")
    return bool(found)


def optional(value: dict[str, Any], key: str) -> dict[str, Any]:
    """An object; empty where there is none."""
    return {} if value.get(key) is None else mapping(value[key], f"{key!r} in the answer")


@dataclass(frozen=True, kw_only=True)
class Listed:
    """One item of a folder, as a listing shows it. `result` is of the last build, None while it runs or if none."""

    name: str
    class_name: str
    description: str
    busy: bool
    number: int | None
    result: str | None
    disabled: bool

    @property
    def is_folder(self) -> bool:
        return self.class_name in _FOLDER_CLASSES

    @property
    def is_one_of_ours(self) -> bool:
        """Whether it is of a kind that a spec can ask for."""
        return self.class_name in {_PIPELINE_CLASS, classes.MULTIBRANCH}


def listed(answer: Any, folder: str) -> list[Listed]:
    """The list of a folder, asked for with LISTED."""
    return [_listed(entry, folder) for entry in entries(mapping(answer), "jobs")]


def _listed(entry: dict[str, Any], folder: str) -> Listed:
    last = optional(entry, "lastBuild")
    return Listed(
        name=_full_name(entry, folder),
        class_name=text(entry, "_class"),
        description=optional_text(entry, "description") or "",
        busy=_busy(entry),
        number=number(last, "number") if last else None,
        result=optional_text(last, "result"),
        disabled=(optional_text(entry, "color") or "").startswith("disabled"),
    )


def names(answer: Any, folder: str) -> frozenset[str]:
    """The full names of what is in a folder; a job has nothing in it."""
    if "jobs" not in mapping(answer) and folder_class(answer) is not None:
        return frozenset()
    return frozenset(_full_name(entry, folder) for entry in entries(mapping(answer), "jobs"))


def _full_name(entry: dict[str, Any], folder: str) -> str:
    name = text(entry, "name")
    if not name or "/" in name:
        raise UnexpectedAnswer(f"the answer lists {name!r}, which cannot be the name of a job")
    return f"{folder}/{name}" if folder else name


def folder_class(answer: Any) -> str | None:
    """None for a folder; otherwise the class of the item that is there instead."""
    class_name = text(mapping(answer), "_class")
    return None if class_name in _FOLDER_CLASSES else class_name


@dataclass(frozen=True, kw_only=True)
class Activity:
    """`busy`: a build runs or waits. `last_build` is the day on which the last one began."""

    busy: bool
    last_build: date | None


def activity(answer: Any) -> Activity:
    """The activity of a job and, below a multibranch one, of its branches; asked for with ACTIVITY."""
    job = mapping(answer)
    all_jobs = [job, *(entries(job, "jobs") if "jobs" in job else [])]
    days = [day for day in map(_last_build, all_jobs) if day is not None]
    return Activity(busy=any(map(_busy, all_jobs)), last_build=max(days, default=None))


def _busy(entry: dict[str, Any]) -> bool:
    return flag(entry, "inQueue") or flag(optional(entry, "lastBuild"), "building")


def _last_build(entry: dict[str, Any]) -> date | None:
    last = optional(entry, "lastBuild")
    if not last:
        return None
    try:
        return datetime.fromtimestamp(number(last, "timestamp") / 1000, timezone.utc).date()
    except (OverflowError, OSError, ValueError) as error:
        raise UnexpectedAnswer("the answer has a build of an impossible time") from error


def parameter_names(answer: Any) -> list[str]:
    """The parameters of a job, asked for with `property[parameterDefinitions[name]]`."""
    job = mapping(answer)
    properties = entries(job, "property") if "property" in job else []
    return [
        text(definition, "name")
        for each in properties
        if "parameterDefinitions" in each
        for definition in entries(each, "parameterDefinitions")
    ]


@dataclass(frozen=True, kw_only=True)
class Waiting:
    """An item of the queue: the number of the build that it became, or why it waits."""

    number: int | None
    why: str | None
    cancelled: bool


def queue_item(answer: Any) -> Waiting:
    item = mapping(answer)
    executable = optional(item, "executable")
    return Waiting(
        number=number(executable, "number") if executable else None,
        why=optional_text(item, "why"),
        cancelled=flag(item, "cancelled"),
    )


def build_result(answer: Any) -> str | None:
    """The result of a build; None while it runs."""
    build = mapping(answer)
    if not isinstance(build.get("building"), bool):
        raise UnexpectedAnswer("the answer does not say whether the build runs")
    return None if build["building"] else text(build, "result")


def stages(answer: Any) -> list[Stage]:
    """The stages of a build, by the plugin pipeline-rest-api."""
    return [
        Stage(name=text(each, "name"), status=text(each, "status"), seconds=number(each, "durationMillis") / 1000)
        for each in entries(mapping(answer), "stages")
    ]


def log_part(content: str, headers: Mapping[str, str], position: int) -> LogPart:
    """A piece of a log that was asked for from a position on."""
    size = headers.get("X-Text-Size", "")
    if not _DIGITS.fullmatch(size) or int(size) < position or (content and int(size) == position):
        # Without a place to go on from, the same piece would be shown again and again.
        raise UnexpectedAnswer("the answer does not say where the log goes on")
    more = headers.get("X-More-Data") == "true"
    return LogPart(text=content.replace("\r\n", "\n"), position=int(size), more=more)


def crumb_header(answer: Any) -> tuple[str, str]:
    """Name and value of the header that a crumb is sent in."""
    crumb = mapping(answer)
    name, value = text(crumb, "crumbRequestField"), text(crumb, "crumb")
    if not _HEADER.fullmatch(name) or not value.isascii() or not value.isprintable():
        raise UnexpectedAnswer("the answer is not a crumb")
    return name, value
