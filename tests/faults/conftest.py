"""The fault matrix: each test is a row. `make faults` runs them all and prints the table.

    def test_the_registry_is_down_at_push(fault: Rows):
        with fault("registry down at push") as row:
            row.build()
            with no_registry(row.sandbox):
                row.ends("build-image", 5, "cannot be pushed", hint="can the registry be reached")

The `with` block begins when a release serves and the load of the demo runs. When it ends, a whole build must go well,
and then are checked: no failed request, never two versions at once, no order lost or handled twice, no container,
file or tag left. With `load=False` nobody sends requests. The next row begins with the release that this one left,
unless a row is `alone`: that begins on bare servers, and so does the one after it, and one with another `strategy`.
"""

from __future__ import annotations

import os
from pathlib import Path
from typing import TYPE_CHECKING, Protocol

import pytest
from fault_row import Fault, Matrix, table
from sandbox_workspace import check_out, sandbox
from strategies import BLUE_GREEN

if TYPE_CHECKING:
    from contextlib import AbstractContextManager

    from strategies import Strategy

    from jenkinsgen.sandbox import Sandbox

__all__ = ["Fault", "Rows", "sandbox"]

JSON_VARIABLE = "FAULTS_JSON"
MATRIX = pytest.StashKey[Matrix]()


class Rows(Protocol):
    def __call__(
        self, name: str, *, load: bool = True, alone: bool = False, strategy: Strategy = BLUE_GREEN
    ) -> AbstractContextManager[Fault]: ...


@pytest.fixture(scope="session")
def matrix(pytestconfig: pytest.Config, sandbox: Sandbox, tmp_path_factory: pytest.TempPathFactory) -> Matrix:
    """All rows of this run."""
    path = os.environ.get(JSON_VARIABLE)
    made = Matrix(check_out(sandbox, tmp_path_factory.mktemp("faults") / "workspace"), Path(path) if path else None)
    pytestconfig.stash[MATRIX] = made
    return made


@pytest.fixture
def fault(matrix: Matrix) -> Rows:
    """Begins a row of the matrix."""

    def begin(
        name: str, *, load: bool = True, alone: bool = False, strategy: Strategy = BLUE_GREEN
    ) -> AbstractContextManager[Fault]:
        return matrix.row(name, load=load, alone=alone, strategy=strategy)

    return begin


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    here = Path(__file__).parent
    for item in items:
        if item.path.parent == here:
            item.add_marker(pytest.mark.sandbox)


def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter, config: pytest.Config) -> None:
    matrix = config.stash.get(MATRIX, None)
    if matrix is None:
        return
    terminalreporter.section("fault matrix")
    for line in table(matrix.rows):
        terminalreporter.line(line)
