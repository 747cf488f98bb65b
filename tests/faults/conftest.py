"""The fault matrix: each test is a row. `make faults` runs them all and prints the table.

    def test_the_registry_is_down_at_push(fault: Rows):
        with fault("registry down at push") as row:
            row.build()
            with stopped(row.sandbox, row.sandbox.registry_host):
                row.ends("build-image", 5, "cannot be pushed", hint="can the registry be reached")

The `with` block begins when release 1 serves and the load of the demo runs. When it ends, a whole build must go well,
and then are checked: no failed request, never two versions at once, no order lost or handled twice, no container,
file or tag left. With `load=False` nobody sends requests.
"""

from __future__ import annotations

import os
from pathlib import Path
from typing import TYPE_CHECKING, Protocol

import pytest
from fault_row import Fault, Row, fault_row, table, write_json
from sandbox_workspace import Workspace, sandbox, workspace

if TYPE_CHECKING:
    from contextlib import AbstractContextManager

__all__ = ["Fault", "Rows", "sandbox", "workspace"]

JSON_VARIABLE = "FAULTS_JSON"
_rows: list[Row] = []


class Rows(Protocol):
    def __call__(self, name: str, *, load: bool = True) -> AbstractContextManager[Fault]: ...


@pytest.fixture
def fault(workspace: Workspace) -> Rows:
    """Begins a row of the matrix."""

    def begin(name: str, *, load: bool = True) -> AbstractContextManager[Fault]:
        _rows.append(Row(name))
        return fault_row(_rows[-1], workspace, load=load)

    return begin


def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    """Where nobody asked for this folder or for marks, only the rows marked `faults_ci` run."""
    rows = [item for item in items if item.path.parent == Path(__file__).parent]
    for item in rows:
        item.add_marker(pytest.mark.sandbox)
    if config.option.markexpr or any("faults" in argument for argument in config.args):
        return
    unasked = [item for item in rows if item.get_closest_marker("faults_ci") is None]
    items[:] = [item for item in items if item not in unasked]
    config.hook.pytest_deselected(items=unasked)


def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter) -> None:
    if not _rows:
        return
    terminalreporter.section("fault matrix")
    for line in table(_rows):
        terminalreporter.line(line)
    if path := os.environ.get(JSON_VARIABLE):
        write_json(_rows, Path(path))
