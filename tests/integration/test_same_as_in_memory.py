"""The house in memory is true: the same scenarios on real servers end in the same, stage by stage."""

from __future__ import annotations

import json
import sys
from contextlib import closing
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
from conftest import Workspace, log_in, on

from jenkinsgen.edge.nginx.host import NginxHost
from jenkinsgen.edge.state.folder import StateFolder
from jenkinsgen.spec.reading.load import load_spec

sys.path.append(str(Path(__file__).parents[1] / "unit"))
from in_memory.builds import number_of
from in_memory.driver import DriverInMemory
from scenarios import SCENARIOS, Driver

pytestmark = pytest.mark.sandbox

NAMES = '{{.Label "jenkinsgen.colour"}} {{.Names}} {{.Label "jenkinsgen.version"}} {{.State}}'


@dataclass
class DriverOnServers(Driver):
    workspace: Workspace = None  # type: ignore[assignment]

    def build(self, *, healthy: bool = True) -> None:
        self.workspace.build(healthy="yes" if healthy else "no")

    def code(self, stage: str, *options: str) -> int:
        code, said = self.workspace.run(stage, options)
        print(said)  # noqa: T201 - what a difference is explained by
        return code

    def observed(self) -> dict[str, Any]:
        sandbox = self.workspace.sandbox
        pipeline = load_spec(self.workspace.spec_file).pipeline
        with closing(log_in(sandbox, sandbox.nginx)) as host:
            found = StateFolder(host, pipeline).read()
            live = NginxHost(host, pipeline).live()
        assert found is not None
        gate = found.gate if found.gate and found.gate.live is live else None
        return {
            "live": str(live or ""),
            "canary": gate.percent if gate else 0,
            "out": found.out,
            "servers": [self._containers(server) for server in sandbox.servers],
            "journal": [
                number_of(found.journal.live),
                [number_of(each.release.version) for each in found.journal.entries],
            ],
            "taken back": [number_of(each.release.version) for each in found.journal.entries if each.taken_back],
            "under way": bool(found.journal.under_way),
            "lease": bool(found.lease.holder),
        }

    def _containers(self, server: Any) -> list[list[Any]]:
        listed = on(self.workspace.sandbox, server, "docker", "ps", "-a", "--format", NAMES).splitlines()
        ours = (line.split() for line in listed)
        return sorted([name, number_of(version), state == "running"] for _, name, version, state in ours)


@pytest.mark.parametrize("name", SCENARIOS)
def test_servers_and_memory_agree(name: str, workspace: Workspace):
    scenario = SCENARIOS[name]
    workspace.change_spec(**scenario.spec)
    real, memory = DriverOnServers(workspace=workspace), DriverInMemory(spec=scenario.spec)

    scenario.play(real)
    scenario.play(memory)

    for found, expected in zip(real.told, memory.told, strict=True):
        assert json.dumps(found) == json.dumps(expected)
