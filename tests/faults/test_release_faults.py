"""The new release is bad."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

if TYPE_CHECKING:
    from conftest import Rows

pytestmark = pytest.mark.faults


def test_it_never_becomes_healthy(fault: Rows):
    with fault("new release never healthy") as row:
        row.workspace.change_spec(service={"health": {"timeout": "3s"}})
        row.build(healthy="no")
        row.succeed("build-image")
        row.ends("deploy-colour", 6, "was not healthy within 3s", "status 503", hint="service.health.timeout")


def test_its_health_flaps(fault: Rows):
    with fault("flapping health") as row:
        row.workspace.change_spec(service={"health": {"timeout": "3s"}})
        row.build(healthy="flapping")
        row.succeed("build-image")
        row.ends("deploy-colour", 6, "but never 3 times in a row", hint="its health comes and goes")


def test_it_is_killed_by_memory(fault: Rows):
    with fault("container killed by memory") as row:
        row.build(allocate_megabytes=300)
        row.succeed("build-image")
        row.ends("deploy-colour", 6, "was killed: out of memory", hint="raise service.memory")
