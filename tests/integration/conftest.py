"""The fixtures of the tests on real servers; they are shared with tests/faults. And which of them take long."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from sandbox_workspace import Workspace, as_root, log_in, on, sandbox, workspace

if TYPE_CHECKING:
    import pytest

__all__ = ["Workspace", "as_root", "log_in", "on", "sandbox", "workspace"]


def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    """Where nobody asked for this folder or for marks, those that are marked `long` do not run."""
    here = Path(__file__).parent
    asked = [config.invocation_params.dir / argument.partition("::")[0] for argument in config.args]
    if config.option.markexpr or any(path.is_relative_to(here) for path in asked):
        return
    long = [item for item in items if item.get_closest_marker("long") is not None]
    items[:] = [item for item in items if item not in long]
    config.hook.pytest_deselected(items=long)
