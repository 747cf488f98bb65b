"""Golden files: what the program should say or write, on disk beside what makes it so.

After a change that is meant: `pytest --rewrite-golden`, then read the difference in git before committing it.
"""

from __future__ import annotations

import os
import signal
from pathlib import Path
from typing import TYPE_CHECKING

import hypothesis
import pytest

from jenkinsgen.masks import KNOWN

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

# A shell starts what runs in the background with SIGINT ignored, and children inherit that: tests that send it to
# programs of ours would wait for ever. A handler, unlike "ignore", is not inherited.
signal.signal(signal.SIGINT, signal.default_int_handler)
# nohup does the same to SIGHUP.
if signal.getsignal(signal.SIGHUP) is signal.SIG_IGN:
    signal.signal(signal.SIGHUP, lambda *_: None)

# CI tries the same examples each time: what fails there fails for everybody. A busy machine is no failure.
hypothesis.settings.register_profile("ci", derandomize=True, deadline=None)
hypothesis.settings.register_profile("person", deadline=None)
# For `make unit` (--hypothesis-profile): few examples, others each time.
hypothesis.settings.register_profile("few", deadline=None, max_examples=10)
hypothesis.settings.load_profile("ci" if os.environ.get("CI") else "person")

ROOT = Path(__file__).parent.parent
ON_REAL_PARTS = ("tests/integration/", "tests/faults/")


def pytest_addoption(parser: pytest.Parser) -> None:
    parser.addoption("--rewrite-golden", action="store_true", help="write tests/golden anew from what the code does")


def everyday() -> list[str]:
    """The beginnings of the names of those tests on real parts that `make test` runs."""
    lines = (ROOT / "tests" / "everyday.txt").read_text(encoding="utf-8").splitlines()
    return [f"tests/{line.split()[0]}" for line in lines if line.strip() and not line.startswith("#")]


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Of the tests on real parts, those of the list are for every day; all others are anyway."""
    chosen = everyday()
    for item in items:
        name = item.nodeid
        listed = any(name == each or name.startswith((f"{each}::", f"{each}[")) for each in chosen)
        if listed or not name.startswith(ON_REAL_PARTS):
            item.add_marker(pytest.mark.everyday)


@pytest.fixture
def golden(request: pytest.FixtureRequest) -> Callable[[Path, str], None]:
    """Compares a text with the file that holds what it should be."""

    def compare(path: Path, actual: str) -> None:
        if request.config.getoption("--rewrite-golden"):
            path.write_text(actual, encoding="utf-8")
        assert path.is_file(), f"{path} is missing; pytest --rewrite-golden writes it"
        assert actual == path.read_text(encoding="utf-8")

    return compare


@pytest.fixture(autouse=True)
def _no_secret_of_another_test() -> Iterator[None]:
    """What one test hides would be hidden in all that follow: the list is the process's."""
    yield
    KNOWN.__init__()  # type: ignore[misc]


@pytest.fixture(autouse=True)
def _no_signal_of_another_test() -> Iterator[None]:
    """A command that ends ignores signals from then on; run in a test's own process, in all tests that follow."""
    before = {each: signal.getsignal(each) for each in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP)}
    yield
    for each, handler in before.items():
        signal.signal(each, handler)


@pytest.fixture
def root() -> Path:
    """The top level of the checkout."""
    return ROOT


def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter) -> None:
    """Nobody overlooks what this machine could not run."""
    skipped = terminalreporter.stats.get("skipped", [])
    if skipped:
        terminalreporter.section(f"NOT RUN ON THIS MACHINE: {len(skipped)} tests", red=True)
        for report in skipped:
            terminalreporter.line(report.nodeid)
