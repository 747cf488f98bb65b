"""Run a job: ask for a build, wait for it to start, show its log as it grows, end with its result."""

from __future__ import annotations

import time
from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Callable

    from jenkinsgen.edge.jenkins.builds import JenkinsBuilds
    from jenkinsgen.jobs.answers.build import Stage
    from jenkinsgen.report import Report

_FIRST_PAUSE = 0.2
_LONGEST_PAUSE = 2.0


class Pauses:
    """Seconds to wait between looks: short while things happen, longer while they do not."""

    def __init__(self, sleep: Callable[[float], None] = time.sleep) -> None:
        self._sleep = sleep
        self._next = _FIRST_PAUSE

    def wait(self, *, moved: bool) -> None:
        self._next = _FIRST_PAUSE if moved else min(self._next * 1.5, _LONGEST_PAUSE)
        self._sleep(self._next)


def await_start(builds: JenkinsBuilds, item: int, report: Report, pauses: Pauses) -> int:
    """The number of the build; says once each time why it still waits."""
    said = None
    while True:
        number, why = builds.queued(item)
        if number is not None:
            return number
        # Jenkins counts down the quiet period in this text: its first words are enough.
        reason = (why or "").partition(". Expires")[0]
        if reason and reason != said:
            report.line(f"waiting: {reason}")
        pauses.wait(moved=reason != said)
        said = reason


@dataclass(frozen=True, kw_only=True)
class Watcher:
    """The receiver of the log and the stages of a build."""

    write: Callable[[str], None]
    report: Report
    pauses: Pauses


def follow(builds: JenkinsBuilds, name: str, number: int, watcher: Watcher) -> str:
    """Write the log of a build until it ends, report each stage when it is over; the result."""
    position = 0
    told: dict[str, str] | None = {}
    while True:
        part = builds.log(name, number, position)
        if part.text:
            watcher.write(part.text)
        moved, position = part.position != position, part.position
        if told is not None:
            told = _report_stages(builds.stages(name, number), told, watcher.report)
        result = None if part.more else builds.result(name, number)
        if result is not None:
            return result
        watcher.pauses.wait(moved=moved)


def _report_stages(stages: list[Stage] | None, told: dict[str, str], report: Report) -> dict[str, str] | None:
    """Report each stage that is over or waits for a person, once; None where Jenkins cannot tell stages."""
    if stages is None:
        return None
    for stage in stages:
        if stage.status != "IN_PROGRESS" and told.get(stage.name) != stage.status:
            report.line(f"stage {stage.name}: {stage.status.lower().replace('_', ' ')} ({stage.seconds:.1f} s)")
    return {stage.name: stage.status for stage in stages}
