"""How long a deployment takes: jenkinsgen's four processes, the serial script, and the floor, in alternating rounds."""

# ruff: noqa: INP001, S101 - programs, not a package, and asserts that tell mypy what holds

from __future__ import annotations

import time
from dataclasses import dataclass, field
from statistics import median

import baseline
from fleet import START_SECONDS, Fleet
from processes import Peak

STAGES = ("build-image", "deploy-colour", "switch-nginx", "cleanup")


@dataclass
class Deployments:
    """Seconds of each round, at one number of servers."""

    servers: int
    ours: list[float] = field(default_factory=list)
    serial: list[float] = field(default_factory=list)
    floor: list[float] = field(default_factory=list)
    stages: dict[str, list[float]] = field(default_factory=lambda: {stage: [] for stage in STAGES})
    flag_ms: list[float] = field(default_factory=list)
    rollback: list[float] = field(default_factory=list)
    peak: Peak = field(default_factory=Peak)
    """Of the agent's processes, in all rounds."""

    @property
    def beside_serial(self) -> float:
        """Ours against the script's, both without the time that the app needs to start."""
        pairs = zip(self.ours, self.serial, strict=True)
        return median((ours - START_SECONDS) / (serial - START_SECONDS) for ours, serial in pairs)

    @property
    def beside_floor(self) -> float:
        return median(ours / floor for ours, floor in zip(self.ours, self.floor, strict=True))


def measure(fleet: Fleet, rounds: int) -> Deployments:
    """Deploy `rounds` times with each, one after the other, and go back as often."""
    found = Deployments(len(fleet.servers))
    _next_version(fleet)
    baseline.prepare(fleet)
    _deploy(fleet, Deployments(0))
    for _ in range(rounds):
        _next_version(fleet)
        began = time.monotonic()
        image = baseline.start_everywhere(fleet)
        found.floor.append(time.monotonic() - began)
        baseline.remove_everywhere(fleet, image)
        began = time.monotonic()
        baseline.deploy_serially(fleet)
        found.serial.append(time.monotonic() - began)
        found.ours.append(_deploy(fleet, found))
    baseline.remove_serial(fleet)
    _go_back(fleet, found, rounds)
    return found


def _next_version(fleet: Fleet) -> None:
    fleet.workspace.build(start_seconds=START_SECONDS)


def _deploy(fleet: Fleet, found: Deployments) -> float:
    began = time.monotonic()
    for stage in STAGES:
        found.stages[stage].append(fleet.stage(stage, peak=found.peak))
    took = time.monotonic() - began
    found.flag_ms.append(fleet.said("switch-nginx")["switch_ms"])
    return took


def _go_back(fleet: Fleet, found: Deployments, rounds: int) -> None:
    """To and fro between two releases that are both warm."""
    before = fleet.workspace.release["version"]
    _next_version(fleet)
    for stage in STAGES[:3]:
        fleet.stage(stage)
    after = fleet.workspace.release["version"]
    for _ in range(rounds):
        for version in (before, after):
            found.rollback.append(fleet.stage("rollback", "--to", version))
            said = fleet.said("rollback")
            assert said["warm"], said
            found.flag_ms.append(said["switch_ms"])
    fleet.stage("cleanup")
