"""Helpers of the tests are imported by name: `fake_jenkins`."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    import pytest

sys.path.insert(0, str(Path(__file__).parent))


def pytest_configure(config: pytest.Config) -> None:
    config.addinivalue_line("markers", "live: runs against the Jenkins server at JENKINS_URL, in a folder of its own")
