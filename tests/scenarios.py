"""What builds and people do, one after the other, told once: in memory (tests/unit) and on real servers
(tests/integration). Both have to find the same after each step.
"""

from __future__ import annotations

from abc import ABC, abstractmethod
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Callable


@dataclass
class Driver(ABC):
    """Runs stages in one of the two."""

    told: list[tuple[str, int, dict[str, Any]]] = field(default_factory=list)
    """Each stage, its exit code, and what was found after it."""

    @abstractmethod
    def build(self, *, healthy: bool = True) -> None:
        """The next build begins, with an application that is healthy or not."""

    @abstractmethod
    def code(self, stage: str, *options: str) -> int:
        """Run a stage, by its name on the command line. Returns its exit code."""

    @abstractmethod
    def observed(self) -> dict[str, Any]:
        """What people find: see tests/in_memory/house.py."""

    def run(self, *stages: str) -> None:
        """Each may have options: `canary set 25`."""
        for stage in stages:
            words = stage.split()
            name = " ".join(words[:2] if words[0] == "canary" else words[:1])
            code = self.code(name, *words[len(name.split()) :])
            self.told.append((stage, code, self.observed()))


@dataclass(frozen=True)
class Scenario:
    spec: dict[str, Any]
    """What the spec has beside the minimum."""
    play: Callable[[Driver], None]


DEPLOY = ("build-image", "deploy-colour", "switch-nginx", "cleanup")


def _blue_green(driver: Driver) -> None:
    """Two releases, a refused one, a rollback that has to start its release again, and one more release."""
    for _ in range(2):
        driver.build()
        driver.run(*DEPLOY)
    driver.build(healthy=False)
    driver.run("build-image", "deploy-colour", "switch-nginx")
    driver.run("rollback", "rollback")
    driver.build()
    driver.run(*DEPLOY)


def _warm(driver: Driver) -> None:
    """A bake: a rollback by the flag alone, back to the newer release, and a build that finds both colours."""
    for _ in range(2):
        driver.build()
        driver.run(*DEPLOY)
    driver.run("rollback", "cleanup")
    driver.build()
    driver.run(*DEPLOY, "rollback")


def _interrupted(driver: Driver) -> None:
    """Builds that end between two stages: the next one has to wait for their lease, or finds what they left."""
    driver.build()
    driver.run(*DEPLOY)
    driver.build()
    driver.run("build-image", "deploy-colour")
    driver.build()
    driver.run("build-image", "switch-nginx")
    driver.run("rollback")


def _canary(driver: Driver) -> None:
    """By hand: some of the clients, more of them, none; and another one that becomes live."""
    driver.build()
    driver.run(*DEPLOY)
    driver.run("canary promote")
    driver.build()
    driver.run("build-image", "deploy-colour", "canary set 5", "canary set 25", "canary abort")
    driver.build()
    driver.run("build-image", "deploy-colour", "canary set 25", "canary promote", "cleanup", "rollback")


def _rolling(driver: Driver) -> None:
    """Batch by batch; a release that is not healthy goes back by itself, and a person goes back from one that is."""
    for healthy in (True, True, False, True):
        driver.build(healthy=healthy)
        driver.run("build-image", "roll-out", "cleanup")
    driver.run("rollback")


CANARY = {"strategy": "canary", "canary": {"steps": [{"percent": 5, "hold": "5s"}]}, "guard": {}, "bake": "1m"}
SCENARIOS = {
    "blue-green": Scenario({}, _blue_green),
    "warm": Scenario({"bake": "10m"}, _warm),
    "interrupted": Scenario({}, _interrupted),
    "canary": Scenario(CANARY, _canary),
    "rolling": Scenario({"strategy": "rolling"}, _rolling),
}
