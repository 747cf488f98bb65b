"""The clock of a server is wrong."""

from __future__ import annotations

import platform
import time
from typing import TYPE_CHECKING

import pytest
from breaking import engine_time, with_live_restore, wrong_clock

if TYPE_CHECKING:
    from pathlib import Path

    from conftest import Rows

pytestmark = [
    pytest.mark.faults,
    pytest.mark.skipif(platform.machine() != "x86_64", reason="tests/faults/clock is written for x86-64"),
]

HOUR = 3600


def test_it_is_a_day_ahead(fault: Rows, tmp_path: Path):
    with fault("clock of a server a day ahead") as row:
        server = row.sandbox.servers[1]
        with with_live_restore(row.sandbox, server), wrong_clock(row.sandbox, server, 24 * HOUR, tmp_path):
            assert engine_time(row.sandbox, server) - time.time() == pytest.approx(24 * HOUR, abs=60)
            row.build()
            row.succeed("build-image", "deploy-colour", "switch-nginx")
            row.ends("cleanup", 0)


def test_it_is_a_day_behind(fault: Rows, tmp_path: Path):
    """Before the certificate of the registry was valid, which begins a day before it was made."""
    with fault("clock of a server a day behind") as row:
        server = row.sandbox.servers[1]
        row.build()
        row.succeed("build-image")
        with with_live_restore(row.sandbox, server), wrong_clock(row.sandbox, server, -26 * HOUR, tmp_path):
            assert engine_time(row.sandbox, server) - time.time() == pytest.approx(-26 * HOUR, abs=60)
            row.ends("deploy-colour", 5, server.address, "not yet valid", hint="clock")
