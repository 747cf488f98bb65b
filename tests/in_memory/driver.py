"""The scenarios of tests/scenarios.py, in memory."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

import yaml
from examples import pipeline
from scenarios import Driver

from jenkinsgen.errors import JenkinsgenError

from .house import House


@dataclass
class DriverInMemory(Driver):
    spec: dict[str, Any] = field(default_factory=dict)

    def __post_init__(self) -> None:
        self.house = House(pipeline(yaml.safe_dump(self.spec)))

    def build(self, *, healthy: bool = True) -> None:
        number = self.house.build().number
        if not healthy:
            self.house.unhealthy.add(number)

    def code(self, stage: str, *options: str) -> int:
        given = {"percent": int(options[0])} if options else {}
        try:
            self.house.run(stage, **given)
        except JenkinsgenError as error:
            return error.exit_code
        return 0

    def observed(self) -> dict[str, Any]:
        return self.house.observed()
